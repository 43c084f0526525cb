import type { MatchRow, MatchTarget } from '../api/types';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';

const SURE: Record<MatchRow['sureness'], MessageKey> = {
  chosen: 'transfer.sure.chosen',
  sure: 'transfer.sure.sure',
  likely: 'transfer.sure.likely',
  guess: 'transfer.sure.guess',
  none: 'transfer.sure.none',
};

const WHY: Partial<Record<string, MessageKey>> = {
  same_id: 'transfer.why.same_id',
  same_name: 'transfer.why.same_name',
  same_name_other_kind: 'transfer.why.same_name_other_kind',
  same_kind: 'transfer.why.same_kind',
  same_meaning: 'transfer.why.same_meaning',
  same_choices: 'transfer.why.same_choices',
  like_name: 'transfer.why.like_name',
  same_place: 'transfer.why.same_place',
  same_name_twice: 'transfer.why.same_name_twice',
};

const FAMILIES: Partial<Record<string, MessageKey>> = {
  text: 'transfer.family.text',
  number: 'transfer.family.number',
  choice: 'transfer.family.choice',
  yes_no: 'transfer.family.yes_no',
  date: 'transfer.family.date',
  person: 'transfer.family.person',
  link: 'transfer.family.link',
  file: 'transfer.family.file',
  other: 'transfer.family.other',
};

/** How sure a pair is and why: "похоже · по смыслу". */
export function sureText({ sureness, reason }: MatchRow, isPerson: boolean): string {
  const key = isPerson && reason === 'same_meaning' ? 'transfer.why.same_person' : WHY[reason];
  return [t(SURE[sureness]), key && t(key)].filter(Boolean).join(' · ');
}

/** The kind of a field's value in words, or nothing for a word that is none. */
export function familyText(family: string): string {
  const key = FAMILIES[family];
  return key ? t(key) : '';
}

export function targetText({ title, group }: MatchTarget, isField: boolean): string {
  const family = isField ? familyText(group) : '';
  return family ? `${title} · ${family}` : title;
}

/** Where the map needs a row: the first places, and how many more. */
export function usesText({ uses, uses_more: more }: MatchRow): string {
  return [...uses, ...(more ? [t('transfer.more', { n: more })] : [])].join(', ');
}
