import { h, icon } from '../dom.js';
import { money, t, talkTime } from '../i18n.js';
import { stageOf, state, userById } from '../state.js';
import { inWords } from './inputs.js';

/** How each kind of row in the feed reads: {who: client|person|robot|quiet, icon, title, text}. */
const ICONS = {
  call: 'M6 4h3l2 5-2.5 1.5a11 11 0 005 5L15 13l5 2v3a2 2 0 01-2 2A16 16 0 014 6a2 2 0 012-2z',
  message: 'M4 5h16v11H9l-5 4z',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  note: 'M6 4h9l4 4v12H6zM9 12h7M9 16h5',
  stage: 'M5 12h13M13 7l5 5-5 5',
  field: 'M5 7h14M5 12h14M5 17h8',
  robot: 'M7 9h10v8H7zM12 5v4M9.5 13h.01M14.5 13h.01',
  start: 'M12 5v14M5 12h14',
};
const CHANNELS = { telegram: 'Telegram', whatsapp: 'WhatsApp', avito: 'Avito', vk: 'VK' };
const ANSWERED = 4;

function callRow(row) {
  const inbound = row.type === 'call_in';
  const answered = row.params.duration > 0 && Number(row.params.call_status ?? ANSWERED) === ANSWERED;
  const key = `feedCall${inbound ? 'In' : 'Out'}${answered ? '' : 'Missed'}`;
  const where = row.entity === 'contacts' ? ` (${t('feedOnContact')})` : '';
  return {
    who: inbound && answered ? 'client' : inbound ? 'quiet' : 'person',
    icon: ICONS.call,
    title: t(key, { time: talkTime(Number(row.params.duration) || 0) }) + where,
    text: row.params.call_result,
  };
}

function mailRow(row) {
  const title = t(row.params.income ? 'feedMailIn' : 'feedMailOut', { subject: row.params.subject || '—' });
  return { who: row.params.income ? 'client' : 'person', icon: ICONS.mail, title, text: row.params.content_summary };
}

function noteRow(row) {
  if (row.type.startsWith('call_')) return callRow(row);
  if (row.type === 'amomail_message') return mailRow(row);
  const service = row.type.endsWith('service_message');
  const title = service ? row.params.service || t('feedService') : t('feedNote');
  return { who: service ? 'robot' : 'person', icon: service ? ICONS.robot : ICONS.note, title, text: row.params.text };
}

function movedRow(row) {
  const [from, to] = [row.before[0].lead_status, row.after[0].lead_status];
  const stages = state.pipelines.find((line) => line.id === to.pipeline_id)?.statuses || [];
  const place = (one) => stages.findIndex((stage) => stage.id === one.id);
  const back = from.pipeline_id === to.pipeline_id && place(to) < place(from);
  const name = (one) => stageOf(one.pipeline_id, one.id)?.name || '?';
  return { who: 'quiet', icon: ICONS.stage, title: t(back ? 'feedMovedBack' : 'feedMoved', { from: name(from), to: name(to) }) };
}

function messageRow(row) {
  const known = row.message || { text: '', author: t('client'), channel: '' };
  const channel = CHANNELS[known.channel] || known.channel;
  const incoming = row.type === 'incoming_chat_message';
  const title = t(incoming ? 'feedMessageIn' : 'feedMessageOut', { author: known.author, channel });
  return { who: incoming ? 'client' : 'person', icon: ICONS.message, title, text: known.text };
}

function fieldRow(row) {
  const id = Number(/\d+/.exec(row.type)?.[0]);
  const field = state.fields.find((one) => one.id === id);
  const name = field?.name || t('fieldsTitle');
  const value = row.after.map((one) => one.custom_field_value?.text).filter(Boolean).map((text) => inWords(field, text)).join(', ');
  return { who: 'quiet', icon: ICONS.field, title: t(value ? 'feedField' : 'feedFieldEmpty', { name, value }) };
}

function tagRow(row, key, list) {
  return { who: 'quiet', icon: ICONS.field, title: t(key, { name: list.map((one) => one.tag?.name).join(', ') }) };
}

function personRow(row) {
  const user = userById(row.after[0]?.responsible_user?.id);
  return { who: 'quiet', icon: ICONS.field, title: t('feedResponsible', { name: user?.name || t('nobody') }) };
}

const EVENTS = {
  lead_added: () => ({ who: 'quiet', icon: ICONS.start, title: t('feedCreated') }),
  lead_status_changed: movedRow,
  incoming_chat_message: messageRow,
  outgoing_chat_message: messageRow,
  entity_tag_added: (row) => tagRow(row, 'feedTagAdded', row.after),
  entity_tag_deleted: (row) => tagRow(row, 'feedTagRemoved', row.before),
  entity_responsible_changed: personRow,
  sale_field_changed: (row) => ({ who: 'quiet', icon: ICONS.field, title: t('feedPrice', { value: money(row.after[0]?.sale_field_value?.sale) }) }),
  name_field_changed: (row) => ({ who: 'quiet', icon: ICONS.field, title: t('feedName', { value: row.after[0]?.name_field_value?.name || '—' }) }),
  lead_restored: () => ({ who: 'quiet', icon: ICONS.start, title: t('feedRestored') }),
};

function described(row) {
  if (row.kind === 'note') return noteRow(row);
  return (EVENTS[row.type] || fieldRow)(row);
}

/** One row of the feed as an element; `time` is how its moment reads. */
export function feedRow(row, time) {
  const { who, icon: path, title, text } = described(row);
  const author = row.by ? userById(row.by)?.name : who === 'client' ? t('client') : t('robot');
  return h('li', { class: `event event--${who}`, data: { row: row.id } },
    h('span', { class: 'event__icon' }, icon(path)),
    h('div', { class: 'event__body' }, h('div', { class: 'event__title' }, title),
      text ? h('div', { class: 'event__text' }, text) : null,
      h('div', { class: 'event__by' }, [author, time].filter(Boolean).join(' · '))));
}
