import { openCard } from '/js/card.js';
import { el } from '/js/dom.js';
import { day, money, t } from '/js/texts.js';

/** A deal on the board; it can be dragged, and its title opens it, by default as a card over the board. */
export function tile(deal, color, opens = () => openCard(deal.id)) {
  const open = (event) => {
    event.preventDefault();
    opens();
  };
  const lift = (event) => {
    event.dataTransfer.setData('text/deal', String(deal.id));
    event.dataTransfer.effectAllowed = 'move';
    node.classList.add('flying');
  };
  const node = el(
    'article',
    { class: 'tile', draggable: 'true', 'data-deal': deal.id, style: { '--stage': color }, ondragstart: lift, ondragend: () => node.classList.remove('flying') },
    el('a', { href: `/crm/deal/details/${deal.id}/`, draggable: 'false', onclick: open }, deal.title),
    el('div', { class: 'amount' }, money(deal.amount, deal.currency)),
    el('div', { class: 'who' }, deal.contact || deal.company),
    deal.badges.map(badge),
    el('div', { class: 'foot' }, el('span', {}, deal.assigned), el('span', {}, day(deal.created))),
    deal.open_acts ? el('div', { class: 'who' }, t('open_acts', { count: deal.open_acts })) : null,
  );
  return node;
}

/** A label that an application has put on a deal. */
export function badge({ title, value, type }) {
  const kind = ['success', 'failure'].includes(type) ? type : '';
  return el('span', { class: `badge ${kind}` }, el('span', {}, named(title)), el('b', {}, named(value)));
}

/** A label's text, which may come in several languages. */
function named(text) {
  if (text && typeof text === 'object') return text[document.documentElement.lang] || Object.values(text)[0] || '';
  return text || '';
}
