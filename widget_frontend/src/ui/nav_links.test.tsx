import { render, screen } from '@testing-library/preact';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Nav, isLockable } from './nav';

const links = (): (string | null)[] => screen.getAllByRole('link').map((link) => link.textContent);

describe('the row of pages', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('leads everywhere where each view has an address', () => {
    vi.stubGlobal('location', new URL('https://stepgate.example/embed/crm/1/settings'));
    render(<Nav current="map" />);
    expect(links()).toEqual(['Карта шагов', 'Конверсия', 'Возражения', 'Настройки']);
  });

  it('has no addresses to show where the CRM opens a page by a post', () => {
    vi.stubGlobal('location', new URL('https://stepgate.example/frame/crm/settings'));
    render(<Nav current="map" />);
    expect(screen.queryAllByRole('link')).toEqual([]);
    expect(screen.getAllByRole('button').map((button) => button.textContent)).toEqual(['Карта шагов', 'Конверсия', 'Возражения', 'Настройки']);
  });

  it('leads to the lock where the CRM can refuse a move itself', () => {
    isLockable.value = true;
    render(<Nav current="map" />);
    isLockable.value = false;
    expect(screen.getByText('Замок')).toBeTruthy();
  });
});
