import { get, patch, post, remove } from '/js/api.js';
import { composer } from '/js/composer.js';
import { about, client, moneyPanel } from '/js/card_panels.js';
import { el, fill } from '/js/dom.js';
import { showApp, sweep } from '/js/frame.js';
import { openSlider } from '/js/slider.js';
import { funnelOf, places, store } from '/js/store.js';
import { moment, spoken, t } from '/js/texts.js';
import { timeline } from '/js/timeline.js';
import { toast, trying } from '/js/toast.js';

const open = new Set();
const TAB = 'CRM_DEAL_DETAIL_TAB';

/** A deal's card in a slider. `closed` is called once it is shut. */
export async function openCard(dealId, closed = () => {}) {
  const deal = await trying(() => get(`/deals/${dealId}`));
  if (!deal) return;
  const back = location.pathname;
  const address = `/crm/deal/details/${dealId}/`;
  const slider = openSlider(deal.title, {
    closed: (result) => {
      open.delete(card);
      sweep();
      if (location.pathname === address) history.replaceState(null, '', back === address ? `/crm/deal/kanban/category/${card.deal.category_id}/` : back);
      closed(result);
    },
  });
  if (back !== address) history.pushState(null, '', address);
  const card = { deal, slider, tab: 'general', body: el('div', {}), head: el('div', { class: 'rows' }), tabs: el('div', { class: 'tabs', role: 'tablist' }) };
  open.add(card);
  slider.sheet.append(el('div', { class: 'card' }, card.head, card.tabs, card.body));
  drawHead(card);
  drawTabs(card);
  drawBody(card);
}

const update = (card, deal) => {
  if (!deal) return;
  card.deal = deal;
  drawHead(card);
  if (card.tab === 'general' || card.tab === 'history') drawBody(card);
};

async function reload(card) {
  const deal = await trying(() => get(`/deals/${card.deal.id}`));
  update(card, deal);
}

/** Do something with the card's deal; the answer is the fresh card. */
async function doing(card, run) {
  const deal = await trying(run);
  update(card, deal);
  return Boolean(deal);
}

function drawHead(card) {
  const { deal } = card;
  const rename = (event) => doing(card, () => patch(`/deals/${deal.id}`, { title: event.target.value.replace(/\s+/g, ' ').trim() }));
  const leave = (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    event.target.blur();
  };
  const drop = async () => {
    if (!window.confirm(t('delete_sure'))) return;
    if (await trying(() => remove(`/deals/${deal.id}`))) {
      card.slider.close();
      toast(t('deleted'));
    }
  };
  const stages = funnelOf(deal.category_id)?.stages || [];
  const reached = stages.findIndex((stage) => stage.id === deal.stage_id);
  const buttons = stages.map((stage, index) => {
    const move = () => doing(card, () => post(`/deals/${deal.id}/move`, { stage_id: stage.id }));
    const now = stage.id === deal.stage_id ? 'step' : null;
    return el('button', { type: 'button', class: index < reached ? 'past' : '', 'aria-current': now, 'data-stage': stage.id, style: { '--stage': stage.color }, onclick: move }, stage.name);
  });
  fill(
    card.head,
    el(
      'div',
      { class: 'head' },
      el('textarea', { class: 'name', rows: 1, value: deal.title, 'aria-label': t('title'), onchange: rename, onkeydown: leave }),
      toolbar(card),
      otherFunnel(card),
      el('button', { class: 'button danger', type: 'button', onclick: drop }, t('delete')),
    ),
    el('div', { class: 'stages', role: 'group', 'aria-label': t('stage') }, buttons),
  );
}

/** What applications have put into the card's own bar: each opens in a slider. */
function toolbar(card) {
  return places('CRM_DEAL_DETAIL_TOOLBAR').map(({ app, place }) => {
    const name = place.titles[spoken()] || place.title;
    const open = () => {
      const slider = openSlider(name, { closed: sweep });
      const host = el('div', { class: 'card app-page' });
      slider.sheet.append(host);
      const options = { ID: String(card.deal.id) };
      showApp(host, { clientId: app.client_id, placement: place.code, handler: place.handler, options, title: name, close: () => slider.close(), reload: () => reload(card) });
    };
    return el('button', { class: 'button', type: 'button', onclick: open }, name);
  });
}

function otherFunnel(card) {
  const change = (event) => {
    const funnel = funnelOf(Number(event.target.value));
    doing(card, () => post(`/deals/${card.deal.id}/move`, { stage_id: funnel.stages[0].id }));
  };
  const options = store.funnels.map((funnel) => el('option', { value: funnel.id }, funnel.name));
  return el('label', {}, el('span', { class: 'hidden-text' }, t('funnel')), el('select', { class: 'field', value: card.deal.category_id, onchange: change }, options));
}

function drawTabs(card) {
  const own = places(TAB).map(({ app, place }) => ({ id: `${app.client_id}|${place.handler}`, name: place.titles[spoken()] || place.title, app, place }));
  const all = [{ id: 'general', name: t('general') }, ...own, { id: 'history', name: t('history') }];
  const buttons = all.map((tab) => {
    const choose = () => {
      card.tab = tab.id;
      card.chosen = tab;
      drawTabs(card);
      drawBody(card);
    };
    return el('button', { type: 'button', role: 'tab', 'aria-selected': String(card.tab === tab.id), onclick: choose }, tab.name);
  });
  fill(card.tabs, buttons);
}

function drawBody(card) {
  if (card.tab === 'general') {
    const act = (run) => doing(card, run);
    const left = el('div', {}, about(card.deal, act), client(card.deal), moneyPanel(card.deal, act));
    fill(card.body, el('div', { class: 'halves' }, left, el('div', {}, composer(card.deal, act), timeline(card.deal, act))));
  } else if (card.tab === 'history') {
    fill(card.body, history_(card.deal));
  } else {
    const { app, place, name } = card.chosen;
    const host = el('div', { class: 'app-tab' });
    fill(card.body, host);
    showApp(host, { clientId: app.client_id, placement: place.code, handler: place.handler, options: { ID: String(card.deal.id) }, title: name, reload: () => reload(card) });
  }
}

const KINDS = { 1: 'h_created', 2: 'h_moved', 3: 'h_finished', 5: 'h_category' };

function history_(deal) {
  const rows = deal.history.map((row) => el('tr', {}, el('td', {}, moment(row.at)), el('td', {}, row.stage), el('td', {}, t(KINDS[row.type] || ''))));
  return el('div', { class: 'panel' }, el('h2', {}, t('history')), el('table', {}, el('tbody', {}, rows)));
}

/** A change that the portal told of: open cards of that deal are drawn anew. */
export function cardsHear(change) {
  for (const card of open) {
    if (card.deal.id !== change.deal_id) continue;
    if (change.deal) reload(card);
    else card.slider.close();
  }
}
