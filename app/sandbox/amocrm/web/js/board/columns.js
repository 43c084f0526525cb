import { get } from '../api.js';
import { fill, h } from '../dom.js';
import { money, t } from '../i18n.js';
import { drawTile } from './tile.js';

export const PAGE = 30;
const CLOSED = [142, 143];

/** The columns of a board: what they hold, and how they are drawn. `onMenu(lead, button)` asks where to move. */
export class Columns {
  constructor(stages, pipelineId, onMenu) {
    this.pipelineId = pipelineId;
    this.onMenu = onMenu;
    this.marks = new Map();
    this.byId = new Map(stages.map((stage) => [stage.id, { ...stage }]));
    this.element = h('div', { class: 'columns', id: 'columns' });
    for (const column of this.byId.values()) this.element.append(this.drawColumn(column));
  }

  drawColumn(column) {
    column.head = h('span', { class: 'column__total' });
    column.list = h('ul', { class: 'column__body', 'aria-label': column.name });
    const section = h('section', { class: 'column', data: { status: column.id, type: column.type }, style: { '--stage': column.color } },
      h('header', { class: 'column__head' }, h('h2', { class: 'column__name' }, column.name), column.head), column.list);
    column.list.addEventListener('scroll', () => {
      if (column.list.scrollTop + column.list.clientHeight > column.list.scrollHeight - 400) this.loadMore(column);
    });
    this.redraw(column);
    return section;
  }

  redraw(column) {
    column.head.textContent = `${t('dealsCount', { n: column.total })} · ${money(column.sum)}`;
    const focused = column.list.contains(document.activeElement) ? document.activeElement.closest('li')?.dataset.lead : null;
    const { scrollTop } = column.list;
    const tiles = column.leads.map((lead) => this.tile(lead));
    fill(column.list, tiles, tiles.length ? null : h('li', { class: 'column__empty' }, t('emptyStage')), this.moreButton(column));
    column.list.scrollTop = scrollTop;
    if (focused) this.tileOf(Number(focused))?.querySelector('.tile__move').focus();
  }

  tile(lead) {
    const item = drawTile(lead, (button) => this.onMenu(lead, button));
    if (this.marks.has(lead.id)) this.show(item.firstChild, this.marks.get(lead.id));
    return item;
  }

  moreButton(column) {
    const left = column.total - column.leads.length;
    if (left <= 0) return null;
    return h('li', {}, h('button', { class: 'column__more', type: 'button', on: { click: () => this.loadMore(column) } }, t('showMore', { n: Math.min(left, PAGE) })));
  }

  async loadMore(column) {
    if (column.loading || column.leads.length >= column.total) return;
    column.loading = true;
    try {
      const more = await get(`/sandbox/api/board/${this.pipelineId}/${column.id}?offset=${column.leads.length}&limit=${PAGE}`);
      const known = new Set(column.leads.map((lead) => lead.id));
      column.leads.push(...more.leads.filter((lead) => !known.has(lead.id)));
      column.total = more.total;
      column.sum = more.sum;
    } finally {
      column.loading = false;
    }
    this.redraw(column);
  }

  find(leadId) {
    for (const column of this.byId.values()) {
      const lead = column.leads.find((each) => each.id === leadId);
      if (lead) return { column, lead };
    }
    return null;
  }

  /** Mark a lead with a few words, which survive later changes of it; empty words take the mark away. */
  mark(leadId, words) {
    if (words) this.marks.set(leadId, words);
    else this.marks.delete(leadId);
    const tile = this.tileOf(leadId);
    if (tile) this.show(tile, words);
  }

  show(tile, words) {
    tile.classList.toggle('tile--returned', Boolean(words));
    tile.dataset.why = words;
  }

  tileOf(leadId) {
    return this.element.querySelector(`li[data-lead="${leadId}"] .tile`);
  }

  /** Take a lead off the board; `statusId` is where it stood when its tile is not loaded. */
  take(leadId, statusId, price) {
    const found = this.find(leadId);
    const column = found?.column || this.byId.get(statusId);
    if (!column) return;
    column.leads = column.leads.filter((lead) => lead.id !== leadId);
    column.total -= 1;
    column.sum -= found ? found.lead.price : price;
    this.redraw(column);
  }

  /** Put a lead on top of its stage's column. */
  put(lead) {
    const column = this.byId.get(lead.status_id);
    if (!column) return;
    column.leads.unshift(lead);
    column.total += 1;
    column.sum += lead.price;
    this.redraw(column);
  }

  /** The same lead in the same column with other words on it. */
  renew(lead) {
    const found = this.find(lead.id);
    if (!found) return;
    found.column.sum += lead.price - found.lead.price;
    found.column.leads.splice(found.column.leads.indexOf(found.lead), 1, lead);
    this.redraw(found.column);
  }

  /** How many leads are open here, and what they are worth. */
  totals() {
    const columns = [...this.byId.values()].filter((column) => !CLOSED.includes(column.id));
    return { n: columns.reduce((n, c) => n + c.total, 0), sum: columns.reduce((n, c) => n + c.sum, 0) };
  }
}
