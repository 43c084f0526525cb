import type { ReportSegment, ReportStep } from '../api/types';

/** A place on a bar's track as shares of its width, from 0 to 1. */
export interface Span {
  from: number;
  to: number;
}

/** One step as it is drawn. */
export interface FunnelRow {
  step: ReportStep;
  /** How long the client's bar is. */
  client: number;
  /** How long the outline of the seller's statuses is; null when no stage rests on the step. */
  seller: number | null;
  /** Where the true number of deals lies with 95%; null when the sample says nothing, or all. */
  whisker: Span | null;
  isBottleneck: boolean;
}

export interface FunnelPicture {
  rows: FunnelRow[];
  /** How long the bar of all deals is: the scale's end is the largest number anywhere. */
  base: number;
}

/** Below this denominator a share says nothing. */
export const LEAST_SAMPLE = 5;

/** A segment's numbers as lengths on one common scale. */
export function funnelPicture(segment: ReportSegment, bottleneckKey: string | null): FunnelPicture {
  const scale = Math.max(1, segment.deals, ...segment.steps.flatMap((step) => [step.done, step.claimed ?? 0]));
  return {
    base: segment.deals / scale,
    rows: segment.steps.map((step) => ({
      step,
      client: step.done / scale,
      seller: step.claimed === null ? null : step.claimed / scale,
      whisker: whiskerOf(step, scale),
      isBottleneck: step.key === bottleneckKey,
    })),
  };
}

/** A narrower interval is no wider than its own end marks: drawn, it would only blur the bar's end. */
const LEAST_WIDTH = 0.008;

/** The interval of a step's share, laid on the deals that reached the step; null when there is nothing to see. */
export function whiskerOf(step: ReportStep, scale: number): Span | null {
  if (!step.step_interval || step.entered < LEAST_SAMPLE) return null;
  const [low, high] = step.step_interval;
  const [from, to] = [clamp((low * step.entered) / scale), clamp((high * step.entered) / scale)];
  return to - from < LEAST_WIDTH ? null : { from, to };
}

/** True when some step's share is not given because too few deals reached it. */
export function hasSmallSample(segment: ReportSegment): boolean {
  return segment.steps.some((step) => step.entered > 0 && step.entered < LEAST_SAMPLE);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
