import { describe, expect, it } from 'vitest';

import type { MatchFieldRow, MatchRow, MatchState } from '../api/types';
import { NOTHING_CHOSEN, answered, doubtfulIn, keyOf, sharedStages, spotsOf, withChoice, withGuesses, withoutLonely } from './model';

function aRow(name: string, changes: Partial<MatchRow> = {}): MatchRow {
  return { name, title: name, hint: '', target: 'x', sureness: 'sure', reason: 'same_name', uses: ['шаг'], uses_more: 0, shares_with: [], ...changes };
}

function aField(name: string, choices: MatchRow[], changes: Partial<MatchRow> = {}): MatchFieldRow {
  return { ...aRow(name, changes), choices, options: ['Urgent'] };
}

function aMatch(changes: Partial<MatchState> = {}): MatchState {
  return {
    origin: { account: 'Опора', pipeline: 'Продажи', version: 3, made_at: '', is_same_account: false },
    segments: 1, steps: 2, gates: 2, strict_gates: 0,
    stages: [], other_stages: [], fields: [], people: [], sources: [],
    targets: { stages: [{ id: 'x', title: 'Proposal', group: 'open' }], other_stages: [], fields: [], people: [], sources: [] },
    draft: null, report: [], errors: 0,
    ...changes,
  };
}

describe('what a person should look at', () => {
  it('is every guess and everything without a pair, but no source', () => {
    const seen = aMatch({
      stages: [aRow('КП', { sureness: 'likely' }), aRow('Дума', { sureness: 'guess' })],
      fields: [aField('Тип', [aRow('Срочно', { sureness: 'none', target: '' })])],
      sources: [aRow('Сайт', { sureness: 'none', target: '' })],
    });
    expect([...doubtfulIn(seen)]).toEqual(['stages\n\nДума', 'fields\nТип\nСрочно']);
    expect(spotsOf(seen)).toHaveLength(5);
  });

  it('tells apart rows of one name in different lists', () => {
    const seen = aMatch({ stages: [aRow('Опт')], people: [{ ...aRow('Опт'), sees_all: true }] });
    expect(new Set(spotsOf(seen).map(keyOf)).size).toBe(2);
  });
});

describe('a choice', () => {
  const field = { list: 'fields' as const, row: aRow('Тип'), field: '' };
  const value = { list: 'fields' as const, row: aRow('Срочно'), field: 'Тип' };

  it('of another field forgets what was chosen for the old values', () => {
    const chosen = withChoice(withChoice(NOTHING_CHOSEN, value, 'Urgent'), field, 'f2');
    expect(chosen).toEqual({ ...NOTHING_CHOSEN, fields: { Тип: 'f2' } });
  });

  it('for a stage of another pipeline is a choice of a stage', () => {
    const spot = { list: 'other_stages' as const, row: aRow('Подписан'), field: '' };
    expect(withChoice(NOTHING_CHOSEN, spot, '3:c')).toEqual({ ...NOTHING_CHOSEN, stages: { Подписан: '3:c' } });
  });
});

describe('an answer for all at once', () => {
  it('takes the guesses and keeps what was chosen for a field’s values', () => {
    const seen = aMatch({
      stages: [aRow('Дума', { sureness: 'guess', target: 's' }), aRow('КП')],
      fields: [aField('Тип', [aRow('Срочно', { sureness: 'guess', target: 'Rush' })], { sureness: 'guess', target: 'f' })],
    });
    const before = { ...NOTHING_CHOSEN, choices: { Тип: { Опт: 'Bulk' } } };
    expect(withGuesses(before, seen)).toEqual({
      ...NOTHING_CHOSEN,
      stages: { Дума: 's' },
      fields: { Тип: 'f' },
      choices: { Тип: { Опт: 'Bulk', Срочно: 'Rush' } },
    });
  });

  it('leaves out what has no pair', () => {
    const seen = aMatch({ stages: [aRow('Дума', { sureness: 'none', target: '' }), aRow('КП')] });
    expect(withoutLonely(NOTHING_CHOSEN, seen).stages).toEqual({ Дума: '' });
  });
});

it('names a stage to which several lead once, with all of them', () => {
  const seen = aMatch({ stages: [aRow('А', { shares_with: ['Б'] }), aRow('Б', { shares_with: ['А'] }), aRow('В', { target: 'y' })] });
  expect(sharedStages(seen)).toEqual([{ target: 'x', title: 'Proposal', names: ['А', 'Б'] }]);
});

it('shows an answer at once, and only in its own row', () => {
  const seen = aMatch({ stages: [aRow('КП'), aRow('Дума')], fields: [aField('Тип', [aRow('Срочно'), aRow('Опт')])] });
  const stage = answered(seen, { list: 'stages', row: aRow('КП'), field: '' }, 'y').stages;
  expect(stage.map(({ target, sureness }) => [target, sureness])).toEqual([['y', 'chosen'], ['x', 'sure']]);
  const values = answered(seen, { list: 'fields', row: aRow('Опт'), field: 'Тип' }, 'Bulk').fields[0]?.choices;
  expect(values?.map(({ target }) => target)).toEqual(['x', 'Bulk']);
});
