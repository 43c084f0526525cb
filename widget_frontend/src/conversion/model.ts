import type { ConversionReport, StepOrder, TruthGap } from '../api/types';
import { dayOf } from '../format/format';

export type Preset = '30' | '90' | '180' | 'custom';
export const PRESETS: readonly Preset[] = ['30', '90', '180', 'custom'];

export interface Filters {
  pipelineId: string;
  preset: Preset;
  /** Days as YYYY-MM-DD; used with the preset "custom" only. */
  from: string;
  to: string;
  segmentKey: string;
  responsibleId: string;
  order: StepOrder;
}

export interface Period {
  from: string;
  to: string;
}

export function firstFilters(pipelineId: string, now: Date): Filters {
  const { from, to } = lastDays(180, now);
  return { pipelineId, preset: '180', from, to, segmentKey: '', responsibleId: '', order: 'ordered' };
}

/** The last `days` days before today and today itself. */
export function lastDays(days: number, now: Date): Period {
  return { from: dayOf(new Date(now.getTime() - days * 86_400_000)), to: dayOf(now) };
}

export function periodOf(filters: Filters, now: Date): Period {
  if (filters.preset !== 'custom') return lastDays(Number(filters.preset), now);
  return { from: filters.from, to: filters.to };
}

/** True when the chosen days make no period. */
export function isReversed(filters: Filters, now: Date): boolean {
  const { from, to } = periodOf(filters, now);
  return !from || !to || from > to;
}

export function queryOf(filters: Filters, now: Date): string {
  const { from, to } = periodOf(filters, now);
  const query = new URLSearchParams({ pipeline_id: filters.pipelineId, from, to, order: filters.order });
  if (filters.segmentKey) query.set('segment_key', filters.segmentKey);
  if (filters.responsibleId) query.set('responsible_id', filters.responsibleId);
  return query.toString();
}

/** Stages with the widest gap first; stages where both sides agree or nobody stands are left out. */
export function gapsByWidth(gaps: TruthGap[]): TruthGap[] {
  const width = (gap: TruthGap): number => gap.statuses_say - gap.clients_say;
  return gaps.filter((gap) => width(gap) > 0).sort((one, other) => width(other) - width(one));
}

/** Which segment is shown: the chosen one, else that of the bottleneck, else the largest. */
export function shownSegment(report: ConversionReport, chosen: string): string {
  const keys = report.segments.map((segment) => segment.key);
  if (keys.includes(chosen)) return chosen;
  const narrow = report.bottleneck?.segment_key;
  if (narrow && keys.includes(narrow)) return narrow;
  return [...report.segments].sort((one, other) => other.deals - one.deals)[0]?.key ?? '';
}

/** Fewer deals than this name no bottleneck, whatever they did. */
export const ENOUGH_DEALS = 20;

export type PanelMood = 'no_version' | 'empty' | 'filled';

export function panelMood(report: ConversionReport): PanelMood {
  if (report.version === null) return 'no_version';
  return report.deals > 0 ? 'filled' : 'empty';
}
