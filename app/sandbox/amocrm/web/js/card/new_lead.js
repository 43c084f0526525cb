import { post } from '../api.js';
import { fill, h } from '../dom.js';
import { t } from '../i18n.js';
import { pipelineById, state } from '../state.js';
import { attempt } from '../toast.js';
import { enterArea } from '../widgets/runtime.js';

/** A card that is not saved yet: its id is 0, and widgets are started on it all the same. */
export async function openNewLead(holder) {
  const name = h('input', { required: true });
  const price = h('input', { type: 'number', min: '0' });
  const contact = h('input', {});
  const phone = h('input', { type: 'tel' });
  const stages = pipelineById(state.pipelineId).statuses.filter((stage) => stage.type !== 1);
  const stage = h('select', {}, stages.map((each) => h('option', { value: each.id }, each.name)));
  const field = (label, control) => h('label', { class: 'field' }, h('span', { class: 'field__name' }, t(label)), control);
  const submit = (event) => {
    event.preventDefault();
    attempt(async () => {
      const lead = await post('/sandbox/api/leads', {
        name: name.value.trim(),
        price: Number(price.value) || 0,
        pipeline_id: state.pipelineId,
        status_id: Number(stage.value),
        contact_name: contact.value.trim(),
        phone: phone.value.trim(),
      });
      location.hash = `#/leads/${lead.id}`;
    });
  };
  const panel = h('div', { class: 'card-widgets__elements', id: 'widgets_block' });
  fill(holder, h('div', { class: 'card card--new', id: 'card' },
    h('form', { class: 'card__fields', on: { submit } }, h('h1', {}, t('newLead')), field('leadName', name), field('stage', stage),
      field('price', price), field('clientName', contact), field('phone', phone),
      h('button', { type: 'submit', class: 'primary' }, t('create'))),
    h('div', { class: 'card__middle' }, h('p', { class: 'notice' }, t('newCardHint'))),
    h('aside', { class: 'card-widgets', 'aria-label': t('widgets') }, panel)));
  name.focus();
  await enterArea({ area: 'lcard', page: 'leads_card', card: { id: 0, values: {} }, panel });
  return undefined;
}
