import type { Catalog, CatalogStage, CheckpointDraft, FunnelDocument, FunnelState, GateDraft, Problem, SegmentDraft } from '../api/types';

/** A stage as the board draws it: its gate and the checkpoints behind it, in the client's order. */
export interface Column {
  stage: CatalogStage;
  gate: GateDraft | null;
  checkpoints: CheckpointDraft[];
  problems: Problem[];
}

/** The document that is being edited: the draft, else what is published, else nothing at all. */
export function shownDocument(state: FunnelState): FunnelDocument {
  return state.draft?.document ?? state.published?.document ?? { format: 1, segments: [] };
}

/** Columns for every stage that a deal can be moved to by hand. */
export function columnsOf(segment: SegmentDraft, index: number, stages: CatalogStage[], problems: Problem[]): Column[] {
  return stages
    .filter((stage) => stage.kind !== 'entry' && stage.kind !== 'lost')
    .map((stage) => columnOf(segment, index, stage, problems));
}

function columnOf(segment: SegmentDraft, index: number, stage: CatalogStage, problems: Problem[]): Column {
  const at = segment.gates.findIndex((one) => one.stage_id === stage.id);
  const gate = segment.gates[at] ?? null;
  return {
    stage,
    gate,
    checkpoints: segment.checkpoints.filter((one) => gate?.checkpoint_keys.includes(one.key)),
    problems: [
      ...problemsAt(problems, `stages.${stage.id}`),
      ...(gate ? problemsAt(problems, `segments.${String(index)}.gates.${String(at)}`) : []),
    ],
  };
}

/** Checkpoints that no stage demands, and gates of stages that the CRM no longer has. */
export function looseCheckpoints(segment: SegmentDraft, stages: CatalogStage[]): CheckpointDraft[] {
  const known = new Set(stages.map((stage) => stage.id));
  const held = new Set(segment.gates.filter((gate) => known.has(gate.stage_id)).flatMap((gate) => gate.checkpoint_keys));
  return segment.checkpoints.filter((checkpoint) => !held.has(checkpoint.key));
}

export function lostGates(segment: SegmentDraft, stages: CatalogStage[]): GateDraft[] {
  const known = new Set(stages.map((stage) => stage.id));
  return segment.gates.filter((gate) => !known.has(gate.stage_id));
}

/** Problems at a path or below it. */
export function problemsAt(problems: Problem[], path: string): Problem[] {
  return problems.filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`));
}

export function checkpointProblems(problems: Problem[], segment: SegmentDraft, index: number, key: string): Problem[] {
  const at = segment.checkpoints.findIndex((one) => one.key === key);
  return problemsAt(problems, `segments.${String(index)}.checkpoints.${String(at)}`);
}

/** A client step that the stage's name speaks of and that the segment does not have yet; empty when there is none. */
export function freshIdea(state: FunnelState, segment: SegmentDraft, stageId: string): string {
  const taken = new Set(segment.checkpoints.map((one) => one.title));
  return state.stage_meanings[stageId]?.titles.find((title) => !taken.has(title)) ?? '';
}

/** What stands in the way of publishing. */
export function errorsAmong(problems: Problem[]): Problem[] {
  return problems.filter((problem) => problem.severity !== 'warning');
}

/** True when no gate of the published mapping does more than watch. */
export function onlyWatches(state: FunnelState): boolean {
  const gates = state.published?.document.segments.flatMap((segment) => segment.gates) ?? [];
  return gates.length > 0 && gates.every((gate) => gate.mode === 'shadow');
}

/** The text of a grace time in the unit that fits: minutes, hours or days. */
export const GRACE_CHOICES: readonly number[] = [0, 15, 30, 60, 120, 240, 480, 1440, 2880];

export function graceChoices(current: number): number[] {
  return [...new Set([...GRACE_CHOICES, current])].sort((one, other) => one - other);
}

/** The name of a pipeline. */
export function titleOf(catalog: Catalog, pipelineId: string): string {
  return catalog.pipelines.find(({ id }) => id === pipelineId)?.title ?? '';
}
