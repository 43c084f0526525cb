import { get } from '../api.js';
import { fill, h } from '../dom.js';
import { getLang, money, t } from '../i18n.js';
import { attempt } from '../toast.js';
import { tile } from './tile.js';

export const PAGE = 30;

/** One stage with its cards; more of them are read when the end comes into view. */
export class Column {
  constructor(pipelineId, stage, onMenu) {
    this.pipelineId = pipelineId;
    this.stage = stage;
    this.onMenu = onMenu;
    this.total = h('span', { class: 'column__total' });
    this.list = h('ul', { class: 'column__body' });
    this.more = h('button', { class: 'column__more bare', type: 'button', on: { click: () => this.readMore() } }, t('showMore'));
    this.empty = h('li', { class: 'column__empty' }, t('noLeadsHere'));
    this.node = h('section', { class: 'column', 'aria-label': stage.name, data: { status: stage.id }, style: { '--stage': stage.color } },
      h('div', { class: 'column__head' }, h('h2', { class: 'column__name' }, stage.name), this.total), this.list);
    this.watcher = new IntersectionObserver((seen) => { if (seen.some((item) => item.isIntersecting)) this.readMore(); }, { root: this.list, rootMargin: '300px' });
    this.add(stage.leads);
    this.setTotals(stage);
  }

  tiles() {
    return [...this.list.querySelectorAll('.tile')];
  }

  /** Cards that are not here yet, at the end. */
  add(leads) {
    const known = new Set(this.tiles().map((node) => node.dataset.lead));
    const fresh = leads.filter((lead) => !known.has(String(lead.id)));
    this.list.append(...fresh.map((lead) => tile(lead, (button) => this.onMenu(lead, button))));
    this.settle();
  }

  /** A card that changed just now: on top, as the newest. */
  put(lead) {
    const node = tile(lead, (button) => this.onMenu(lead, button));
    this.list.prepend(node);
    this.settle();
    return node;
  }

  setTotals({ total, sum }) {
    this.count = total;
    fill(this.total, t('leadsInAll', { n: total, count: new Intl.NumberFormat(getLang()).format(total) }), sum ? `: ${money(sum)}` : '');
    this.settle();
  }

  /** Keep the last row right: an invitation in an empty stage, a button while there is more. */
  settle() {
    const shown = this.tiles().length;
    this.empty.remove();
    this.more.remove();
    this.watcher.disconnect();
    if (!shown) this.list.append(this.empty);
    if (shown && shown < this.count) {
      this.list.append(this.more);
      this.watcher.observe(this.more);
    }
  }

  readMore() {
    this.reading ||= attempt(async () => {
      const path = `/sandbox/api/board/${this.pipelineId}/${this.stage.id}`;
      const page = await get(`${path}?offset=${this.tiles().length}&limit=${PAGE}`);
      this.count = page.leads.length ? page.total : this.tiles().length;
      this.add(page.leads);
    }).finally(() => { this.reading = null; });
    return this.reading;
  }

  close() {
    this.watcher.disconnect();
  }
}
