import { describe, expect, it } from 'vitest';

import type { ConversionReport } from '../api/types';
import { aStep } from '../testing/samples';
import { countOf, statesOf, subjectOf } from './drilled';
import { lastStep, mainStop, stopsBySize, wholeWay } from './model';
import { gateKey } from './view';

const opened = aStep({ key: 'opened', title: 'Клиент открыл КП', done: 98, dropped: 51 });
const asked = aStep({ key: 'asked', title: 'Клиент задал вопрос', done: 20, dropped: 78, is_optional: true, claimed: null });
const report = {
  segments: [{ key: 'choosing', title: 'Выбирают', deals: 210, steps: [opened, asked] }],
  truth_gap: [{ stage_id: '40', stage_title: 'КП отправлено', statuses_say: 139, clients_say: 98 }],
} as unknown as ConversionReport;
const drill = { segmentKey: 'choosing', stepKey: 'opened', state: 'dropped' as const };
const gate = { segmentKey: '', stepKey: gateKey('40'), state: 'claimed_only' as const };

describe('a list of deals', () => {
  it('is told in the words of its report', () => {
    expect(subjectOf(report, drill)).toMatchObject({ title: 'Клиент открыл КП', segment: 'Выбирают' });
    expect(subjectOf(report, gate)).toMatchObject({ title: 'КП отправлено', segment: '' });
    expect(subjectOf(null, drill).title).toBe('');
  });

  it('stands beside the lists that there can be', () => {
    expect(statesOf(drill, opened)).toEqual(['dropped', 'reached', 'claimed_only']);
    expect(statesOf({ ...drill, stepKey: 'asked', state: 'reached' }, asked)).toEqual(['reached']);
    expect(statesOf(gate, null)).toEqual(['reached', 'claimed_only']);
  });

  it('has the report’s number where the report gives one', () => {
    expect(countOf(report, drill)).toBe(51);
    expect(countOf(report, { ...drill, state: 'claimed_only' })).toBeNull();
    expect(countOf(report, gate)).toBe(41);
    expect(countOf(null, drill)).toBeNull();
  });
});

describe('where clients are lost', () => {
  it('leaves out optional steps', () => {
    expect(stopsBySize(report, 5).map(({ step }) => step.key)).toEqual(['opened']);
    const segment = report.segments[0];
    expect(segment && mainStop(segment)?.key).toBe('opened');
    expect(segment && lastStep(segment)?.key).toBe('opened');
    expect(wholeWay(report)).toEqual({ done: 98, deals: 210 });
  });
});
