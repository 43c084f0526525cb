import { patch, post } from '/js/api.js';
import { el } from '/js/dom.js';
import { store } from '/js/store.js';
import { money, t } from '/js/texts.js';
import { toast } from '/js/toast.js';

const DAY_CHARACTERS = 10;

/** The deal's own fields; each is saved when it is left. */
export function about(deal, act) {
  const save = async (changes) => {
    if (await act(() => patch(`/deals/${deal.id}`, changes))) toast(t('saved'));
  };
  const people = store.users.filter((user) => user.is_active || user.id === deal.assigned_by_id);
  return el(
    'section',
    { class: 'panel pairs' },
    el('h2', {}, t('about')),
    labelled(t('amount'), el('input', { class: 'field', type: 'number', value: deal.amount, onchange: (event) => save({ amount: Number(event.target.value) || 0 }) })),
    labelled(
      t('responsible'),
      el('select', { class: 'field', value: deal.assigned_by_id, onchange: (event) => save({ assigned_by_id: Number(event.target.value) }) }, people.map((user) => el('option', { value: user.id }, user.name))),
    ),
    deal.source ? labelled(t('source'), el('input', { class: 'field', value: deal.source, readonly: true })) : null,
    store.fields.map((field) => labelled(field.label, input(field, deal.fields[field.name], (value) => save({ fields: { [field.name]: value } })))),
    labelled(t('comments'), el('textarea', { class: 'field', value: deal.comments, onchange: (event) => save({ comments: event.target.value }) })),
  );
}

const labelled = (text, control) => el('label', {}, text, control);

function input(field, value, save) {
  if (field.kind === 'enumeration') {
    const options = [el('option', { value: '' }, '—'), ...field.items.map((item) => el('option', { value: item.id }, item.name))];
    return el('select', { class: 'field', value: value ?? '', onchange: (event) => save(event.target.value) }, options);
  }
  if (field.kind === 'boolean') return el('input', { type: 'checkbox', checked: Boolean(value), onchange: (event) => save(event.target.checked) });
  const shown = field.kind === 'date' && value ? new Date(value * 1000).toISOString().slice(0, DAY_CHARACTERS) : value;
  const type = { date: 'date', double: 'number', integer: 'number' }[field.kind] || 'text';
  const read = (text) => (field.is_multiple ? text.split(',').map((word) => word.trim()).filter(Boolean) : text);
  const text = Array.isArray(shown) ? shown.join(', ') : (shown ?? '');
  return el('input', { class: 'field', type, value: text, onchange: (event) => save(read(event.target.value)) });
}

/** Whom the deal is with. */
export function client(deal) {
  const who = deal.client;
  const lines = who ? [el('p', {}, who.name), ...who.phones.map((phone) => el('p', { class: 'quiet-text' }, phone)), ...who.emails.map((mail) => el('p', { class: 'quiet-text' }, mail))] : el('p', { class: 'quiet-text' }, t('no_client'));
  return el('section', { class: 'panel' }, el('h2', {}, t('client')), lines);
}

/** Invoices and payments. */
export function moneyPanel(deal, act) {
  const invoices = deal.invoices.map((invoice) => {
    const pay = () => act(() => post(`/invoices/${invoice.id}/move`, { stage_id: 'P' }));
    const button = invoice.semantics ? null : el('button', { class: 'button', type: 'button', onclick: pay }, t('mark_paid'));
    return el('div', { class: 'row' }, el('span', {}, `${invoice.title}, ${money(invoice.amount, 'RUB')}: ${invoice.stage}`), button);
  });
  const payments = deal.payments.map((payment) => {
    const pay = () => act(() => post(`/payments/${payment.id}/pay`));
    const state = payment.is_paid ? t('paid') : t('waiting');
    const button = payment.is_paid ? null : el('button', { class: 'button', type: 'button', onclick: pay }, t('mark_paid'));
    return el('div', { class: 'row' }, el('span', {}, `${money(payment.amount, 'RUB')}: ${state}`), button);
  });
  const add = (what, text) => el('button', { class: 'button', type: 'button', onclick: () => act(() => post(`/deals/${deal.id}/${what}`)) }, text);
  return el('section', { class: 'panel rows' }, el('h2', {}, t('money')), invoices, payments, el('div', { class: 'actions' }, add('invoice', t('add_invoice')), add('payment', t('add_payment'))));
}
