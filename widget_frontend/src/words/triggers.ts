import type { Proof, Trigger } from '../api/types';
import { callLength, quoted } from '../format/format';
import { t } from '../i18n/translate';

/** The name of a field, stage or tag that a trigger restricts itself to; empty when it is not known. */
export type TitleOf = (trigger: Trigger) => string;

/** One trigger in words: "разговор от 1 мин", "сообщение клиента", "заполнено поле «Бюджет»". */
export function describeTrigger(trigger: Trigger, titleOf: TitleOf): string {
  const what = describeKind(trigger, titleOf(trigger));
  const word = trigger.kind === 'note' ? '' : trigger.contains;
  if (!word) return what;
  if (trigger.kind === 'task') return t('proof.taskWords', { words: stems([word]) });
  return t('proof.containing', { what, word: quoted(word) });
}

/** All triggers of a proof as one phrase. */
export function describeNeeds(needs: Trigger[], combine: Proof['combine'], titleOf: TitleOf): string {
  const seen = needs.filter(({ kind }) => kind !== 'manual');
  // When all are needed each word is needed too, and is told by itself.
  const words = combine === 'all' ? [] : seen.filter(isTaskWithWord).map(({ contains }) => contains);
  const describe = (need: Trigger): string =>
    words.length && isTaskWithWord(need) ? t('proof.taskWords', { words: stems(words) }) : describeTrigger(need, titleOf);
  const phrases = [...new Set(seen.map(describe))];
  const last = phrases.pop();
  if (last === undefined) return '';
  if (!phrases.length) return last;
  return phrases.join(', ') + t(combine === 'all' ? 'proof.and' : 'proof.or') + last;
}

function isTaskWithWord({ kind, contains }: Trigger): boolean {
  return kind === 'task' && Boolean(contains);
}

/** Beginnings of words: a task's result may end them as it likes. */
function stems(words: string[]): string {
  return [...new Set(words)].map((word) => quoted(`${word}…`)).join(', ');
}

function describeKind(trigger: Trigger, title: string): string {
  const what = title ? quoted(title) : '';
  switch (trigger.kind) {
    case 'call':
      return describeCall(trigger);
    case 'message':
      return t(byDirection(trigger, 'proof.message', 'proof.messageOutgoing', 'proof.messageAny'));
    case 'mail':
      return t(byDirection(trigger, 'proof.mail', 'proof.mailOutgoing', 'proof.mailAny'));
    case 'form':
      return t('proof.form');
    case 'source':
      return named(quotedOr(title, trigger.subject || trigger.value), 'proof.source', 'proof.sourceAny');
    case 'field':
      return describeField(trigger, what);
    case 'task':
      return named(what, 'proof.taskWhat', 'proof.task');
    case 'tag':
      return named(quotedOr(title, trigger.subject || trigger.value), 'proof.tag', 'proof.tagAny');
    case 'note':
      return named(quotedOr('', trigger.contains), 'proof.noteWith', 'proof.note');
    case 'stage':
      return named(what, 'proof.stage', 'proof.stageAny');
    case 'manual':
      return t('proof.manual');
  }
}

function describeCall(trigger: Trigger): string {
  const length = trigger.least_seconds > 0 ? callLength(trigger.least_seconds) : '';
  if (!length) return t(byDirection(trigger, 'proof.callIncoming', 'proof.callOutgoing', 'proof.callAny'));
  return t(byDirection(trigger, 'proof.callIncomingFrom', 'proof.callOutgoingFrom', 'proof.callAnyFrom'), { length });
}

function describeField(trigger: Trigger, what: string): string {
  if (trigger.value && what) return t('proof.fieldValue', { what, value: quoted(trigger.value) });
  return named(what, 'proof.field', 'proof.fieldAny');
}

function byDirection<K>(trigger: Trigger, incoming: K, outgoing: K, any: K): K {
  if (trigger.direction === 'incoming') return incoming;
  return trigger.direction === 'outgoing' ? outgoing : any;
}

function named<K extends Parameters<typeof t>[0]>(what: string, key: K, anonymous: K): string {
  return what ? t(key, { what }) : t(anonymous);
}

function quotedOr(title: string, other: string): string {
  const text = title || other;
  return text ? quoted(text) : '';
}
