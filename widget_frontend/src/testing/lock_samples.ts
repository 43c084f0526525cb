import type { LockStage, LockView, LockTrial } from '../api/types';

/** Locks with believable values; a test names only what it is about. */

export function aLockStage(changes: Partial<LockStage> = {}): LockStage {
  return {
    stage_id: '40',
    title: 'КП отправлено',
    mode: 'enforce',
    closed_to: [{ stage_id: '30', title: 'Классификация' }],
    state: 'unchecked',
    code: '',
    text: '',
    checked_at: null,
    checked_by: '',
    leak: null,
    ...changes,
  };
}

export function aTrial(changes: Partial<LockTrial> = {}): LockTrial {
  return {
    trial_id: 't1',
    pipeline_id: '1',
    stage_id: '40',
    stage_title: 'КП отправлено',
    user_id: '6',
    user_name: 'Иван Петров',
    deal_id: '900',
    deal_url: 'https://acme.example/deal/900/',
    state: 'waiting',
    outcome: null,
    code: '',
    text: '',
    started_at: '2026-11-16T09:04:00Z',
    results: [],
    ...changes,
  };
}

export function aLock(changes: Partial<LockView> = {}): LockView {
  return {
    is_supported: true,
    roles_url: 'https://acme.example/roles/',
    plan: { is_enough: true, title: 'Profi' },
    matrix: [{ stage_id: '30', title: 'Классификация', closed: [{ stage_id: '40', title: 'КП отправлено' }] }],
    stages: [aLockStage()],
    trial: null,
    ...changes,
  };
}
