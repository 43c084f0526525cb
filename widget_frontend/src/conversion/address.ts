import type { Catalog, DealState, StepOrder } from '../api/types';
import { PRESETS, firstFilters } from './model';
import type { Filters } from './model';
import { DEAL_STATES } from './view';
import type { View } from './view';

/** The names that the panel uses in its address; others in there belong to somebody else. */
export const OWN_NAMES = ['pipeline', 'period', 'from', 'to', 'segment', 'manager', 'order', 'tab', 'as', 'step', 'of', 'in'] as const;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Filters and view as the words of an address; what is as at first is left out. */
export function wordsOf(filters: Filters, view: View): URLSearchParams {
  const custom = filters.preset === 'custom';
  const drill = view.drill;
  const all: [(typeof OWN_NAMES)[number], string][] = [
    ['pipeline', filters.pipelineId],
    ['period', filters.preset === '180' ? '' : filters.preset],
    ['from', custom ? filters.from : ''],
    ['to', custom ? filters.to : ''],
    ['segment', filters.segmentKey],
    ['manager', filters.responsibleId],
    ['order', filters.order === 'ordered' ? '' : filters.order],
    ['tab', view.tab],
    ['as', view.isTable ? 'table' : ''],
    ['step', drill?.stepKey ?? ''],
    ['of', drill?.state ?? ''],
    ['in', drill?.segmentKey ?? ''],
  ];
  return new URLSearchParams(all.filter(([, value]) => value));
}

/** Filters from an address. Whatever is unknown, mistyped or gone from the CRM is as at first. */
export function filtersOf(words: URLSearchParams, catalog: Catalog, now: Date): Filters {
  const ids = catalog.pipelines.map((pipeline) => pipeline.id);
  const main = catalog.pipelines.find((pipeline) => pipeline.is_main) ?? catalog.pipelines[0];
  const first = firstFilters(main?.id ?? '', now);
  const asked = words.get('pipeline') ?? '';
  const manager = words.get('manager') ?? '';
  const [from, to] = [words.get('from') ?? '', words.get('to') ?? ''];
  return {
    pipelineId: ids.includes(asked) ? asked : first.pipelineId,
    preset: oneOf(PRESETS, words.get('period')) ?? first.preset,
    from: DAY.test(from) ? from : first.from,
    to: DAY.test(to) ? to : first.to,
    segmentKey: words.get('segment') ?? '',
    responsibleId: catalog.users.some((user) => user.id === manager) ? manager : '',
    order: oneOf<StepOrder>(['ordered', 'any'], words.get('order')) ?? first.order,
  };
}

/** What was on the screen, from an address. */
export function viewOf(words: URLSearchParams): View {
  const [stepKey, segmentKey] = [words.get('step') ?? '', words.get('in') ?? ''];
  const state = oneOf<DealState>(DEAL_STATES, words.get('of'));
  const drill = stepKey && state ? { stepKey, segmentKey, state } : null;
  return { tab: words.get('tab') ?? '', isTable: words.get('as') === 'table', drill };
}

function oneOf<T extends string>(known: readonly T[], word: string | null): T | null {
  return known.find((one) => one === word) ?? null;
}
