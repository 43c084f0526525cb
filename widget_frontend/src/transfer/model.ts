import type { Chosen, MatchFieldRow, MatchRow, MatchState } from '../api/types';

/** The lists in which a file's names are matched. */
export type ListName = 'stages' | 'other_stages' | 'fields' | 'people' | 'sources';

/** A row with its place: choices belong to a field. */
export interface Spot {
  list: ListName;
  row: MatchRow;
  /** The field of a choice; empty for everything else. */
  field: string;
}

export const NOTHING_CHOSEN: Chosen = { stages: {}, fields: {}, choices: {}, people: {}, sources: {} };

/** All rows in the order of the page. */
export function spotsOf(seen: MatchState): Spot[] {
  const plain = (list: ListName, rows: MatchRow[]): Spot[] => rows.map((row) => ({ list, row, field: '' }));
  return [
    ...plain('stages', seen.stages),
    ...plain('other_stages', seen.other_stages),
    ...seen.fields.flatMap((row) => [{ list: 'fields' as const, row, field: '' }, ...choicesOf(row)]),
    ...plain('people', seen.people),
    ...plain('sources', seen.sources),
  ];
}

function choicesOf(field: MatchFieldRow): Spot[] {
  return field.choices.map((row) => ({ list: 'fields', row, field: field.name }));
}

export function isGuess({ row }: Spot): boolean {
  return row.sureness === 'guess';
}

/** Without a pair something stays out; a source keeps its name, so it needs none. */
export function isLonely({ row, list }: Spot): boolean {
  return row.sureness === 'none' && list !== 'sources';
}

export function keyOf({ list, row, field }: Spot): string {
  return [list, field, row.name].join('\n');
}

/** Rows that a person should look at, by key: they stand open and stay where they are once answered. */
export function doubtfulIn(seen: MatchState): ReadonlySet<string> {
  return new Set(spotsOf(seen).filter((spot) => isGuess(spot) || isLonely(spot)).map(keyOf));
}

/** The choices with one more; another field forgets what was chosen for the old one's values. */
export function withChoice(chosen: Chosen, { list, row, field }: Spot, target: string): Chosen {
  if (field) return { ...chosen, choices: { ...chosen.choices, [field]: { ...chosen.choices[field], [row.name]: target } } };
  const name = list === 'other_stages' ? 'stages' : list;
  const changed = { ...chosen, [name]: { ...chosen[name], [row.name]: target } };
  if (list !== 'fields') return changed;
  return { ...changed, choices: Object.fromEntries(Object.entries(chosen.choices).filter(([name]) => name !== row.name)) };
}

/** The page as it looks once a row has that answer, before the server says what follows from it. */
export function answered(seen: MatchState, spot: Spot, target: string): MatchState {
  const change = <R extends MatchRow>(rows: R[]): R[] =>
    rows.map((row) => (row.name === spot.row.name ? { ...row, target, sureness: 'chosen', shares_with: [] } : row));
  if (!spot.field) return { ...seen, [spot.list]: change(seen[spot.list]) };
  return { ...seen, fields: seen.fields.map((row) => (row.name === spot.field ? { ...row, choices: change(row.choices) } : row)) };
}

/** Every guess as a choice of the person's own. */
export function withGuesses(chosen: Chosen, seen: MatchState): Chosen {
  // Fields first: a field that is chosen forgets its values.
  const spots = spotsOf(seen).filter(isGuess).sort((one, two) => Number(Boolean(one.field)) - Number(Boolean(two.field)));
  return spots.reduce((all, spot) => withKept(all, spot, spot.row.target), chosen);
}

/** Everything without a pair is left out on purpose. */
export function withoutLonely(chosen: Chosen, seen: MatchState): Chosen {
  return spotsOf(seen).filter(isLonely).reduce((all, spot) => withKept(all, spot, ''), chosen);
}

/** The same target said by the person: what was chosen for a field's values stays. */
function withKept(chosen: Chosen, spot: Spot, target: string): Chosen {
  const changed = withChoice(chosen, spot, target);
  return spot.field ? changed : { ...changed, choices: chosen.choices };
}

export interface Shared {
  target: string;
  title: string;
  names: string[];
}

/** Stages of the account to which several of the file lead. */
export function sharedStages(seen: MatchState): Shared[] {
  const found = new Map<string, Shared>();
  for (const row of seen.stages) {
    if (!row.shares_with.length) continue;
    const title = seen.targets.stages.find(({ id }) => id === row.target)?.title ?? row.target;
    const known = found.get(row.target) ?? { target: row.target, title, names: [] };
    found.set(row.target, { ...known, names: [...known.names, row.title] });
  }
  return [...found.values()];
}
