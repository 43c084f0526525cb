import type { CheckpointDraft, FunnelDocument, GateDraft, GateMode, SegmentDraft } from '../api/types';

/** Changes of a mapping as pure functions: each gives a new document and leaves the old one alone. */

type Change<T> = (value: T) => T;

export function changeSegment(document: FunnelDocument, key: string, change: Change<SegmentDraft>): FunnelDocument {
  return { ...document, segments: document.segments.map((segment) => (segment.key === key ? change(segment) : segment)) };
}

/** A key that nothing else has: `step`, `step-2`, `step-3` … */
export function freshKey(stem: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? stem : `${stem}-${String(number)}`;
    if (!known.has(key)) return key;
  }
}

/** A new segment before the last one when that takes all the rest, else at the end. */
export function addSegment(document: FunnelDocument, title: string): [FunnelDocument, string] {
  const key = freshKey('segment', document.segments.map((segment) => segment.key));
  const made: SegmentDraft = { key, title, conditions: [], checkpoints: [], gates: [] };
  const last = document.segments.at(-1);
  const at = document.segments.length - (last && !last.conditions.length ? 1 : 0);
  return [{ ...document, segments: document.segments.toSpliced(at, 0, made) }, key];
}

export function removeSegment(document: FunnelDocument, key: string): FunnelDocument {
  return { ...document, segments: document.segments.filter((segment) => segment.key !== key) };
}

/** Segments are tried in order, so the place matters. */
export function shiftSegment(document: FunnelDocument, key: string, by: -1 | 1): FunnelDocument {
  return { ...document, segments: shifted(document.segments, document.segments.findIndex((one) => one.key === key), by) };
}

export function newCheckpoint(segment: SegmentDraft): CheckpointDraft {
  return {
    key: freshKey('step', segment.checkpoints.map((checkpoint) => checkpoint.key)),
    title: '',
    request: '',
    hint: '',
    objections: [],
    accepts: 'D',
    is_optional: false,
    before: [],
    fresh_days: null,
    proof: { combine: 'any', least: 1, within_hours: null, after: '', triggers: [] },
  };
}

/** Keep a checkpoint; a new one goes behind the stage and after what that stage has already. */
export function putCheckpoint(segment: SegmentDraft, made: CheckpointDraft, stageId: string): SegmentDraft {
  if (segment.checkpoints.some((one) => one.key === made.key)) {
    return { ...segment, checkpoints: segment.checkpoints.map((one) => (one.key === made.key ? made : one)) };
  }
  const mates = segment.gates.find((gate) => gate.stage_id === stageId)?.checkpoint_keys ?? [];
  const after = segment.checkpoints.findLastIndex((one) => mates.includes(one.key));
  const at = after < 0 ? segment.checkpoints.length : after + 1;
  return attach({ ...segment, checkpoints: segment.checkpoints.toSpliced(at, 0, made) }, made.key, stageId);
}

export function changeCheckpoint(segment: SegmentDraft, key: string, changes: Partial<CheckpointDraft>): SegmentDraft {
  const checkpoints = segment.checkpoints.map((one) => (one.key === key ? { ...one, ...changes } : one));
  return { ...segment, checkpoints };
}

/** Remove a checkpoint with everything that refers to it. */
export function removeCheckpoint(segment: SegmentDraft, key: string): SegmentDraft {
  return {
    ...segment,
    checkpoints: segment.checkpoints
      .filter((one) => one.key !== key)
      .map((one) => ({
        ...one,
        before: one.before.filter((other) => other !== key),
        proof: one.proof.after === key ? { ...one.proof, after: '' } : one.proof,
      })),
    gates: withoutEmpty(segment.gates.map((gate) => without(gate, key))),
  };
}

/** Let a stage demand a checkpoint; a stage without a gate gets one that only watches. */
export function attach(segment: SegmentDraft, key: string, stageId: string): SegmentDraft {
  if (!stageId) return segment;
  const gate = segment.gates.find((one) => one.stage_id === stageId);
  if (!gate) {
    const made: GateDraft = { stage_id: stageId, checkpoint_keys: [key], mode: 'shadow', grace_minutes: 0 };
    return { ...segment, gates: [...segment.gates, made] };
  }
  if (gate.checkpoint_keys.includes(key)) return segment;
  return changeGate(segment, stageId, (one) => ({ ...one, checkpoint_keys: [...one.checkpoint_keys, key] }));
}

/** Move a checkpoint from one stage's gate to another's; an empty stage id stands for "no stage". */
export function moveCheckpoint(segment: SegmentDraft, key: string, fromStage: string, toStage: string): SegmentDraft {
  if (fromStage === toStage) return segment;
  const gates = segment.gates.map((gate) => (gate.stage_id === fromStage ? without(gate, key) : gate));
  return attach({ ...segment, gates: withoutEmpty(gates) }, key, toStage);
}

/** Put a checkpoint one place earlier or later in the client's order. */
export function shiftCheckpoint(segment: SegmentDraft, key: string, by: -1 | 1): SegmentDraft {
  const at = segment.checkpoints.findIndex((one) => one.key === key);
  return { ...segment, checkpoints: shifted(segment.checkpoints, at, by) };
}

export function changeGate(segment: SegmentDraft, stageId: string, change: Change<GateDraft>): SegmentDraft {
  return { ...segment, gates: segment.gates.map((gate) => (gate.stage_id === stageId ? change(gate) : gate)) };
}

export function setGate(segment: SegmentDraft, stageId: string, mode: GateMode, graceMinutes: number): SegmentDraft {
  return changeGate(segment, stageId, (gate) => ({ ...gate, mode, grace_minutes: graceMinutes }));
}

function without(gate: GateDraft, key: string): GateDraft {
  return { ...gate, checkpoint_keys: gate.checkpoint_keys.filter((other) => other !== key) };
}

function withoutEmpty(gates: GateDraft[]): GateDraft[] {
  return gates.filter((gate) => gate.checkpoint_keys.length > 0);
}

function shifted<T>(list: T[], at: number, by: -1 | 1): T[] {
  const other = at + by;
  const [one, two] = [list[at], list[other]];
  if (one === undefined || two === undefined) return list;
  return list.with(at, two).with(other, one);
}
