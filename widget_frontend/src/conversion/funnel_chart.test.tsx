import { render, screen } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';

import { aStep } from '../testing/samples';
import { FunnelChart } from './funnel_chart';
import { FunnelTable } from './funnel_table';

const steps = [
  aStep({ key: 'a', title: 'Клиент открыл КП', dropped: 51 }),
  aStep({ key: 'b', title: 'Клиент назвал бюджет', dropped: 40, is_optional: true }),
];
const noop = (): void => undefined;
const segment = { key: 'choosing', title: 'Выбирают', deals: 210, steps };

describe('an optional step', () => {
  it('is marked in the picture, and nobody stopped at it', () => {
    render(<FunnelChart segment={segment} bottleneckKey={null} onOpen={noop} />);
    expect(screen.getAllByText('по желанию')).toHaveLength(1);
    expect(screen.getAllByText(/остановил/)).toHaveLength(1);
    expect(screen.getByText(/51 клиент остановился здесь/)).toBeTruthy();
  });

  it('is marked in the table', () => {
    render(<FunnelTable segment={segment} onOpen={noop} />);
    expect(screen.getByRole('rowheader', { name: 'Клиент назвал бюджет (по желанию)' })).toBeTruthy();
    expect(screen.getByRole('rowheader', { name: 'Клиент открыл КП' })).toBeTruthy();
  });
});

describe('a median', () => {
  it('of no time is told in words, and shown even where nobody stopped', () => {
    const quick = aStep({ key: 'c', title: 'Клиент ответил', dropped: 0, median_seconds: 0 });
    render(<FunnelChart segment={{ ...segment, steps: [quick] }} bottleneckKey={null} onOpen={noop} />);
    expect(screen.getByText('обычно сразу')).toBeTruthy();
  });
});
