import { post } from '../api.js';
import { fill, h } from '../dom.js';
import { t } from '../i18n.js';
import { pipelineById, state } from '../state.js';
import { attempt } from '../toast.js';
import { enterArea } from '../widgets/runtime.js';
import { widgetColumn } from './widgets.js';

/** A lead that is not saved yet: `#/leads/0`. Widgets see a card with the id 0. */
export function openNewCard(holder) {
  const input = (more = {}) => h('input', more);
  const fields = {
    name: input({ required: true }),
    price: input({ type: 'number', min: '0', value: '0' }),
    contact_name: input(),
    phone: input({ type: 'tel', placeholder: '+7' }),
  };
  const stages = pipelineById(state.pipelineId).statuses.filter((stage) => stage.type === 0);
  const stage = h('select', {}, stages.map((one) => h('option', { value: one.id }, one.name)));
  const labels = { name: 'leadName', price: 'price', contact_name: 'clientName', phone: 'phone' };
  const form = h('form', { class: 'details', on: { submit: (event) => {
    event.preventDefault();
    create(fields, stage);
  } } }, h('h1', {}, t('newLead')), h('label', { class: 'field' }, t('stage'), stage),
  Object.entries(fields).map(([name, one]) => h('label', { class: 'field' }, t(labels[name]), one)),
  h('button', { class: 'primary', type: 'submit' }, t('createLead')));
  const widgets = widgetColumn();
  fill(holder, h('div', { class: 'card card--new', data: { pane: 'lead' } }, h('header', { class: 'card__head' }, h('a', { href: '#/leads' }, `← ${t('toBoard')}`)), form,
    h('div', { class: 'middle' }, h('p', { class: 'muted' }, t('newLeadHint'))), widgets));
  fields.name.focus();
  return enterArea({ area: 'lcard', page: 'leads_card', card: { id: 0, values: {} }, panel: widgets.querySelector('.widgets__list') });
}

function create(fields, stage) {
  return attempt(async () => {
    const values = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value.trim()]));
    const lead = await post('/sandbox/api/leads', { ...values, price: Number(values.price) || 0, pipeline_id: state.pipelineId, status_id: Number(stage.value) });
    location.hash = `#/leads/${lead.id}`;
  });
}
