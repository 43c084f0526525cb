import { describe, expect, it } from 'vitest';

import type { ReportSegment, ReportStep } from '../api/types';
import { aStep } from '../testing/samples';
import { funnelPicture, hasSmallSample, whiskerOf } from './geometry';

function aSegment(steps: ReportStep[], deals = 210): ReportSegment {
  return { key: 'choosing', title: 'Выбирают', deals, steps };
}

describe('the funnel’s picture', () => {
  it('measures everything on one scale that ends at the largest number', () => {
    const picture = funnelPicture(aSegment([aStep({ done: 105, claimed: 420 })]), null);
    expect(picture.base).toBe(0.5);
    expect(picture.rows[0]?.client).toBe(0.25);
    expect(picture.rows[0]?.seller).toBe(1);
  });

  it('has no outline where no stage rests on the step', () => {
    expect(funnelPicture(aSegment([aStep({ claimed: null })]), null).rows[0]?.seller).toBeNull();
  });

  it('marks the bottleneck and nothing else', () => {
    const rows = funnelPicture(aSegment([aStep({ key: 'a' }), aStep({ key: 'b' })]), 'b').rows;
    expect(rows.map((row) => row.isBottleneck)).toEqual([false, true]);
  });

  it('never leaves its track', () => {
    const odd = aStep({ done: 300, claimed: 500, entered: 290, step_interval: [0.9, 1] });
    for (const { client, seller, whisker } of funnelPicture(aSegment([odd], 10), null).rows) {
      for (const length of [client, seller ?? 0, whisker?.from ?? 0, whisker?.to ?? 0]) {
        expect(length).toBeGreaterThanOrEqual(0);
        expect(length).toBeLessThanOrEqual(1);
      }
    }
  });

  it('is empty, not broken, without deals', () => {
    const nothing = aStep({ done: 0, claimed: 0, entered: 0, dropped: 0, step_rate: null, step_interval: null });
    expect(funnelPicture(aSegment([nothing], 0), null)).toMatchObject({ base: 0, rows: [{ client: 0, seller: 0, whisker: null }] });
  });
});

describe('the whisker', () => {
  it('lies on the deals that reached the step', () => {
    const whisker = whiskerOf(aStep({ entered: 100, step_interval: [0.4, 0.6] }), 200);
    expect(whisker?.from).toBeCloseTo(0.2);
    expect(whisker?.to).toBeCloseTo(0.3);
  });

  it('is not drawn over a handful of deals', () => {
    expect(whiskerOf(aStep({ entered: 4 }), 200)).toBeNull();
    expect(hasSmallSample(aSegment([aStep({ entered: 4 })]))).toBe(true);
    expect(hasSmallSample(aSegment([aStep({ entered: 0 })]))).toBe(false);
  });
});
