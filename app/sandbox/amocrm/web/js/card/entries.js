import { dateTime, money, t, talkTime } from '../i18n.js';
import { stageOf, userById } from '../state.js';

/**
 * A row of the feed as it is shown: {side, title, text, who, when}. `side` is 'client' for what the client did,
 * 'robot' for integrations, '' for the rest. Nothing is drawn here.
 */
export function readEntry(row, lead) {
  const read = row.kind === 'note' ? readNote(row, lead) : readEvent(row, lead);
  const who = read.side === 'client' ? lead.contact_name || t('client') : userById(row.by)?.name || t('robot');
  return { text: '', side: row.by ? '' : 'robot', who, when: dateTime(row.at), ...read };
}

function readNote(row, lead) {
  const { params } = row;
  const read = noteReaders[row.type];
  if (read) return read(params, row, lead);
  return { title: t('ev_note'), text: params.text || row.type };
}

function call(params, row, lead) {
  const incoming = row.type === 'call_in';
  const key = incoming ? 'ev_call_in' : 'ev_call_out';
  const title = params.duration ? t(key, { time: talkTime(params.duration) }) : t(`${key}_missed`);
  const place = row.entity === 'leads' ? '' : t('ev_on_contact');
  const text = [params.call_result, params.phone, place].filter(Boolean).join(' · ');
  const side = incoming || params.duration ? 'client' : '';
  return { title, text, side, who: incoming ? lead.contact_name || t('client') : userById(row.by)?.name || t('robot') };
}

function mail(params) {
  const subject = params.subject || '';
  return { title: t(params.income ? 'ev_mail_in' : 'ev_mail_out', { subject }), text: params.content_summary || '', ...(params.income ? { side: 'client' } : {}) };
}

function service(params) {
  return { title: t('ev_service', { service: params.service || '' }), text: params.text || '', side: 'robot', who: params.service || t('robot') };
}

const noteReaders = {
  call_in: call,
  call_out: call,
  amomail_message: mail,
  service_message: service,
  extended_service_message: service,
};

function readEvent(row, lead) {
  if (row.type.startsWith('custom_field_')) return fieldChange(row, lead);
  return eventReaders[row.type]?.(row) || { title: row.type };
}

function fieldChange(row, lead) {
  const after = row.after[0]?.custom_field_value;
  const id = (after || row.before[0]?.custom_field_value)?.field_id;
  const field = lead.fields.find((each) => each.id === id);
  const name = field?.name || '?';
  if (!after) return { title: t('ev_field_cleared', { name }) };
  const value = field?.type === 'date' ? new Date(Number(after.text) * 1000).toLocaleDateString() : after.text;
  return { title: t('ev_field', { name, value }) };
}

function moved(row) {
  const name = (side) => {
    const status = side[0]?.lead_status;
    return (status && stageOf(status.pipeline_id, status.id)?.name) || t('deletedStage');
  };
  return { title: t('ev_moved', { from: name(row.before), to: name(row.after) }), kind: 'move' };
}

function message(row) {
  const incoming = row.type === 'incoming_chat_message';
  const channel = row.message?.channel || '';
  return { title: t(incoming ? 'ev_message_in' : 'ev_message_out', { channel }), text: row.message?.text || '', ...(incoming ? { side: 'client' } : {}) };
}

const eventReaders = {
  lead_added: () => ({ title: t('ev_lead_added') }),
  lead_restored: () => ({ title: t('ev_lead_restored') }),
  lead_status_changed: moved,
  incoming_chat_message: message,
  outgoing_chat_message: message,
  entity_tag_added: (row) => ({ title: t('ev_tag_added', { name: row.after[0]?.tag?.name || '' }) }),
  entity_tag_deleted: (row) => ({ title: t('ev_tag_removed', { name: (row.before[0] || row.after[0])?.tag?.name || '' }) }),
  entity_responsible_changed: (row) => ({ title: t('ev_responsible', { name: userById(row.after[0]?.responsible_user?.id)?.name || '?' }) }),
  sale_field_changed: (row) => ({ title: t('ev_price', { value: money(Number(Object.values(row.after[0] || {})[0]?.sale) || 0) }) }),
  name_field_changed: () => ({ title: t('ev_name') }),
};
