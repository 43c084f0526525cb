import { get, patch, remove } from '../api.js';
import { fill, h } from '../dom.js';
import { choiceText, dateTime, faultText, t } from '../i18n.js';
import { attempt } from '../toast.js';
import { enterArea } from '../widgets/runtime.js';
import { grouped } from './fault_groups.js';

const LOOK_AGAIN_MS = 3000;

/** The switches of the account, and what happened to its last webhooks. */
export async function openFaults(holder, _params, current) {
  const page = new FaultsPage(await get('/sandbox/faults/defaults'));
  page.show(await get('/sandbox/faults'));
  await page.drawDeliveries();
  if (!current()) return undefined;
  fill(holder, page.node);
  await enterArea({ area: 'settings', page: 'settings' });
  const timer = setInterval(() => page.drawDeliveries().catch(() => {}), LOOK_AGAIN_MS);
  return () => clearInterval(timer);
}

class FaultsPage {
  constructor({ values, choices }) {
    this.defaults = values;
    this.choices = choices;
    this.switches = h('div', { class: 'switches' });
    this.deliveries = h('section', { class: 'deliveries' });
    this.told = '';
    this.turn = 0;
    this.count = h('span', { class: 'chip', role: 'status' });
    this.reset = h('button', { type: 'button', on: { click: () => this.change(() => remove('/sandbox/faults')) } }, t('resetFaults'));
    this.node = h('div', { class: 'page settings faults' },
      h('div', { class: 'settings__head' }, h('h1', {}, t('faultsTitle')), h('span', { class: 'settings__tools' }, this.count, this.reset)),
      h('p', { class: 'muted' }, t('faultsLead')), this.switches, this.deliveries);
  }

  /** Ask for a change and show what came of it, unless another one was asked for meanwhile. */
  change(ask) {
    this.turn += 1;
    const turn = this.turn;
    return attempt(async () => {
      const values = await ask();
      if (turn === this.turn) this.show(values);
    });
  }

  /** Draw once; later only say what has changed, so that nothing is taken from under a person's hands. */
  show(values) {
    if (!this.rows) this.draw(values);
    let changed = 0;
    for (const [name, row] of this.rows) {
      const isChanged = values[name] !== this.defaults[name];
      changed += isChanged ? 1 : 0;
      row.node.classList.toggle('switch--changed', isChanged);
      write(row.control, values[name]);
    }
    this.count.hidden = !changed;
    this.count.textContent = t('faultsChanged', { n: changed });
    this.reset.disabled = !changed;
  }

  draw(values) {
    this.rows = new Map();
    fill(this.switches, grouped(Object.keys(values)).map(({ group, names }) => h('fieldset', { class: 'switches__group' },
      h('legend', {}, t(`group_${group}`)), names.map((name) => this.row(name, values[name])))));
  }

  row(name, value) {
    const choices = this.choices[name];
    const control = choices ? choiceOf(name, choices, value) : controlFor(name, value);
    control.addEventListener('change', () => this.change(() => patch('/sandbox/faults', { [name]: read(control, value) })));
    const node = h('label', { class: 'switch' }, h('span', { class: 'switch__text' }, faultText(name), ' ', h('code', {}, name)), control);
    this.rows.set(name, { node, control });
    return node;
  }

  async drawDeliveries() {
    const { sent, waiting } = await get('/sandbox/api/deliveries?limit=30');
    const told = JSON.stringify([sent, waiting]);
    if (told === this.told) return;
    this.told = told;
    fill(this.deliveries, h('h2', {}, t('deliveries'), ' ', h('span', { class: 'chip' }, t('deliveriesWaiting', { n: waiting }))),
      sent.length ? table(sent) : h('p', { class: 'muted' }, t('deliveriesEmpty')));
  }
}

function table(sent) {
  const rows = sent.map((each) => h('tr', {}, h('td', {}, dateTime(each.at)), h('td', {}, each.code), h('td', {}, each.number),
    h('td', { class: each.status >= 200 && each.status < 300 ? 'good' : 'bad' }, each.status || t('noAnswer'))));
  return h('div', { class: 'deliveries__scroll', tabindex: '0', role: 'region', 'aria-label': t('deliveries') },
    h('table', {}, h('thead', {}, h('tr', {}, ['when', 'event', 'attempt', 'answer'].map((key) => h('th', { scope: 'col' }, t(key))))), h('tbody', {}, rows)));
}

function choiceOf(name, choices, value) {
  return h('select', { name, value: String(value) }, choices.map((each) => h('option', { value: String(each) }, choiceText(name, each))));
}

function controlFor(name, value) {
  if (typeof value === 'boolean') return h('input', { type: 'checkbox', role: 'switch', name, checked: value });
  if (typeof value === 'number') return h('input', { type: 'number', name, step: 'any', min: '0', value: String(value) });
  return h('input', { type: 'text', name, value });
}

function read(control, before) {
  if (typeof before === 'boolean') return control.checked;
  if (typeof before === 'number') return Number(control.value) || 0;
  return control.value.trim();
}

function write(control, value) {
  if (control === document.activeElement && control.type !== 'checkbox') return;
  if (typeof value === 'boolean') control.checked = value;
  else control.value = String(value);
}
