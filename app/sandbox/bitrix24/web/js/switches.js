import { faults, get } from '/js/api.js';
import { CHOICES } from '/js/choice_texts.js';
import { el, fill } from '/js/dom.js';
import { drawBar } from '/js/shell.js';
import { GROUPS } from '/js/switch_texts.js';
import { moment, spoken, t } from '/js/texts.js';
import { toast, trying } from '/js/toast.js';

/** Every switch of the portal, and what has been delivered. */
export async function showSwitches() {
  drawBar(t('switches'), el('button', { class: 'button', type: 'button', onclick: reset }, t('reset')));
  const [switches, { choices }, sent] = await Promise.all([faults.read(), faults.defaults(), get('/deliveries')]);
  const groups = GROUPS.map(([russian, english, rows]) => {
    const labels = rows.map(([name, ru, en]) => el('label', { title: name }, inWords(ru, en), control(name, switches[name], choices[name])));
    return el('section', { class: 'panel switches' }, el('h2', {}, inWords(russian, english)), labels);
  });
  fill(document.getElementById('page'), el('div', { class: 'grid dense' }, groups, deliveries(sent), subscriptions(sent)));
}

const inWords = (russian, english) => (spoken() === 'ru' ? russian : english);

async function reset() {
  await trying(() => faults.reset());
  await showSwitches();
}

function control(name, value, choices) {
  const set = async (next) => {
    if (await trying(() => faults.set({ [name]: next }))) toast(t('saved'));
  };
  if (choices) {
    const options = choices.map((choice) => el('option', { value: choice }, inWords(...(CHOICES[name]?.[choice] || [String(choice), String(choice)]))));
    const read = (text) => choices.find((choice) => String(choice) === text);
    return el('select', { class: 'field', value, onchange: (event) => set(read(event.target.value)) }, options);
  }
  if (typeof value === 'boolean') return el('input', { type: 'checkbox', checked: value, onchange: (event) => set(event.target.checked) });
  if (typeof value === 'number') return el('input', { class: 'field', type: 'number', step: 'any', value, onchange: (event) => set(Number(event.target.value)) });
  return el('input', { class: 'field', value, onchange: (event) => set(event.target.value) });
}

const heads = (...names) => el('thead', {}, el('tr', {}, names.map((name) => el('th', {}, name))));
const cells = (...values) => el('tr', {}, values.map((value) => el('td', {}, String(value))));

function deliveries(sent) {
  const rows = sent.sent.map((item) => cells(moment(item.at), item.event, item.status || t('lost'), item.url));
  return el('section', { class: 'panel' }, el('h2', {}, t('deliveries')), el('p', { class: 'quiet-text' }, t('queued', { count: sent.waiting, lost: sent.dropped })), el('table', {}, heads(t('when'), t('event'), t('answer'), t('where')), el('tbody', {}, rows)));
}

function subscriptions(sent) {
  const rows = sent.handlers.map((handler) => cells(handler.app, handler.event, handler.offline ? 'offline' : handler.url));
  return el('section', { class: 'panel' }, el('h2', {}, t('subscriptions')), el('table', {}, heads(t('apps'), t('event'), t('where')), el('tbody', {}, rows)));
}
