import { describe, expect, it } from 'vitest';

import { callLength, lowerFirst, moment, percent, span, useTimezone } from './format';

const now = new Date('2026-11-16T12:00:00Z');

describe('moments', () => {
  it('are today, yesterday or a day, in the account’s zone', () => {
    expect(moment('2026-11-16T09:04:00Z', now)).toBe('сегодня в 12:04');
    expect(moment('2026-11-15T21:30:00Z', now)).toBe('сегодня в 00:30');
    expect(moment('2026-11-15T09:04:00Z', now)).toBe('вчера в 12:04');
    expect(moment('2026-11-02T09:04:00Z', now)).toBe('2 ноября, 12:04');
    expect(moment('2025-11-02T09:04:00Z', now)).toBe('2 ноября 2025, 12:04');
  });

  it('fall back to the browser’s zone when the account’s is unknown', () => {
    useTimezone('Mars/Olympus');
    expect(moment('2026-11-02T09:04:00Z', now)).toMatch(/ноября, \d\d:\d\d$/);
  });
});

describe('lengths', () => {
  it('of calls are exact', () => {
    expect(callLength(0)).toBe('0 с');
    expect(callLength(40)).toBe('40 с');
    expect(callLength(120)).toBe('2 мин');
    expect(callLength(3_900)).toBe('1 ч 5 мин');
  });

  it('of waits are short', () => {
    expect(span(1_080)).toBe('18 мин');
    expect(span(18_000)).toBe('5 ч');
    expect(span(120_960)).toBe('1,4 дня');
    expect(span(86_400)).toBe('1 день');
    expect(span(1_296_000)).toBe('15 дней');
  });
});

describe('shares', () => {
  it('are never rounded onto nothing or all', () => {
    expect(percent(0)).toBe('0%');
    expect(percent(0.001)).toBe('1%');
    expect(percent(0.999)).toBe('99%');
    expect(percent(1)).toBe('100%');
  });
});

describe('the first letter', () => {
  it('is lowered but in an abbreviation', () => {
    expect(lowerFirst('Открыть КП')).toBe('открыть КП');
    expect(lowerFirst('КП открыть')).toBe('КП открыть');
  });
});
