import { post } from '../api.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { openDialog, openMenu } from '../overlay.js';
import { attempt, toast } from '../toast.js';
import { inputOf, typedInto } from './inputs.js';

const TWO_MINUTES = 120;
const FIVE_MINUTES = 300;

/** The buttons that play the client, and what the manager does towards him. `act(path, form)` posts to the lead. */
export function actsPanel(card, act) {
  const call = async (form) => {
    const answer = await act('call', form);
    if (answer?.landed.entity === 'contacts') toast(t('callLandedOnContact'));
  };
  const client = (key, run) => h('button', { class: 'client', type: 'button', data: { act: key }, on: { click: run } }, t(key));
  const more = h('button', { type: 'button', 'aria-haspopup': 'menu', on: { click: () => openMenu(more, t('otherActs'), [
    { label: t('clientMissed'), run: () => call({ direction: 'inbound', duration: 0 }) },
    { label: t('youCall'), run: () => call({ direction: 'outbound', duration: FIVE_MINUTES }) },
    { label: t('youWrite'), run: () => askMessage('youWrite', t('ownMessageText'), (text) => act('message', { text, incoming: false })) },
    { label: t('youMail'), run: () => askMail('youMail', t('ownMailSubject'), t('ownMailText'), (form) => act('mail', { ...form, incoming: false })) },
  ]) } }, t('more'));
  return h('section', { class: 'acts', 'aria-label': t('clientDoes') }, h('h2', {}, t('clientDoes')),
    h('div', { class: 'acts__row' },
      client('clientCalls', () => call({ direction: 'inbound', duration: TWO_MINUTES })),
      client('clientWrites', () => askMessage('clientWrites', t('messageText'), (text) => act('message', { text }))),
      client('clientMails', () => askMail('clientMails', t('mailSubject'), t('mailText'), (form) => act('mail', form))),
      client('clientFills', () => askForm(card(), (answers) => act('form', { name: t('formName'), answers }))),
      more));
}

function askMessage(titleKey, suggestion, done) {
  dialogForm(t(titleKey), [['text', t('text'), h('textarea', { rows: 4, required: true, value: suggestion })]], ({ text }) => done(text));
}

function askMail(titleKey, subject, text, done) {
  dialogForm(t(titleKey), [
    ['subject', t('subject'), h('input', { required: true, value: subject })],
    ['text', t('text'), h('textarea', { rows: 4, value: text })],
  ], done);
}

function askForm(card, done) {
  const fields = card.fields.filter((field) => !field.is_api_only);
  const inputs = fields.map((field) => [String(field.id), field.name, inputOf(field)]);
  dialogForm(t('clientFills'), inputs, (values) => {
    const filled = fields.filter((field) => values[field.id] !== '');
    return done(Object.fromEntries(filled.map((field) => [field.id, typedInto(field, values[field.id])])));
  }, t('formHint'));
}

/** A window with inputs [name, label, element]; it closes when `done(values)` worked. */
export function dialogForm(title, inputs, done, hint = '') {
  openDialog(title, (close) => h('form', { on: { submit: async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(inputs.map(([name, , input]) => [name, input.value.trim()]));
    if (await attempt(() => done(values))) close();
  } } }, hint ? h('p', { class: 'muted' }, hint) : null,
  inputs.map(([, label, input]) => h('label', {}, label, input)),
  h('div', { class: 'dialog__foot' }, h('button', { type: 'button', on: { click: close } }, t('cancel')),
    h('button', { class: 'primary', type: 'submit' }, t('send')))));
}

/** A way to post to a lead that shows the fresh card and says a refusal. */
export function actor(leadId, show) {
  return async (path, form) => {
    let answer = null;
    await attempt(async () => {
      answer = await post(`/sandbox/api/leads/${leadId}/${path}`, form);
      show(answer);
    });
    return answer;
  };
}
