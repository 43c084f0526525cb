import { describe, expect, it } from 'vitest';

import { ApiError } from '../api/client';
import type { ApiClient } from '../api/client';
import type { Status } from '../api/types';
import { InstallStore, progressOf } from './store';

type Answer = Status | ApiError;

function aStatus(changes: { isRead?: boolean; hooks?: Status['hooks']['state']; past?: 'running' | 'done' }): Status {
  return {
    crm: { catalog_read_at: changes.isRead ? '2026-11-16T12:00:00Z' : null },
    hooks: { state: changes.hooks ?? 'unchecked' },
    backfill: changes.past ? { state: changes.past, done: 1, total: 2 } : null,
  } as Status;
}

/** The server's answers one after the other, the last for ever; what was asked, and how often the end was told. */
function anInstallation(statuses: Answer[], setups: (ApiError | null)[] = []) {
  const log: string[] = [];
  const api = {
    get: () => {
      const next = statuses.length > 1 ? statuses.shift() : statuses[0];
      return next instanceof ApiError ? Promise.reject(next) : Promise.resolve(next);
    },
    send: (_method: string, path: string) => {
      log.push(path);
      const refusal = setups.shift();
      return refusal ? Promise.reject(refusal) : Promise.resolve(null);
    },
  };
  const finish = () => void log.push('finish');
  return { store: new InstallStore(api as unknown as ApiClient, finish, () => Promise.resolve()), log };
}

const READY = aStatus({ isRead: true, hooks: 'ok', past: 'running' });

describe('the first minute', () => {
  it('shows one step at work and the next ones waiting', () => {
    expect(progressOf(null, false)).toEqual({ catalog: 'doing', map: 'waiting', places: 'waiting', past: 'waiting' });
    expect(progressOf(aStatus({ isRead: true }), false)).toEqual({ catalog: 'done', map: 'done', places: 'doing', past: 'waiting' });
    expect(progressOf(aStatus({ isRead: true }), true).places).toBe('failed');
    expect(progressOf(READY, false)).toEqual({ catalog: 'done', map: 'done', places: 'done', past: 'doing' });
  });

  it('tells the CRM of the end when everything that cannot wait is done', async () => {
    const { store, log } = anInstallation([aStatus({}), aStatus({ isRead: true }), READY]);
    await store.run();
    expect(log).toEqual(['finish']);
    expect(store.isDone.value).toBe(true);
  });

  it('helps on a server that does not come to an end', async () => {
    const slow = Array.from({ length: 6 }, () => aStatus({}));
    const { store, log } = anInstallation([...slow, READY]);
    await store.run();
    expect(log).toEqual(['/setup', 'finish']);
  });

  it.each([
    ['rights_needed', 'rights_needed'],
    ['crm_unavailable', 'wait'],
  ])('says what to do when the CRM minds: %s', async (code, fault) => {
    const { store, log } = anInstallation([aStatus({})], [new ApiError(503, code, '')]);
    await store.run();
    expect(store.fault.value).toBe(fault);
    expect(log).toEqual(['/setup']);
  });

  it('goes on after a fault, by trying again or without', async () => {
    const { store, log } = anInstallation([new ApiError(0, 'offline', ''), READY]);
    await store.run();
    expect(store.fault.value).toBe('offline');
    await store.run();
    expect(store.fault.value).toBeNull();
    expect(log).toEqual(['finish']);

    const other = anInstallation([aStatus({})], [new ApiError(503, 'pay', '')]);
    await other.store.run();
    other.store.end();
    expect(other.log).toEqual(['/setup', 'finish']);
  });
});
