import type { Checklist, ChecklistItem } from '../api/types';

export type ItemLook = 'met' | 'next' | 'unmet' | 'waived' | 'unknown';

/** How an item is drawn: the first thing that the client owes stands out. */
export function lookOf(item: ChecklistItem, nextKey: string | null): ItemLook {
  if (item.state === 'met' || item.state === 'waived') return item.state;
  if (item.key === nextKey) return 'next';
  return item.state === 'unknown' ? 'unknown' : 'unmet';
}

/** The item that the client owes next, if any. */
export function nextItem(list: Checklist): ChecklistItem | undefined {
  return list.items.find((item) => item.key === list.next_key);
}

/** What the card as a whole has to say. */
export type CardMood = 'no_version' | 'no_segment' | 'all_done' | 'in_progress';

export function moodOf(list: Checklist): CardMood {
  if (list.version === null) return 'no_version';
  if (list.segment === null || !list.items.length) return 'no_segment';
  return nextItem(list) ? 'in_progress' : 'all_done';
}

/** Titles of the items that became met between two states of the same deal. */
export function newlyMet(before: Checklist | null, after: Checklist): string[] {
  if (before?.deal.id !== after.deal.id) return [];
  const known = new Set(before.items.filter((item) => item.state === 'met').map((item) => item.key));
  return after.items.filter((item) => item.state === 'met' && !known.has(item.key)).map((item) => item.title);
}

/** A word of the manager's counts only where grade D is accepted. */
export function canVouch(item: ChecklistItem): boolean {
  return item.state !== 'met' && item.state !== 'waived' && item.accepts === 'D';
}

/** What goes to the client of a hint: the phrase in quotation marks when there is one, else all of it. */
export function phraseToCopy(hint: string): string {
  const phrases = [...hint.matchAll(/[«“](.{20,}?)[»”]/gs)].map(([, phrase]) => phrase ?? '');
  return phrases.sort((one, other) => other.length - one.length)[0] ?? hint;
}

/** The manager may decide that an open step is not needed in this deal. */
export function canWaive(item: ChecklistItem): boolean {
  return item.state === 'unmet' || item.state === 'unknown';
}

/** Whether the card has anything to say beside the steps: such parts are loaded when they are needed. */
export function hasNews(list: Checklist): boolean {
  const { stale, stop, waiting, forward, lock_trial: trial } = list;
  return Boolean(moodOf(list) !== 'in_progress' || stale || stop || waiting || forward || trial || isReading(list));
}

/** Whether the past is still being read. */
export function isReading({ backfill }: Pick<Checklist, 'backfill'>): boolean {
  return Boolean(backfill && backfill.state !== 'done');
}

/** A longer list is folded to what is near the client's next step. */
const FOLDS_ABOVE = 14;
const BEFORE_NEXT = 3;
const SHOWN = 11;

/** The steps to show of a list that may be long. */
export function nearNext(items: ChecklistItem[], nextKey: string | null): ChecklistItem[] {
  if (items.length <= FOLDS_ABOVE) return items;
  const at = items.findIndex((item) => item.key === nextKey);
  const from = Math.max(0, Math.min((at < 0 ? items.length : at) - BEFORE_NEXT, items.length - SHOWN));
  return items.slice(from, from + SHOWN);
}
