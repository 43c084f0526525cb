import { describe, expect, it } from 'vitest';

import { aChecklist, aStop, anItem } from '../testing/samples';
import { canVouch, canWaive, hasNews, lookOf, moodOf, nearNext, newlyMet, phraseToCopy } from './model';
import { vouchFault } from './vouch_draft';

describe('the look of an item', () => {
  it('stands out when it is what the client owes next', () => {
    expect(lookOf(anItem(), 'opened')).toBe('next');
    expect(lookOf(anItem(), 'other')).toBe('unmet');
  });

  it('stays met or waived whatever comes next', () => {
    expect(lookOf(anItem({ state: 'met' }), 'opened')).toBe('met');
    expect(lookOf(anItem({ state: 'waived' }), 'opened')).toBe('waived');
  });

  it('tells "not known" from "not yet"', () => {
    expect(lookOf(anItem({ state: 'unknown' }), null)).toBe('unknown');
  });
});

describe('the mood of a card', () => {
  it('says that no map was published', () => {
    expect(moodOf(aChecklist({ version: null }))).toBe('no_version');
  });

  it('says that no segment includes the deal', () => {
    expect(moodOf(aChecklist({ segment: null, items: [] }))).toBe('no_segment');
  });

  it('is done when nothing is owed', () => {
    expect(moodOf(aChecklist({ next_key: null }))).toBe('all_done');
    expect(moodOf(aChecklist())).toBe('in_progress');
  });
});

describe('a long list', () => {
  const items = Array.from({ length: 50 }, (_, at) => anItem({ key: `k${String(at)}` }));

  it('is folded to what is near the next step', () => {
    const keys = nearNext(items, 'k20').map((item) => item.key);
    expect([keys[0], keys.length]).toEqual(['k17', 11]);
    expect(nearNext(items, null).at(-1)?.key).toBe('k49');
    expect(nearNext(items, 'k0')[0]?.key).toBe('k0');
  });

  it('is whole while it is short', () => {
    expect(nearNext(items.slice(0, 14), 'k3')).toHaveLength(14);
  });
});

describe('what is announced', () => {
  it('names the steps that became met', () => {
    const before = aChecklist();
    const after = aChecklist({ items: before.items.map((item) => ({ ...item, state: 'met' as const })) });
    expect(newlyMet(before, after)).toEqual(['Клиент открыл КП']);
  });

  it('is nothing on the first reading or for another deal', () => {
    expect(newlyMet(null, aChecklist())).toEqual([]);
    const other = aChecklist({ deal: { ...aChecklist().deal, id: '8' } });
    expect(newlyMet(other, aChecklist())).toEqual([]);
  });
});

describe('what is copied for the client', () => {
  it('is the phrase in quotation marks, without the advice around it', () => {
    const hint = 'Не дозвонились: напишите коротко. «Здравствуйте! Нужна минута, удобно сейчас?»';
    expect(phraseToCopy(hint)).toBe('Здравствуйте! Нужна минута, удобно сейчас?');
  });

  it('is the whole hint when nothing long is quoted', () => {
    expect(phraseToCopy('Спросите, открылось ли «КП».')).toBe('Спросите, открылось ли «КП».');
  });
});

describe('vouching', () => {
  it('is offered only where a manager’s word is accepted and the step is open', () => {
    expect(canVouch(anItem())).toBe(true);
    expect(canVouch(anItem({ accepts: 'B' }))).toBe(false);
    expect(canVouch(anItem({ state: 'met' }))).toBe(false);
  });

  it('asks for a few words and for a day that has come', () => {
    expect(vouchFault({ quote: '  да ', happenedOn: '2026-11-16' }, '2026-11-16')).toBe('short');
    expect(vouchFault({ quote: 'посмотрели, всё ясно', happenedOn: '2026-11-17' }, '2026-11-16')).toBe('future');
    expect(vouchFault({ quote: 'посмотрели, всё ясно', happenedOn: '2026-11-16' }, '2026-11-16')).toBeNull();
  });
});

describe('setting a step aside', () => {
  it('is offered for what is open alone', () => {
    expect([anItem(), anItem({ state: 'unknown' })].map(canWaive)).toEqual([true, true]);
    expect([anItem({ state: 'met' }), anItem({ state: 'waived' })].map(canWaive)).toEqual([false, false]);
  });
});

describe('news', () => {
  it('are none on the usual card', () => {
    expect(hasNews(aChecklist())).toBe(false);
    expect(hasNews(aChecklist({ backfill: { state: 'done', done: 1, total: 1 } }))).toBe(false);
  });

  it('are an undone move, old data, and a past that is still being read', () => {
    expect(hasNews(aChecklist({ stop: aStop() }))).toBe(true);
    expect(hasNews(aChecklist({ stale: true }))).toBe(true);
    expect(hasNews(aChecklist({ backfill: { state: 'running', done: 1, total: 2 } }))).toBe(true);
  });
});
