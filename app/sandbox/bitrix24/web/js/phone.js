/**
 * A deal as the vendor's mobile application shows it: its labels, its stage and its timeline. Applications have no
 * pages there: what they say is a label and an entry of the timeline.
 */
import { get, post } from '/js/api.js';
import { el, fill } from '/js/dom.js';
import { go } from '/js/pages.js';
import { drawBar } from '/js/shell.js';
import { funnelOf, store } from '/js/store.js';
import { money, t } from '/js/texts.js';
import { badge, tile } from '/js/tile.js';
import { timeline } from '/js/timeline.js';
import { trying } from '/js/toast.js';

const LIST = '/crm/mobile/';
const seen = { category: 0, stage: '', deal: 0 };

/** The deals of one stage, one below another. */
export async function showPhone() {
  seen.deal = 0;
  if (!funnelOf(seen.category)) seen.category = store.funnels[0].id;
  const { stages } = await get(`/board/${seen.category}`);
  const chosen = stages.find((stage) => stage.id === seen.stage) || stages.find((stage) => stage.total) || stages[0];
  seen.stage = chosen.id;
  const turn = (change) => Object.assign(seen, change) && showPhone();
  const funnels = el(
    'select',
    { class: 'field', value: seen.category, 'aria-label': t('funnel'), onchange: (event) => turn({ category: Number(event.target.value), stage: '' }) },
    store.funnels.map((funnel) => el('option', { value: funnel.id }, funnel.name)),
  );
  const chips = stages.map((stage) =>
    el('button', { type: 'button', class: 'chip', 'aria-pressed': String(stage.id === chosen.id), style: { '--stage': stage.color }, onclick: () => turn({ stage: stage.id }) }, `${stage.name} ${stage.total}`),
  );
  const tiles = chosen.deals.map((deal) => tile(deal, chosen.color, () => go(`${LIST}deal/${deal.id}/`)));
  draw(el('header', {}, el('h2', {}, t('deals')), funnels), el('div', { class: 'chips' }, chips), el('div', { class: 'list' }, tiles.length ? tiles : el('p', { class: 'empty' }, t('nothing'))));
}

/** One deal with what has happened around it. */
export async function showPhoneDeal(dealId) {
  seen.deal = dealId;
  const deal = await get(`/deals/${dealId}`);
  const act = async (run) => {
    await trying(run);
    await showPhoneDeal(dealId);
  };
  const stages = funnelOf(deal.category_id).stages;
  const color = stages.find((stage) => stage.id === deal.stage_id)?.color || '';
  const move = (event) => act(() => post(`/deals/${dealId}/move`, { stage_id: event.target.value }));
  const pick = el('select', { class: 'field stage-now', value: deal.stage_id, 'aria-label': t('stage'), style: { '--stage': color }, onchange: move }, stages.map((stage) => el('option', { value: stage.id }, stage.name)));
  const back = el('button', { class: 'round', type: 'button', 'aria-label': t('back'), onclick: () => go(LIST) }, '‹');
  const about = el('div', { class: 'panel rows' }, el('div', { class: 'amount' }, money(deal.amount, deal.currency)), el('div', { class: 'quiet-text' }, deal.contact || deal.company || t('no_client')), deal.badges.map(badge), pick);
  draw(el('header', {}, back, el('h2', {}, deal.title)), about, timeline(deal, act), el('p', { class: 'quiet-text note' }, t('mobile_note')));
}

function draw(...parts) {
  drawBar(t('mobile'));
  fill(document.getElementById('page'), el('section', { class: 'phone', 'aria-label': t('mobile') }, parts));
}

/** A change that the portal told of: the deal that is shown, or the list, is drawn anew. */
export function phoneHears(change) {
  if (!document.querySelector('.phone')) return;
  if (!seen.deal) trying(showPhone);
  else if (seen.deal === change.deal_id) trying(() => (change.deal ? showPhoneDeal(seen.deal) : go(LIST)));
}
