import type { Checklist } from '../api/types';

/** Whether a deal came back to its stage between two answers, so that the CRM's page shows another one still. */
export function isFreshReturn(before: Checklist | null, after: Checklist): boolean {
  return before !== null && returnOf(after) !== '' && returnOf(before) !== returnOf(after);
}

function returnOf({ stop }: Checklist): string {
  return stop?.action === 'move_back' && stop.state === 'done' ? stop.log_id : '';
}
