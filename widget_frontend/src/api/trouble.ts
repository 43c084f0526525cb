import { ApiError } from './client';

/** Why data could not be read, as far as a person can act on it. */
export type Trouble = 'offline' | 'forbidden' | 'missing' | 'session' | 'server';

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof ApiError)) return 'session';
  if (error.isOffline) return 'offline';
  if (error.status === 401) return 'session';
  if (error.status === 403) return 'forbidden';
  return error.status === 404 ? 'missing' : 'server';
}

export function errorIdOf(error: unknown): string {
  return error instanceof ApiError ? error.id : '';
}

/** A refusal's own sentence, or nothing when it has none. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiError)) return '';
  return error.problems.map((problem) => problem.sentence).join(' ') || error.sentence;
}
