import { describe, expect, it } from 'vitest';

import type { CheckpointDraft, FunnelDocument, SegmentDraft } from '../api/types';
import {
  addSegment,
  attach,
  changeSegment,
  freshKey,
  moveCheckpoint,
  newCheckpoint,
  putCheckpoint,
  removeCheckpoint,
  removeSegment,
  setGate,
  shiftCheckpoint,
  shiftSegment,
} from './edits';

function aCheckpoint(key: string, changes: Partial<CheckpointDraft> = {}): CheckpointDraft {
  return { ...newCheckpoint(aSegment()), key, title: key, ...changes };
}

function aSegment(changes: Partial<SegmentDraft> = {}): SegmentDraft {
  return { key: 'all', title: 'Все', conditions: [], checkpoints: [], gates: [], ...changes };
}

const gate = (stage_id: string, ...checkpoint_keys: string[]) => ({ stage_id, checkpoint_keys, mode: 'shadow' as const, grace_minutes: 0 });
const segment = aSegment({ checkpoints: [aCheckpoint('a'), aCheckpoint('b')], gates: [gate('1', 'a'), gate('2', 'b')] });
const keys = (one: SegmentDraft): string[] => one.checkpoints.map((checkpoint) => checkpoint.key);

describe('keys', () => {
  it('are never taken twice', () => {
    expect(freshKey('step', [])).toBe('step');
    expect(freshKey('step', ['step', 'step-2'])).toBe('step-3');
  });
});

describe('a checkpoint', () => {
  it('that is new stands behind its stage and after that stage’s others', () => {
    const changed = putCheckpoint(segment, aCheckpoint('c'), '1');
    expect(keys(changed)).toEqual(['a', 'c', 'b']);
    expect(changed.gates[0]?.checkpoint_keys).toEqual(['a', 'c']);
  });

  it('that is known is replaced in its place', () => {
    const changed = putCheckpoint(segment, aCheckpoint('a', { title: 'иначе' }), '1');
    expect(keys(changed)).toEqual(['a', 'b']);
    expect(changed.checkpoints[0]?.title).toBe('иначе');
  });

  it('gives a stage without a gate one that only watches', () => {
    expect(attach(segment, 'a', '3').gates[2]).toEqual(gate('3', 'a'));
    expect(attach(segment, 'a', '1')).toEqual(segment);
    expect(attach(segment, 'a', '')).toEqual(segment);
  });

  it('moves from stage to stage, and an empty gate goes', () => {
    const changed = moveCheckpoint(segment, 'a', '1', '2');
    expect(changed.gates).toEqual([gate('2', 'b', 'a')]);
    expect(moveCheckpoint(segment, 'a', '1', '').gates).toEqual([gate('2', 'b')]);
    expect(moveCheckpoint(segment, 'a', '1', '1')).toBe(segment);
  });

  it('goes with everything that refers to it', () => {
    const after = aCheckpoint('b', { before: ['a'], proof: { ...newCheckpoint(segment).proof, after: 'a' } });
    const changed = removeCheckpoint({ ...segment, checkpoints: [aCheckpoint('a'), after] }, 'a');
    expect(keys(changed)).toEqual(['b']);
    expect(changed.checkpoints[0]?.before).toEqual([]);
    expect(changed.checkpoints[0]?.proof.after).toBe('');
    expect(changed.gates).toEqual([gate('2', 'b')]);
  });

  it('changes places with its neighbour, but not with nobody', () => {
    expect(keys(shiftCheckpoint(segment, 'b', -1))).toEqual(['b', 'a']);
    expect(keys(shiftCheckpoint(segment, 'b', 1))).toEqual(['a', 'b']);
  });
});

describe('a segment', () => {
  const document: FunnelDocument = { format: 1, segments: [aSegment({ key: 'rest' })] };

  it('that is new is tried before the one that takes all the rest', () => {
    const [changed, key] = addSegment(document, 'Срочно');
    expect(changed.segments.map((one) => one.key)).toEqual([key, 'rest']);
  });

  it('is found, changed, moved and removed by its key', () => {
    const two: FunnelDocument = { format: 1, segments: [aSegment({ key: 'x' }), aSegment({ key: 'y' })] };
    expect(changeSegment(two, 'y', (one) => ({ ...one, title: 'иначе' })).segments[1]?.title).toBe('иначе');
    expect(shiftSegment(two, 'y', -1).segments.map((one) => one.key)).toEqual(['y', 'x']);
    expect(removeSegment(two, 'x').segments.map((one) => one.key)).toEqual(['y']);
  });
});

describe('a gate', () => {
  it('takes mode and grace and leaves the others alone', () => {
    const changed = setGate(segment, '2', 'enforce', 60);
    expect(changed.gates).toEqual([gate('1', 'a'), { ...gate('2', 'b'), mode: 'enforce', grace_minutes: 60 }]);
  });
});

describe('every change', () => {
  it('leaves the old document as it was', () => {
    const before = JSON.stringify(segment);
    putCheckpoint(segment, aCheckpoint('c'), '1');
    removeCheckpoint(segment, 'a');
    moveCheckpoint(segment, 'a', '1', '2');
    shiftCheckpoint(segment, 'a', 1);
    setGate(segment, '1', 'warn', 5);
    expect(JSON.stringify(segment)).toBe(before);
  });
});
