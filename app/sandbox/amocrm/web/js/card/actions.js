import { get, post } from '../api.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { openDialog } from '../overlay.js';
import { attempt, toast } from '../toast.js';
import { controlOf, valueOf } from './fields.js';

/** Buttons for what the client does and what the seller does. `redone` takes the fresh card. */
export function drawActions(leadId, redone) {
  const send = (path, body) => attempt(async () => {
    const lead = await post(`/sandbox/api/leads/${leadId}/${path}`, body);
    if (lead.landed?.entity === 'contacts') toast(t('callLanded'));
    redone(lead);
  });
  return h('section', { class: 'actions' },
    h('h2', {}, t('clientDoes')),
    h('div', { class: 'actions__row' },
      client('clientCalls', () => send('call', { direction: 'inbound', duration: 120 })),
      client('clientWrites', () => send('message', { text: t('messageSample') })),
      client('clientMails', () => send('mail', { subject: t('mailSubject'), text: t('mailSample') })),
      client('clientFillsForm', () => askForm(leadId, redone))),
    h('details', {}, h('summary', {}, t('sellerDoes')),
      h('div', { class: 'actions__row' },
        mine('callAnswered', () => send('call', { direction: 'outbound', duration: 180 })),
        mine('callUnanswered', () => send('call', { direction: 'outbound', duration: 0 })),
        mine('sendMail', () => send('mail', { subject: t('ourMailSubject'), text: '', incoming: false })))),
    noteForm(send));
}

function client(key, run) {
  return h('button', { type: 'button', class: 'client', data: { action: key }, on: { click: run } }, t(key));
}

function mine(key, run) {
  return h('button', { type: 'button', data: { action: key }, on: { click: run } }, t(key));
}

function noteForm(send) {
  const text = h('textarea', { rows: '1', placeholder: t('notePlaceholder'), 'aria-label': t('notePlaceholder') });
  return h('form', { class: 'note-form', on: { submit: async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (words && (await send('note', { text: words }))) text.value = '';
  } } }, text, h('button', { type: 'submit' }, t('addNote')));
}

async function askForm(leadId, redone) {
  const lead = await get(`/sandbox/api/leads/${leadId}`);
  const controls = lead.fields.filter((field) => !field.is_api_only).map((field) => ({ field, control: controlOf(field) }));
  openDialog(t('clientFillsForm'), (close) => {
    const submit = (event) => {
      event.preventDefault();
      const answers = {};
      for (const { field, control } of controls) {
        const value = valueOf(field, control);
        if (value !== null && value !== false) answers[field.id] = value;
      }
      close();
      attempt(async () => redone(await post(`/sandbox/api/leads/${leadId}/form`, { name: t('formName'), answers })));
    };
    return h('form', { on: { submit } }, h('p', { class: 'muted' }, t('formHint')),
      controls.map(({ field, control }) => h('label', {}, h('span', { class: 'field__name' }, field.name), control)),
      h('div', { class: 'dialog__foot' }, h('button', { type: 'button', on: { click: close } }, t('cancel')),
        h('button', { type: 'submit', class: 'primary' }, t('send'))));
  });
}
