import type { ConversionReport, DealState, ReportStep } from '../api/types';
import { DEAL_STATES, stageOfGate } from './view';
import type { Drill } from './view';

export interface Subject {
  /** The step's or the stage's title; empty while the report is not there. */
  title: string;
  segment: string;
  step: ReportStep | null;
}

/** What a list of deals is about, in the words of the report that it came from. */
export function subjectOf(report: ConversionReport | null, drill: Drill): Subject {
  const segment = report?.segments.find((one) => one.key === drill.segmentKey);
  const stageId = stageOfGate(drill.stepKey);
  const gap = report?.truth_gap.find((one) => one.stage_id === stageId);
  const step = segment?.steps.find((one) => one.key === drill.stepKey) ?? null;
  return { title: gap?.stage_title ?? step?.title ?? '', segment: segment?.title ?? '', step };
}

/** Which lists there are beside this one: nobody is counted as stopped at a stage or at an optional step. */
export function statesOf(drill: Drill, step: ReportStep | null): DealState[] {
  const isGate = stageOfGate(drill.stepKey) !== '';
  const hidden: DealState[] = [];
  if (isGate || step?.is_optional) hidden.push('dropped');
  if (!isGate && step?.claimed === null) hidden.push('claimed_only');
  return DEAL_STATES.filter((state) => state === drill.state || !hidden.includes(state));
}

/** How many deals the report counts there; null when it does not say. */
export function countOf(report: ConversionReport | null, drill: Drill): number | null {
  const { step } = subjectOf(report, drill);
  if (step) return { dropped: step.dropped, reached: step.done, claimed_only: null }[drill.state];
  const gap = report?.truth_gap.find((one) => one.stage_id === stageOfGate(drill.stepKey));
  if (!gap) return null;
  return { dropped: null, reached: gap.clients_say, claimed_only: gap.statuses_say - gap.clients_say }[drill.state];
}
