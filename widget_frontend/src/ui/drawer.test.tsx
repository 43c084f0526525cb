import { render, screen } from '@testing-library/preact';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Drawer } from './drawer';

const scrolled = vi.fn<(options?: boolean | ScrollIntoViewOptions) => void>();

function openDrawer(isCalm: boolean): void {
  vi.spyOn(globalThis, 'matchMedia').mockReturnValue({ matches: isCalm } as MediaQueryList);
  render(<Drawer title="Стадия" onClose={() => undefined}>форма</Drawer>);
}

beforeEach(() => {
  scrolled.mockReset();
  vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(scrolled);
});

describe('a form that opens', () => {
  it('is focused and scrolled to, again when the frame has grown', () => {
    openDrawer(false);
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Стадия' }));
    expect(scrolled).toHaveBeenCalledExactlyOnceWith({ block: 'nearest', behavior: 'smooth' });
    window.dispatchEvent(new Event('resize'));
    expect(scrolled).toHaveBeenCalledTimes(2);
  });

  it('does not glide for a person who wants less motion', () => {
    openDrawer(true);
    expect(scrolled).toHaveBeenCalledExactlyOnceWith({ block: 'nearest', behavior: 'auto' });
  });
});
