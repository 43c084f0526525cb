import { describe, expect, it } from 'vitest';

import type { CatalogStage, FunnelState, SegmentDraft } from '../api/types';
import { newCheckpoint } from './edits';
import { checkpointProblems, columnsOf, errorsAmong, graceChoices, looseCheckpoints, lostGates, onlyWatches, shownDocument } from './model';

const stage = (id: string, kind = 'open'): CatalogStage => ({ id, title: id, kind, position: 0, color: '#fff' });
const problem = (path: string, severity: 'error' | 'warning' = 'warning') => ({ path, code: 'c', sentence: path, severity });
const gate = (stage_id: string, ...checkpoint_keys: string[]) => ({ stage_id, checkpoint_keys, mode: 'shadow' as const, grace_minutes: 0 });
const empty: SegmentDraft = { key: 's', title: 'S', conditions: [], checkpoints: [], gates: [] };
const segment: SegmentDraft = {
  ...empty,
  checkpoints: ['a', 'b', 'c'].map((key) => ({ ...newCheckpoint(empty), key })),
  gates: [gate('1', 'a'), gate('gone', 'b')],
};
const stages = [stage('0', 'entry'), stage('1'), stage('2'), stage('142', 'won'), stage('143', 'lost')];

function aState(changes: Partial<FunnelState>): FunnelState {
  const document = { format: 1 as const, segments: [segment] };
  const published = { number: 1, published_at: '', published_by: '', published_by_name: '', note: '', document };
  return { pipeline_id: '1', published, draft: null, problems: [], broken: [], stage_counts: {}, segment_counts: {}, stage_meanings: {}, templates: [], ...changes };
}

describe('columns', () => {
  it('are the stages that a person moves deals to', () => {
    expect(columnsOf(segment, 0, stages, []).map((column) => column.stage.id)).toEqual(['1', '2', '142']);
  });

  it('hold their gate, its steps and the problems of both', () => {
    const problems = [problem('segments.0.gates.0.checkpoint_keys'), problem('segments.0.gates.1'), problem('stages.1'), problem('stages.142')];
    const [first] = columnsOf(segment, 0, stages, problems);
    expect(first?.checkpoints.map((one) => one.key)).toEqual(['a']);
    expect(first?.problems.map((one) => one.path)).toEqual(['stages.1', 'segments.0.gates.0.checkpoint_keys']);
  });
});

describe('what the CRM no longer has', () => {
  it('leaves its steps without a stage and its gate to be removed', () => {
    expect(looseCheckpoints(segment, stages).map((one) => one.key)).toEqual(['b', 'c']);
    expect(lostGates(segment, stages).map((one) => one.stage_id)).toEqual(['gone']);
  });
});

describe('problems', () => {
  it('belong to the step at their path and to no other', () => {
    const problems = [problem('segments.0.checkpoints.1.title'), problem('segments.0.checkpoints.10.title'), problem('segments.1.checkpoints.1')];
    expect(checkpointProblems(problems, segment, 0, 'b')).toEqual([problems[0]]);
  });

  it('stand in the way only when they are errors', () => {
    expect(errorsAmong([problem('a'), problem('b', 'error')]).map((one) => one.path)).toEqual(['b']);
  });
});

describe('the document', () => {
  it('is the draft, else the published one, else empty', () => {
    const draft = { revision: 1, updated_at: '', updated_by: '', updated_by_name: '', document: { format: 1 as const, segments: [] } };
    expect(shownDocument(aState({ draft })).segments).toEqual([]);
    expect(shownDocument(aState({})).segments).toEqual([segment]);
    expect(shownDocument(aState({ published: null })).segments).toEqual([]);
  });

  it('only watches while every gate in force does', () => {
    expect(onlyWatches(aState({}))).toBe(true);
    expect(onlyWatches(aState({ published: null }))).toBe(false);
  });
});

describe('grace', () => {
  it('offers the usual times and the one that is set', () => {
    expect(graceChoices(15)).toContain(15);
    expect(graceChoices(45)).toContain(45);
    expect(graceChoices(45).filter((minutes) => minutes === 60)).toHaveLength(1);
  });
});
