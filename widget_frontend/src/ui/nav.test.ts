import { describe, expect, it } from 'vitest';

import { hasAddresses, placeFrom, viewAddress } from './nav';

const at = (path: string): Location => new URL(path, 'https://stepgate.example') as unknown as Location;

describe('addresses of the pages', () => {
  it('keep what the host told', () => {
    const here = at('/embed/crm/1/settings?language=ru&theme=dark#token=t');
    expect(viewAddress('panel', '', here)).toBe('/embed/crm/1/panel?language=ru&theme=dark#token=t');
    expect(viewAddress('settings', 'account', here)).toBe('/embed/crm/1/settings?language=ru&theme=dark&section=account#token=t');
  });

  it('forget the section that was open', () => {
    expect(viewAddress('panel', '', at('/embed/crm/1/settings?section=account'))).toBe('/embed/crm/1/panel');
  });

  it('are there only where a view is opened by its address', () => {
    expect(hasAddresses(at('/embed/crm/1/settings'))).toBe(true);
    expect(hasAddresses(at('/frame/crm/settings'))).toBe(false);
  });

  it('open the map unless another section is asked for', () => {
    expect(['?section=objections', '?section=account', '?section=nope', ''].map(placeFrom)).toEqual(['objections', 'account', 'map', 'map']);
  });
});
