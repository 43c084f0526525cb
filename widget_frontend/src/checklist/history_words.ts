import type { HistoryEntry } from '../api/types';
import { quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { missingText } from './rare_words';
import { factText } from './words';

const OUTCOME_KEYS: Partial<Record<string, MessageKey>> = {
  passed: 'card.history.passed',
  blocked: 'card.history.blocked',
  undetermined: 'card.history.undetermined',
  not_governed: 'card.history.not_governed',
};

const WRITE_KEYS: Partial<Record<string, MessageKey>> = {
  move_back: 'card.history.move_back',
  move_forward: 'card.history.move_forward',
  note: 'card.history.note',
  task: 'card.history.task',
  tag: 'card.history.tag',
};

/** One line of the history. */
export function historyText(entry: HistoryEntry): string {
  switch (entry.kind) {
    case 'move':
      return moveText(entry);
    case 'evidence':
      return factText(entry.fact);
    case 'verdict':
      return verdictText(entry);
    case 'write':
      return writeText(entry);
  }
}

function moveText(entry: Extract<HistoryEntry, { kind: 'move' }>): string {
  const to = quoted(entry.to_stage_title);
  const text = entry.from_stage_title
    ? t('card.history.move', { from: quoted(entry.from_stage_title), to })
    : t('card.history.created', { to });
  return entry.moved_by ? t('card.fact.by', { what: text, who: entry.moved_by }) : text;
}

function verdictText(entry: Extract<HistoryEntry, { kind: 'verdict' }>): string {
  const key = OUTCOME_KEYS[entry.outcome] ?? 'card.history.undetermined';
  const text = t(key, { to: quoted(entry.to_stage_title) });
  return entry.missing.length ? `${text}: ${missingText(entry.missing)}` : text;
}

function writeText(entry: Extract<HistoryEntry, { kind: 'write' }>): string {
  const what = t(WRITE_KEYS[entry.action] ?? 'card.history.write');
  return entry.state === 'dead' || entry.state === 'failed' ? t('card.history.failed', { what }) : what;
}
