import { get, patch, remove } from '../api.js';
import { fill, h } from '../dom.js';
import { dateTime, t } from '../i18n.js';
import { attempt } from '../toast.js';
import { enterArea } from '../widgets/runtime.js';
import { choicesOf, grouped } from './fault_groups.js';

const LOOK_AGAIN_MS = 3000;

/** The switches of the account, and what happened to its last webhooks. */
export async function openFaults(holder, _params, current) {
  const switches = h('div', { class: 'switches' });
  const deliveries = h('section', { class: 'deliveries' });
  const show = (values) => drawSwitches(switches, values, show);
  show(await get('/sandbox/faults'));
  await drawDeliveries(deliveries);
  if (!current()) return undefined;
  const reset = h('button', { type: 'button', on: { click: () => attempt(async () => show(await remove('/sandbox/faults'))) } }, t('resetFaults'));
  fill(holder, h('div', { class: 'page settings' }, h('div', { class: 'settings__head' }, h('h1', {}, t('faultsTitle')), reset),
    h('p', { class: 'muted' }, t('faultsLead')), switches, deliveries));
  await enterArea({ area: 'settings', page: 'settings' });
  const timer = setInterval(() => attempt(() => drawDeliveries(deliveries)), LOOK_AGAIN_MS);
  return () => clearInterval(timer);
}

function drawSwitches(holder, values, show) {
  fill(holder, grouped(Object.keys(values)).map(({ group, names }) => h('fieldset', { class: 'switches__group' },
    h('legend', {}, t(`group_${group}`)), names.map((name) => switchRow(name, values[name], show)))));
}

function switchRow(name, value, show) {
  const control = controlFor(name, value);
  control.addEventListener('change', () => attempt(async () => show(await patch('/sandbox/faults', { [name]: read(control, value) }))));
  return h('label', { class: 'switch' }, h('code', {}, name), control);
}

function controlFor(name, value) {
  const choices = choicesOf(name);
  if (choices) {
    const select = h('select', { name }, choices.map((each) => h('option', { value: each }, each || '—')));
    select.value = value;
    return select;
  }
  if (typeof value === 'boolean') return h('input', { type: 'checkbox', name, checked: value });
  if (typeof value === 'number') return h('input', { type: 'number', name, step: 'any', min: '0', value: String(value) });
  return h('input', { type: 'text', name, value });
}

function read(control, before) {
  if (typeof before === 'boolean') return control.checked;
  if (typeof before === 'number') return Number(control.value) || 0;
  return control.value.trim();
}

async function drawDeliveries(holder) {
  const { sent, waiting } = await get('/sandbox/api/deliveries?limit=30');
  const rows = sent.map((each) => h('tr', {}, h('td', {}, dateTime(each.at)), h('td', {}, each.code), h('td', {}, each.number),
    h('td', { class: each.status >= 200 && each.status < 300 ? 'good' : 'bad' }, each.status || t('noAnswer'))));
  fill(holder, h('h2', {}, t('deliveries'), ' ', h('span', { class: 'chip' }, t('deliveriesWaiting', { n: waiting }))),
    rows.length ? h('div', { class: 'deliveries__scroll' }, h('table', {}, h('thead', {}, h('tr', {}, ['when', 'event', 'attempt', 'answer'].map((key) => h('th', {}, t(key))))), h('tbody', {}, rows)))
      : h('p', { class: 'muted' }, t('deliveriesEmpty')));
}
