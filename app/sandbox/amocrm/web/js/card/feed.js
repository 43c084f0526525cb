import { fill, h } from '../dom.js';
import { dateInWords, t } from '../i18n.js';
import { feedRow } from './feed_rows.js';

const SHOWN_FIRST = 40;

function dayOf(seconds) {
  return dateInWords(seconds, { day: 'numeric', month: 'long', year: 'numeric' });
}

function timeOf(seconds) {
  return dateInWords(seconds, { hour: '2-digit', minute: '2-digit' });
}

/** What happened to the lead, newest first, by days; rows that are new since the last drawing light up. */
export class Feed {
  constructor() {
    this.list = h('div', { class: 'feed__days', 'aria-live': 'polite' });
    this.node = h('section', { class: 'feed', 'aria-label': t('feedTitle') }, this.list);
    this.known = null;
    this.limit = SHOWN_FIRST;
  }

  update(rows) {
    this.rows = rows;
    const newest = [...rows].reverse();
    const shown = newest.slice(0, this.limit);
    fill(this.list, rows.length ? this.days(shown) : h('p', { class: 'muted' }, t('feedEmpty')), this.earlier(newest.length - shown.length));
    this.known = new Set(rows.map((row) => String(row.id)));
  }

  days(rows) {
    const groups = new Map();
    for (const row of rows) groups.set(dayOf(row.at), [...(groups.get(dayOf(row.at)) || []), row]);
    return [...groups].map(([day, list]) => h('div', {}, h('h3', { class: 'feed__day' }, day), h('ul', {}, list.map((row) => this.row(row)))));
  }

  row(row) {
    const node = feedRow(row, timeOf(row.at));
    if (this.known && !this.known.has(String(row.id))) node.classList.add('event--new');
    return node;
  }

  earlier(count) {
    if (count <= 0) return null;
    return h('button', { type: 'button', class: 'bare', on: { click: () => {
      this.limit = Infinity;
      this.update(this.rows);
    } } }, t('feedEarlier', { count }));
  }
}
