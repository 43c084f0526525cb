import type { Channel, ChecklistItem, Fact } from '../api/types';
import { callLength, lowerFirst, moment, quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';

export const CHANNELS: readonly Channel[] = ['call', 'messenger', 'mail', 'meeting', 'other'];

const CHANNEL_KEYS: Record<Channel, MessageKey> = {
  call: 'card.channel.call',
  meeting: 'card.channel.meeting',
  messenger: 'card.channel.messenger',
  mail: 'card.channel.mail',
  other: 'card.channel.other',
};

const REASON_KEYS: Partial<Record<string, MessageKey>> = {
  not_enough: 'card.reason.not_enough',
  too_old: 'card.reason.too_old',
  wrong_order: 'card.reason.wrong_order',
  reopened: 'card.reason.reopened',
  will_not_happen: 'card.reason.will_not_happen',
};

const GRADE_KEYS = { A: 'grade.A', B: 'grade.B', C: 'grade.C', D: 'grade.D' } as const;

export function channelText(channel: string): string {
  const key = CHANNEL_KEYS[channel as Channel] as MessageKey | undefined;
  return key ? t(key) : '';
}

export function gradeMeaning(grade: keyof typeof GRADE_KEYS): string {
  return t(GRADE_KEYS[grade]);
}

/** What happened, in the words of a person: "Разговор 4 мин 12 с". */
export function factText(fact: Fact): string {
  const what = fact.subject_title || fact.text;
  switch (fact.kind) {
    case 'call':
      return callText(fact);
    case 'message':
      return t(fact.direction === 'outgoing' ? 'card.fact.messageOutgoing' : 'card.fact.messageIncoming');
    case 'mail':
      return t(fact.direction === 'outgoing' ? 'card.fact.mailOutgoing' : 'card.fact.mailIncoming');
    case 'form':
      return what ? t('card.fact.formNamed', { what }) : t('card.fact.form');
    case 'source':
      return what ? t('card.fact.source', { what }) : t('card.fact.sourceAny');
    case 'field':
      return fact.subject_title && fact.text
        ? t('card.fact.field', { what: fact.subject_title, value: fact.text })
        : what || t('card.fact.fieldAny');
    case 'task':
      return fact.text || what ? t('card.fact.taskWith', { what: quoted(fact.text || what) }) : t('card.fact.task');
    case 'tag':
      return t('card.fact.tag', { what: fact.subject_title || fact.subject || fact.text });
    case 'note':
      return t('card.fact.note', { what: quoted(fact.text) });
    case 'stage':
      return t('card.fact.stage', { what: quoted(what || fact.subject) });
    case 'manual':
      return manualText(fact);
  }
}

/** Fact and time on one line: "Разговор 4 мин 12 с · 14 ноября, 10:31"; of an undated one the latest it can be. */
export function factLine(fact: Fact, now: Date): string {
  const isVouched = fact.kind === 'manual' && Boolean(fact.author);
  const text = isVouched ? t('card.fact.by', { what: factText(fact), who: fact.author }) : factText(fact);
  const when = moment(fact.occurred_at, now);
  return `${text} · ${fact.is_dated ? when : t('card.fact.noLater', { when })}`;
}

/** Why an unmet step is unmet, when that is more than "nothing happened yet". */
export function reasonText(item: ChecklistItem): string {
  if (item.reason === 'grade_too_low') {
    return t('card.reason.grade_too_low', { meaning: lowerFirst(gradeMeaning(item.accepts)) });
  }
  const key = REASON_KEYS[item.reason];
  return key ? t(key) : '';
}

/** What would prove a step, in the server's words; empty when only a manager's word would. */
export function needsText(item: ChecklistItem): string {
  const words = [...new Set(item.needs.filter((need) => need.kind !== 'manual').map((need) => need.words))];
  const last = words.pop() ?? '';
  return words.length ? `${words.join(', ')} ${t('or')} ${last}` : last;
}

function callText(fact: Fact): string {
  if (fact.seconds <= 0) return t('card.fact.callMissed');
  const length = callLength(fact.seconds);
  return t(fact.direction === 'incoming' ? 'card.fact.callIncoming' : 'card.fact.callOutgoing', { length });
}

function manualText(fact: Fact): string {
  const channel = channelText(fact.channel);
  const quote = quoted(fact.text);
  return channel ? t('card.fact.manualIn', { channel, quote }) : t('card.fact.manual', { quote });
}
