import { get } from '../api.js';
import { fill, h } from '../dom.js';
import { money, t } from '../i18n.js';
import { drawTile } from './tile.js';

export const PAGE = 30;
const CLOSED = [142, 143];
const ENTRY = 1;
const NEAR_END_PX = 400;

/**
 * The columns of a board: what they hold, and how they are drawn. `onMenu(lead, button)` asks where to move.
 * A change touches its own tile and no other, so that a board with thousands of leads stays quick.
 */
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
    column.tail = h('li', { class: 'column__tail' });
    column.list = h('ul', { class: 'column__body', 'aria-label': column.name }, column.leads.map((lead) => this.tile(lead)), column.tail);
    column.list.addEventListener('scroll', () => {
      if (column.list.scrollTop + column.list.clientHeight > column.list.scrollHeight - NEAR_END_PX) this.loadMore(column);
    });
    this.refresh(column);
    return h('section', { class: 'column', data: { status: column.id, type: column.type }, style: { '--stage': column.color } },
      h('header', { class: 'column__head' }, h('h2', { class: 'column__name' }, column.name), column.head), column.list);
  }

  /** The column's sums and what stands under its last tile. */
  refresh(column) {
    column.head.textContent = `${t('dealsCount', { n: column.total })} · ${money(column.sum)}`;
    const left = column.total - column.leads.length;
    if (left > 0) this.offerMore(column, Math.min(left, PAGE));
    else fill(column.tail, column.leads.length ? null : h('p', { class: 'column__empty' }, t(column.type === ENTRY ? 'emptyEntry' : 'emptyStage')));
  }

  /** The button stays the same one, so that whoever presses it again and again keeps it under his finger. */
  offerMore(column, n) {
    column.more ||= h('button', { class: 'column__more', type: 'button', on: { click: () => this.loadMore(column) } });
    column.more.textContent = t('showMore', { n });
    if (column.more.parentNode !== column.tail) fill(column.tail, column.more);
  }

  tile(lead) {
    const item = drawTile(lead, (button) => this.onMenu(lead, button));
    if (this.marks.has(lead.id)) show(item.firstChild, this.marks.get(lead.id));
    return item;
  }

  async loadMore(column) {
    if (column.loading || column.leads.length >= column.total) return;
    column.loading = true;
    try {
      const more = await get(`/sandbox/api/board/${this.pipelineId}/${column.id}?offset=${column.leads.length}&limit=${PAGE}`);
      const known = new Set(column.leads.map((lead) => lead.id));
      const fresh = more.leads.filter((lead) => !known.has(lead.id));
      column.leads.push(...fresh);
      column.tail.before(...fresh.map((lead) => this.tile(lead)));
      column.total = more.total;
      column.sum = more.sum;
    } finally {
      column.loading = false;
    }
    this.refresh(column);
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
    if (tile) show(tile, words);
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
    this.tileOf(leadId)?.closest('li').remove();
    this.refresh(column);
  }

  /** Put a lead on top of its stage's column. */
  put(lead) {
    const column = this.byId.get(lead.status_id);
    if (!column) return;
    column.leads.unshift(lead);
    column.total += 1;
    column.sum += lead.price;
    column.list.prepend(this.tile(lead));
    this.refresh(column);
  }

  /** The same lead in the same column with other words on it. */
  renew(lead) {
    const found = this.find(lead.id);
    if (!found) return;
    found.column.sum += lead.price - found.lead.price;
    found.column.leads.splice(found.column.leads.indexOf(found.lead), 1, lead);
    // The tile itself stays: a person may be dragging it just now.
    const tile = this.tileOf(lead.id);
    const hadFocus = tile.contains(document.activeElement);
    tile.replaceChildren(...this.tile(lead).firstChild.childNodes);
    if (hadFocus) tile.querySelector('.tile__move').focus();
    this.refresh(found.column);
  }

  /** How many leads are open here, and what they are worth. */
  totals() {
    const columns = [...this.byId.values()].filter((column) => !CLOSED.includes(column.id));
    return { n: columns.reduce((n, c) => n + c.total, 0), sum: columns.reduce((n, c) => n + c.sum, 0) };
  }

  /** On a screen that shows one column at a time, begin with one that has leads. */
  showFirstFilled() {
    const first = this.element.querySelector('.column:has(li[data-lead])');
    if (first && this.element.clientWidth < first.offsetWidth * 1.5) first.scrollIntoView({ inline: 'start', block: 'nearest' });
  }
}

function show(tile, words) {
  tile.classList.toggle('tile--returned', Boolean(words));
  tile.querySelector('.tile__why')?.remove();
  if (words) tile.append(h('p', { class: 'tile__why' }, words));
}
