import type { Catalog, LockRow, LockStage, LockView, LockStageRef, LockTrial, LockVerdict } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';

type Person = Catalog['users'][number];

/** Gates that may be locked: the others do not stop deals yet. */
export function lockable(stages: LockStage[]): LockStage[] {
  return stages.filter((stage) => stage.mode === 'enforce');
}

/** The role's table as a text to paste: a line for every stage that a deal may leave. */
export function roleText(rows: LockRow[], pipeline: string): string {
  const lines = rows.map(({ title, closed }) => t('lock.copyLine', { from: quoted(title), targets: names(closed) }));
  return [t('lock.copyHead', { pipeline: quoted(pipeline) }), ...lines].join('\n');
}

export function names(stages: Pick<LockStageRef, 'title'>[]): string {
  return stages.map(({ title }) => quoted(title)).join(', ');
}

/** Who can show whether a lock holds: administrators pass every one. */
export function sellersOf(users: Person[]): Person[] {
  return users.filter(({ is_admin, is_active }) => is_active && !is_admin);
}

/** Whom the form begins with: the only seller, or who tried last. */
export function firstSeller(people: Person[], last: Pick<LockTrial, 'user_id'> | null): string {
  const found = people.length === 1 ? people[0] : people.find(({ id }) => id === last?.user_id);
  return found?.id ?? '';
}

export function isUnderWay(trial: LockTrial | null): trial is LockTrial {
  return trial !== null && trial.state !== 'done';
}

/** The gate that most wants a trial: one that leaked, else one that was never tried. */
export function nextToTry(stages: LockStage[]): string {
  const found = lockable(stages);
  const first = (state: LockVerdict): LockStage | undefined => found.find((stage) => stage.state === state);
  return (first('leaks') ?? first('unchecked') ?? found[0])?.stage_id ?? '';
}

/** A list that fits the eye: of a long one its beginning, and wherever it stands what asks for somebody. */
export function worthSeeing(stages: LockStage[], most: number): LockStage[] {
  const calls = ({ state }: LockStage): boolean => state !== 'holds' && state !== 'unchecked';
  return stages.length <= most + 1 ? stages : stages.filter((stage, at) => at < most || calls(stage));
}

/** The ways of a trial when they ended differently: else its own sentence says all. */
export function unlikeWays({ results }: Pick<LockTrial, 'results'>): LockTrial['results'] {
  return new Set(results.map(({ state, code }) => `${state} ${code}`)).size > 1 ? results : [];
}

/** How many of the locks are known to hold. */
export function held({ stages }: Pick<LockView, 'stages'>): { held: number; total: number } {
  const found = lockable(stages);
  return { held: found.filter(({ state }) => state === 'holds').length, total: found.length };
}
