import { get, remove } from '../api.js';
import { robotMove, robotName } from '../board/moving.js';
import { fill, h } from '../dom.js';
import { t } from '../i18n.js';
import { openDialog, openMenu } from '../overlay.js';
import { state } from '../state.js';
import { onChange, onState, readSettled } from '../stream.js';
import { attempt, toast } from '../toast.js';
import { enterArea } from '../widgets/runtime.js';
import { actor, actsPanel } from './acts.js';
import { composer, Tasks } from './composer.js';
import { openNewCard } from './create.js';
import { Details } from './details.js';
import { Feed } from './feed.js';
import { widgetColumn } from './widgets.js';

const REREAD_MS = 150;
const PHONE_PX = 700;

/** A lead: its data on the left, what happened in the middle, widgets on the right. `#/leads/12` */
export async function openCard(holder, { id }, current) {
  if (id === '0') {
    await openNewCard(holder);
    return undefined;
  }
  const card = await readSettled(() => get(`/sandbox/api/leads/${id}`), (change) => change.lead_id === Number(id));
  if (!current()) return undefined;
  const page = new CardPage(holder, card);
  const stops = [onChange((change) => page.apply(change)), onState((now) => { if (now === 'again') page.reread(); })];
  await enterArea({ area: 'lcard', page: 'leads_card', card: { id: card.id, values: valuesOf(card) }, panel: page.panel });
  return () => {
    stops.forEach((stop) => stop());
    page.close();
  };
}

/** The card as widgets read it from the unsaved model. */
function valuesOf(card) {
  return { ID: card.id, 'lead[NAME]': card.name, 'lead[PRICE]': card.price, 'lead[STATUS]': card.status_id, 'lead[PIPELINE_ID]': card.pipeline_id };
}

class CardPage {
  constructor(holder, card) {
    this.card = card;
    this.timer = 0;
    state.card = card;
    const show = (fresh) => this.show(fresh);
    const act = actor(card.id, show);
    this.details = new Details(card, act, show, () => this.reread());
    this.feed = new Feed();
    this.tasks = new Tasks(show);
    const widgets = widgetColumn();
    this.panel = widgets.querySelector('.widgets__list');
    const middle = h('div', { class: 'middle' }, actsPanel(() => this.card, act), composer(act), this.tasks.node, this.feed.node);
    this.node = h('div', { class: 'card', data: { lead: card.id } }, this.head(), this.details.node, middle, widgets);
    fill(holder, this.node);
    this.choose(innerWidth < PHONE_PX ? 'widgets' : 'feed');
    this.show(card);
  }

  head() {
    const panes = [['lead', 'paneLead'], ['feed', 'feedTitle'], ['widgets', 'paneWidgets']];
    const tabs = panes.map(([pane, key]) => h('button', { type: 'button', data: { pane }, on: { click: () => this.choose(pane) } }, t(key)));
    this.tabs = h('div', { class: 'panes', role: 'group', 'aria-label': t('panes') }, tabs);
    const more = h('button', { class: 'bare', type: 'button', 'aria-haspopup': 'menu', 'aria-label': t('more'), on: { click: () => openMenu(more, t('more'), [{ label: t('deleteLead'), run: () => this.askDelete() }]) } }, '⋯');
    return h('header', { class: 'card__head' }, h('a', { href: '#/leads' }, `← ${t('toBoard')}`), h('span', { class: 'muted small' }, `№ ${this.card.id}`), more, this.tabs);
  }

  choose(pane) {
    this.node.dataset.pane = pane;
    for (const tab of this.tabs.children) tab.setAttribute('aria-pressed', String(tab.dataset.pane === pane));
  }

  show(card) {
    this.card = card;
    state.card = card;
    this.details.update(card);
    this.tasks.update(card.tasks);
    this.feed.update(card.feed);
  }

  apply(change) {
    if (change.lead_id !== this.card.id) return;
    if (!change.lead) {
      toast(t('deleted'));
      location.hash = '#/leads';
      return;
    }
    const robot = robotMove(change);
    if (robot) {
      this.details.flash();
      toast(t(robot.back ? 'movedBack' : 'movedBy', { who: robotName(), stage: robot.stage }), 'robot');
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.reread(), REREAD_MS);
  }

  async reread() {
    const asked = (this.asked = {});
    const card = await get(`/sandbox/api/leads/${this.card.id}`).catch(() => null);
    // An answer that was overtaken by a later question may be older than what is shown.
    if (card && asked === this.asked && this.node.isConnected) this.show(card);
  }

  askDelete() {
    openDialog(t('deleteLead'), (close) => h('div', {}, h('p', {}, t('deleteSure', { name: this.card.name || t('noName') })),
      h('div', { class: 'dialog__foot' }, h('button', { type: 'button', on: { click: close } }, t('cancel')),
        h('button', { class: 'danger', type: 'button', on: { click: async () => {
          close();
          await attempt(() => remove(`/sandbox/api/leads/${this.card.id}`));
        } } }, t('deleteLead')))));
  }

  close() {
    clearTimeout(this.timer);
    state.card = null;
  }
}
