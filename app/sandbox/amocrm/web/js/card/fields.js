import { patch, post } from '../api.js';
import { avatar, fill, h } from '../dom.js';
import { dateTime, t } from '../i18n.js';
import { state, userById } from '../state.js';
import { attempt } from '../toast.js';

/** The left column: who, from where, the fields, the contacts, the tags. */
export function drawFields(holder, lead, redone) {
  fill(holder, about(lead, redone),
    h('h2', {}, t('fields')), lead.fields.map((field) => fieldRow(lead, field, redone)),
    h('h2', {}, t('contacts')), contacts(lead),
    h('h2', {}, t('tags')), tags(lead, redone));
}

function about(lead, redone) {
  const owner = h('select', { 'aria-label': t('responsible'), on: { change: () => attempt(async () => {
    redone(await patch(`/sandbox/api/leads/${lead.id}`, { responsible_user_id: Number(owner.value) }));
  }) } }, state.users.map((user) => h('option', { value: user.id }, user.name)));
  owner.value = String(lead.responsible_user_id);
  const price = h('input', { type: 'number', min: '0', value: String(lead.price), 'aria-label': t('price'), on: { change: () => attempt(async () => {
    redone(await patch(`/sandbox/api/leads/${lead.id}`, { price: Math.max(0, Math.round(Number(price.value)) || 0) }));
  }) } });
  return [
    row(t('responsible'), h('div', { class: 'owner' }, avatar(userById(lead.responsible_user_id)), owner)),
    row(t('price'), price),
    plain(t('source'), lead.source || '—'),
    plain(t('created'), dateTime(lead.created_at)),
    lead.loss_reason ? plain(t('lossReason'), lead.loss_reason.name) : null,
  ];
}

function row(label, control) {
  return h('label', { class: 'field' }, h('span', { class: 'field__name' }, label), control);
}

function plain(label, value) {
  return h('div', { class: 'field' }, h('span', { class: 'field__name' }, label), h('span', {}, value));
}

function fieldRow(lead, field, redone) {
  const control = controlOf(field);
  control.addEventListener('change', () => attempt(async () => {
    redone(await post(`/sandbox/api/leads/${lead.id}/field`, { field_id: field.id, value: valueOf(field, control) }));
  }));
  const label = field.is_api_only ? `${field.name} · ${t('apiOnly')}` : field.name;
  if (field.is_api_only) control.disabled = true;
  return row(label, control);
}

/** An input that suits the type of a field, with its value in it. */
export function controlOf(field) {
  const props = { placeholder: t('notFilled'), data: { field: field.id } };
  if (field.type === 'checkbox') return h('input', { ...props, type: 'checkbox', checked: field.value === '1' });
  if (field.type === 'textarea') return h('textarea', { ...props, rows: '2', value: field.value });
  if (field.enums?.length) {
    const select = h('select', props, h('option', { value: '' }, '—'), field.enums.map((value) => h('option', { value }, value)));
    select.value = field.value || '';
    return select;
  }
  if (field.type === 'date' || field.type === 'date_time') {
    const day = field.value ? new Date(Number(field.value) * 1000).toISOString().slice(0, 10) : '';
    return h('input', { ...props, type: 'date', value: day });
  }
  return h('input', { ...props, type: field.type === 'numeric' ? 'number' : 'text', value: field.value || '' });
}

/** What the server takes for that input. */
export function valueOf(field, control) {
  if (field.type === 'checkbox') return control.checked;
  if (control.type === 'date') return control.value ? Math.floor(Date.parse(control.value) / 1000) : null;
  return control.value.trim() || null;
}

function contacts(lead) {
  const people = lead.contacts.map((contact) => {
    const others = contact.open_lead_ids.filter((id) => id !== lead.id).length;
    return h('div', { class: 'contact' }, h('strong', {}, contact.name),
      contact.phones.map((phone) => h('div', { class: 'small' }, phone)),
      contact.emails.map((mail) => h('div', { class: 'small muted' }, mail)),
      others ? h('div', { class: 'small muted' }, t('otherDeals', { n: others })) : null);
  });
  const company = lead.company ? h('div', { class: 'small muted' }, lead.company.name) : null;
  return people.length ? [people, company] : h('p', { class: 'muted small' }, t('noContacts'));
}

function tags(lead, redone) {
  const change = (body) => attempt(async () => redone(await post(`/sandbox/api/leads/${lead.id}/tag`, body)));
  const input = h('input', { placeholder: t('addTag'), 'aria-label': t('addTag') });
  return h('form', { class: 'tags', on: { submit: (event) => {
    event.preventDefault();
    const name = input.value.trim();
    input.blur();
    if (name) change({ name });
  } } },
  lead.tags.map((name) => h('span', { class: 'chip' }, name,
    h('button', { type: 'button', class: 'bare chip__remove', 'aria-label': t('removeTag', { name }), on: { click: (event) => { event.currentTarget.blur(); change({ name, remove: true }); } } }, '✕'))),
  input);
}
