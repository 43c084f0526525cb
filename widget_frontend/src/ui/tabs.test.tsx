import { fireEvent, render, screen } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';

import { Tabs } from './tabs';

function shown(count: number): string[] {
  const chosen: string[] = [];
  const tabs = Array.from({ length: count }, (_, index) => ({ key: `k${String(index)}`, title: `Сегмент ${String(index)}` }));
  render(<Tabs label="Сегменты" tabs={tabs} current="k1" controls="board" onChoose={(key) => void chosen.push(key)} />);
  return chosen;
}

describe('tabs', () => {
  it('stand in a row', () => {
    const chosen = shown(4);
    fireEvent.click(screen.getByRole('tab', { name: 'Сегмент 2' }));
    fireEvent.keyDown(screen.getByRole('tab', { name: 'Сегмент 1' }), { key: 'ArrowLeft' });
    expect(chosen).toEqual(['k2', 'k0']);
  });

  it('become a list to choose from when they are very many', () => {
    const chosen = shown(40);
    const list = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Сегменты' });
    expect(list.value).toBe('k1');
    fireEvent.change(list, { target: { value: 'k39' } });
    expect(chosen).toEqual(['k39']);
    expect(screen.queryByRole('tab')).toBeNull();
  });
});
