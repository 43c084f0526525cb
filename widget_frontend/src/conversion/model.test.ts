import { describe, expect, it } from 'vitest';

import type { ConversionReport } from '../api/types';
import { firstFilters, gapsByWidth, isReversed, lastDays, panelMood, periodOf, queryOf, shownSegment } from './model';

const now = new Date('2026-11-16T12:00:00Z');

function aReport(changes: Partial<ConversionReport> = {}): ConversionReport {
  return {
    pipeline_id: '1',
    period: { first: '2026-05-20', last: '2026-11-16' },
    order: 'ordered',
    as_of: '2026-11-16T09:04:00Z',
    version: 3,
    is_rebuilding: false,
    sees: 'everyone',
    backfill: null,
    deals: 10,
    segments: [
      { key: 'small', title: 'Срочно', deals: 3, steps: [] },
      { key: 'large', title: 'Выбирают', deals: 7, steps: [] },
    ],
    bottleneck: null,
    truth_gap: [],
    ...changes,
  };
}

describe('the period', () => {
  it('is the last 180 days at first', () => {
    expect(periodOf(firstFilters('1', now), now)).toEqual({ from: '2026-05-20', to: '2026-11-16' });
  });

  it('follows the calendar of the account’s zone', () => {
    expect(lastDays(0, new Date('2026-11-16T22:00:00Z'))).toEqual({ from: '2026-11-17', to: '2026-11-17' });
  });

  it('is as chosen when dates were chosen', () => {
    const filters = { ...firstFilters('1', now), preset: 'custom' as const, from: '2026-01-01', to: '2026-01-31' };
    expect(periodOf(filters, now)).toEqual({ from: '2026-01-01', to: '2026-01-31' });
    expect(isReversed(filters, now)).toBe(false);
    expect(isReversed({ ...filters, to: '2025-12-31' }, now)).toBe(true);
    expect(isReversed({ ...filters, from: '' }, now)).toBe(true);
  });
});

describe('the question to the server', () => {
  it('names only what was chosen', () => {
    const plain = new URLSearchParams(queryOf(firstFilters('1', now), now));
    expect([...plain.keys()].sort()).toEqual(['from', 'order', 'pipeline_id', 'to']);
    const full = queryOf({ ...firstFilters('1', now), segmentKey: 'x', responsibleId: '5', order: 'any' }, now);
    expect(full).toContain('segment_key=x');
    expect(full).toContain('responsible_id=5');
    expect(full).toContain('order=any');
  });
});

describe('what is shown', () => {
  it('is the chosen segment, else the bottleneck’s, else the largest', () => {
    expect(shownSegment(aReport(), 'small')).toBe('small');
    expect(shownSegment(aReport(), 'gone')).toBe('large');
    const narrow = { segment_key: 'small', segment_title: '', step_key: '', step_title: '', dropped: 1, entered: 2 };
    expect(shownSegment(aReport({ bottleneck: narrow }), '')).toBe('small');
    expect(shownSegment(aReport({ segments: [] }), '')).toBe('');
  });

  it('is honest about nothing', () => {
    expect(panelMood(aReport({ version: null }))).toBe('no_version');
    expect(panelMood(aReport({ deals: 0 }))).toBe('empty');
    expect(panelMood(aReport())).toBe('filled');
  });

  it('puts the widest gap first and leaves out where both agree', () => {
    const gap = (stage_id: string, statuses_say: number, clients_say: number) => ({ stage_id, stage_title: stage_id, statuses_say, clients_say });
    const sorted = gapsByWidth([gap('a', 10, 9), gap('b', 10, 10), gap('c', 60, 38), gap('d', 5, 6)]);
    expect(sorted.map((one) => one.stage_id)).toEqual(['c', 'a']);
  });
});
