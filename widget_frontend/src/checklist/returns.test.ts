import { describe, expect, it } from 'vitest';

import { aChecklist, aStop } from '../testing/samples';
import { isFreshReturn } from './returns';

const undone = aChecklist({ stop: aStop({ log_id: '7', action: 'move_back', state: 'done' }) });

describe('a move that was undone', () => {
  it('is news to the page around only when it happens before our eyes', () => {
    const pending = aChecklist({ stop: aStop({ log_id: '7', action: 'move_back', state: 'pending' }) });
    expect(isFreshReturn(null, undone)).toBe(false);
    expect(isFreshReturn(pending, undone)).toBe(true);
    expect(isFreshReturn(aChecklist({ stop: null }), undone)).toBe(true);
    expect(isFreshReturn(undone, undone)).toBe(false);
    expect(isFreshReturn(undone, aChecklist({ stop: aStop({ log_id: '8', action: 'move_back', state: 'done' }) }))).toBe(true);
  });

  it('is none when it was only warned of', () => {
    expect(isFreshReturn(aChecklist({ stop: null }), aChecklist({ stop: aStop({ action: 'warn', state: 'done' }) }))).toBe(false);
  });
});
