import type { ConversionReport, ReportSegment, ReportStep, StepOrder, TruthGap } from '../api/types';
import { dayOf } from '../format/format';
import { COMPARE } from './view';

export type Preset = '30' | '90' | '180' | '365' | 'custom';
export const PRESETS: readonly Preset[] = ['30', '90', '180', '365', 'custom'];

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

/** Which tab is shown: the chosen one, else the bottleneck's segment, else the largest one. */
export function shownSegment(report: ConversionReport, chosen: string): string {
  if (chosen === COMPARE && report.segments.length > 1) return COMPARE;
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

/** A step where clients stop, with the segment that it belongs to. */
export interface Stop {
  segment: ReportSegment;
  step: ReportStep;
}

/** Where most clients stop, over all segments; nobody stops at an optional step. */
export function stopsBySize(report: ConversionReport, most: number): Stop[] {
  return report.segments
    .flatMap((segment) => segment.steps.map((step) => ({ segment, step })))
    .filter(({ step }) => step.dropped > 0 && !step.is_optional)
    .sort((one, other) => other.step.dropped - one.step.dropped)
    .slice(0, most);
}

/** Where most clients of one segment stop, when any do. */
export function mainStop(segment: ReportSegment): ReportStep | null {
  const stops = segment.steps.filter((step) => step.dropped > 0 && !step.is_optional);
  return stops.sort((one, other) => other.dropped - one.dropped)[0] ?? null;
}

/** The step that ends a segment's way: its last that every client has to take. */
export function lastStep(segment: ReportSegment): ReportStep | null {
  return [...segment.steps].reverse().find((step) => !step.is_optional) ?? null;
}

/** Over all segments: how many deals came to the last step of their segment, of how many. */
export function wholeWay(report: ConversionReport): { done: number; deals: number } {
  const ends = report.segments.map((segment) => ({ deals: segment.deals, done: lastStep(segment)?.done ?? 0 }));
  return { done: sum(ends.map((end) => end.done)), deals: sum(ends.map((end) => end.deals)) };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
