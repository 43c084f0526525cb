import { post } from '/js/api.js';
import { el, fill } from '/js/dom.js';
import { t } from '/js/texts.js';

const KINDS = ['comment', 'call', 'message', 'mail', 'form', 'todo', 'task', 'document'];
const CHANNELS = { telegrambot: 'Telegram', whatsappbytwilio: 'WhatsApp', livechat: 'LiveChat', avito: 'Avito' };
let chosen = 'call';

/** What can be done above the timeline: by us, or by the client whom the visitor plays. */
export function composer(deal, act) {
  const box = el('section', { class: 'panel' });
  const draw = () => {
    const sides = KINDS.map((kind) => {
      const choose = () => {
        chosen = kind;
        draw();
      };
      return el('button', { type: 'button', 'aria-pressed': String(chosen === kind), onclick: choose }, t(`act_${kind}`));
    });
    const send = async (event) => {
      event.preventDefault();
      const body = read(chosen, new FormData(event.target));
      if (await act(() => post(`/deals/${deal.id}/${chosen}`, body))) event.target.reset();
    };
    fill(box, el('div', { class: 'sides' }, sides), el('form', { class: 'compose', onsubmit: send }, FIELDS[chosen](), el('button', { class: 'button blue' }, t('add'))));
  };
  draw();
  return box;
}

const text = (name, label) => el('label', {}, el('span', { class: 'hidden-text' }, label), el('textarea', { class: 'field', name, placeholder: label }));
const line = (name, label, value = '') => el('input', { class: 'field', name, 'aria-label': label, placeholder: label, value });
const tick = (name, label) => el('label', {}, el('input', { type: 'checkbox', name }), ' ', label);

function side() {
  const options = [el('option', { value: 'client' }, t('by_client')), el('option', { value: 'us' }, t('by_us'))];
  return el('select', { class: 'field', name: 'side', 'aria-label': t('by_client') }, options);
}

function channel() {
  const options = Object.entries(CHANNELS).map(([id, name]) => el('option', { value: id }, name));
  return el('select', { class: 'field', name: 'connector', 'aria-label': t('channel') }, options);
}

const FIELDS = {
  comment: () => text('text', t('text')),
  call: () => [
    el('div', { class: 'line' }, side(), el('label', {}, t('seconds'), ' ', el('input', { class: 'field', name: 'duration', type: 'number', min: '0', value: '90' }))),
    el('div', { class: 'line' }, tick('contact_only', t('only_contact')), tick('by_hand', t('by_hand'))),
    text('transcript', t('transcript')),
  ],
  message: () => [el('div', { class: 'line' }, side(), channel()), text('text', t('text'))],
  mail: () => [el('div', { class: 'line' }, side(), line('subject', t('subject'))), text('text', t('text'))],
  form: () => line('name', t('form_name')),
  todo: () => line('title', t('what')),
  task: () => line('title', t('what')),
  document: () => line('title', t('title')),
};

function read(kind, form) {
  const given = Object.fromEntries([...form].filter(([, value]) => value !== ''));
  const incoming = given.side !== 'us';
  delete given.side;
  if (kind === 'message' || kind === 'mail') return { text: '', ...given, incoming };
  if (kind !== 'call') return given;
  return { ...given, duration: Number(given.duration) || 0, direction: incoming ? 'inbound' : 'outbound', contact_only: form.has('contact_only'), by_hand: form.has('by_hand') };
}
