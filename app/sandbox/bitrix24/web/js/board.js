import { get, post } from '/js/api.js';
import { openNewDeal } from '/js/new_deal.js';
import { el, fill } from '/js/dom.js';
import { go } from '/js/pages.js';
import { drawBar } from '/js/shell.js';
import { showApp, sweep } from '/js/frame.js';
import { openSlider } from '/js/slider.js';
import { places, store } from '/js/store.js';
import { money, spoken, t } from '/js/texts.js';
import { tile } from '/js/tile.js';
import { trying } from '/js/toast.js';

const TOOLBARS = ['CRM_DEAL_LIST_TOOLBAR', 'CRM_FUNNELS_TOOLBAR'];
const PUSHED = { api: 'moved_by_app', robot: 'moved_by_robot' };
const pushed = new Map(); // whose last move it was, by deal, as long as the page is open
let current = null;

/** The kanban of one funnel. */
export async function showBoard(categoryId) {
  current = categoryId;
  const answer = await get(`/board/${categoryId}`);
  const pick = el(
    'select',
    { class: 'field', id: 'funnel', value: categoryId, onchange: (event) => go(`/crm/deal/kanban/category/${event.target.value}/`) },
    store.funnels.map((funnel) => el('option', { value: funnel.id }, funnel.name)),
  );
  const create = el('button', { class: 'button main', type: 'button', id: 'create', onclick: () => openNewDeal(current) }, t('create'));
  drawBar(t('deals'), create, ownButtons(), el('label', {}, el('span', { class: 'hidden-text' }, t('funnel')), pick));
  fill(document.getElementById('page'), el('div', { class: 'board', id: 'board' }, answer.stages.map(column)));
}

/** What applications have put into the bars of the deals and of their funnels. */
function ownButtons() {
  return TOOLBARS.flatMap(places).map(({ app, place }) => {
    const name = place.titles[spoken()] || place.title;
    const open = () => {
      const slider = openSlider(name, { closed: sweep });
      const host = el('div', { class: 'card app-page' });
      slider.sheet.append(host);
      showApp(host, { clientId: app.client_id, placement: place.code, handler: place.handler, title: name, close: () => slider.close() });
    };
    return el('button', { class: 'button', type: 'button', onclick: open }, name);
  });
}

function column(stage) {
  const cards = el('div', { class: 'cards' }, stage.deals.map((deal) => tile(deal, stage.color)));
  const node = el(
    'section',
    { class: 'column', 'data-stage': stage.id, 'aria-label': stage.name, style: { '--stage': stage.color } },
    el('header', {}, el('h2', {}, stage.name), el('span', { class: 'count' }, String(stage.total))),
    el('div', { class: 'sum' }, money(stage.sum, 'RUB')),
    cards,
  );
  more(node, cards, stage, stage.deals.length);
  takeDrops(node, stage);
  return node;
}

function more(node, cards, stage, shown) {
  if (shown >= stage.total) return;
  const load = async () => {
    const next = await trying(() => get(`/board/${current}/${encodeURIComponent(stage.id)}?offset=${shown}`));
    if (!next) return;
    button.remove();
    cards.append(...next.deals.map((deal) => tile(deal, stage.color)));
    more(node, cards, stage, shown + next.deals.length);
  };
  const button = el('button', { class: 'button quiet more', type: 'button', onclick: load }, t('more'));
  cards.append(button);
}

function takeDrops(node, stage) {
  const over = (on) => node.classList.toggle('over', on);
  node.addEventListener('dragover', (event) => {
    if (!event.dataTransfer.types.includes('text/deal')) return;
    event.preventDefault();
    over(true);
  });
  node.addEventListener('dragleave', (event) => !node.contains(event.relatedTarget) && over(false));
  node.addEventListener('drop', async (event) => {
    event.preventDefault();
    over(false);
    const dealId = Number(event.dataTransfer.getData('text/deal'));
    if (dealId) await trying(() => post(`/deals/${dealId}/move`, { stage_id: stage.id }));
  });
}

/** A change that the portal told of: its tile moves, changes or goes. */
export function boardHears(change) {
  const board = document.getElementById('board');
  if (!board) return;
  const old = board.querySelector(`.tile[data-deal="${change.deal_id}"]`);
  const before = old?.closest('.column');
  const deal = change.deal;
  const target = deal && deal.category_id === current ? board.querySelector(`.column[data-stage="${CSS.escape(deal.stage_id)}"]`) : null;
  if (before !== target) pushed.set(change.deal_id, change.origin);
  const fresh = target && tile(deal, getComputedStyle(target).getPropertyValue('--stage'));
  const mark = PUSHED[pushed.get(change.deal_id)];
  if (fresh && mark) fresh.append(el('div', { class: 'by-app' }, t(mark)));
  if (old && before === target) old.replaceWith(fresh);
  else {
    old?.remove();
    if (fresh) {
      fresh.classList.add('moved');
      target.querySelector('.cards').prepend(fresh);
    }
  }
  for (const [node, step] of [[before, -1], [target, 1]]) {
    const count = node && before !== target ? node.querySelector('.count') : null;
    if (count) count.textContent = String(Math.max(0, Number(count.textContent) + step));
  }
}

