import { describe, expect, it } from 'vitest';

import { aLockStage, aTrial } from '../testing/lock_samples';
import { firstSeller, held, isUnderWay, nextToTry, roleText, sellersOf, unlikeWays, worthSeeing } from './model';

const person = (id: string, changes: object = {}) => ({ id, name: id, is_admin: false, is_active: true, ...changes });

describe('the role’s table', () => {
  it('is a text of one line for every stage that a deal may leave', () => {
    const rows = [
      { stage_id: '10', title: 'Заявка', closed: [{ stage_id: '40', title: 'КП' }, { stage_id: '60', title: 'Счёт' }] },
      { stage_id: '40', title: 'КП', closed: [{ stage_id: '60', title: 'Счёт' }] },
    ];
    expect(roleText(rows, 'Продажи').split('\n')).toEqual([
      'Воронка «Продажи», право «Перевод на стадию». Роли продавцов запретить:',
      'со стадии «Заявка» на «КП», «Счёт»',
      'со стадии «КП» на «Счёт»',
    ]);
  });
});

describe('a trial', () => {
  it('is made by somebody whom roles bind and who still works here', () => {
    const users = [person('1', { is_admin: true }), person('2'), person('3', { is_active: false })];
    expect(sellersOf(users).map(({ id }) => id)).toEqual(['2']);
  });

  it('is offered to the only seller, or to who tried last', () => {
    const [anna, ivan] = [person('6'), person('7')];
    expect(firstSeller([anna], null)).toBe('6');
    expect(firstSeller([anna, ivan], null)).toBe('');
    expect(firstSeller([anna, ivan], aTrial({ user_id: '7' }))).toBe('7');
    expect(firstSeller([anna, ivan], aTrial({ user_id: 'gone' }))).toBe('');
  });

  it('tells its ways apart only when they ended differently', () => {
    const way = (from: string, state: 'holds' | 'leaks') =>
      ({ from_stage_id: from, from_stage_title: from, to_stage_id: '40', to_stage_title: 'КП', state, code: '' as const, text: '' });
    expect(unlikeWays({ results: [way('20', 'holds'), way('30', 'holds')] })).toEqual([]);
    expect(unlikeWays({ results: [way('20', 'holds'), way('30', 'leaks')] })).toHaveLength(2);
  });

  it('begins with a gate that leaked, then one that was never tried, and never with one that stops nobody', () => {
    const [held, fresh, leaking] = [
      aLockStage({ stage_id: 'held', state: 'holds' }),
      aLockStage({ stage_id: 'fresh' }),
      aLockStage({ stage_id: 'leaking', state: 'leaks' }),
    ];
    expect(nextToTry([held, fresh, leaking])).toBe('leaking');
    expect(nextToTry([held, fresh])).toBe('fresh');
    expect(nextToTry([held])).toBe('held');
    expect(nextToTry([aLockStage({ mode: 'shadow' })])).toBe('');
  });

  it('is under way until it is done', () => {
    expect(isUnderWay(aTrial({ state: 'waiting' }))).toBe(true);
    expect(isUnderWay(aTrial({ state: 'done', outcome: 'holds' }))).toBe(false);
    expect(isUnderWay(null)).toBe(false);
  });
});

describe('a long list', () => {
  it('shows its beginning and every gate that asks for somebody', () => {
    const stages = Array.from({ length: 40 }, (_, at) => aLockStage({ stage_id: String(at), state: at === 30 ? 'leaks' : 'holds' }));
    expect(worthSeeing(stages, 3).map(({ stage_id }) => stage_id)).toEqual(['0', '1', '2', '30']);
    expect(worthSeeing(stages.slice(0, 4), 3)).toHaveLength(4);
  });
});

describe('the tally', () => {
  it('counts gates that stop deals only', () => {
    const stages = [aLockStage({ state: 'holds' }), aLockStage(), aLockStage({ mode: 'warn', state: 'holds' })];
    expect(held({ stages })).toEqual({ held: 1, total: 2 });
  });
});
