import { describe, expect, it } from 'vitest';

import type { Catalog } from '../api/types';
import { filtersOf, viewOf, wordsOf } from './address';
import { firstFilters } from './model';
import { FIRST_VIEW } from './view';

const now = new Date('2026-11-16T12:00:00Z');
const catalog: Catalog = {
  pipelines: [
    { id: '2', title: 'Сервис', is_main: false, stages: [] },
    { id: '1', title: 'Продажи', is_main: true, stages: [] },
  ],
  fields: [],
  users: [{ id: '6', name: 'Иван Петров', is_admin: false, is_active: true }],
  loss_reasons: [], unseen: [],
  read_at: '2026-11-16T09:00:00Z',
};

describe('the panel’s address', () => {
  it('names nothing but the pipeline while all is as at first', () => {
    expect(wordsOf(firstFilters('1', now), FIRST_VIEW).toString()).toBe('pipeline=1');
    expect(filtersOf(new URLSearchParams(), catalog, now)).toEqual(firstFilters('1', now));
    expect(viewOf(new URLSearchParams())).toEqual(FIRST_VIEW);
  });

  it('gives back every filter', () => {
    const filters = { ...firstFilters('2', now), preset: 'custom' as const, from: '2026-01-01', to: '2026-03-31', segmentKey: 'urgent', responsibleId: '6', order: 'any' as const };
    expect(filtersOf(wordsOf(filters, FIRST_VIEW), catalog, now)).toEqual(filters);
  });

  it('gives back what was on the screen', () => {
    const view = { tab: 'urgent', isTable: true, drill: { segmentKey: 'urgent', stepKey: 'paid', state: 'dropped' as const } };
    expect(viewOf(wordsOf(firstFilters('1', now), view))).toEqual(view);
    const all = { ...view, drill: { segmentKey: '', stepKey: 'gate:40', state: 'claimed_only' as const } };
    expect(viewOf(wordsOf(firstFilters('1', now), all))).toEqual(all);
  });

  it('takes what is unknown or gone from the CRM as not said', () => {
    const odd = new URLSearchParams('pipeline=9&period=7&manager=77&order=odd&from=yesterday&to=2026-1-1&step=x&of=all&in=y');
    expect(filtersOf(odd, catalog, now)).toEqual(firstFilters('1', now));
    expect(viewOf(odd).drill).toBeNull();
  });
});
