import type { DealState } from '../api/types';

/** The list of deals behind one figure. */
export interface Drill {
  /** Empty for the deals of all segments. */
  segmentKey: string;
  /** A step's key, or that of a stage's gate: `gateKey`. */
  stepKey: string;
  state: DealState;
}

/** What of the report is on the screen. */
export interface View {
  /** The chosen tab: a segment's key, COMPARE, or empty while nobody has chosen. */
  tab: string;
  isTable: boolean;
  drill: Drill | null;
}

/** The tab that lays all segments side by side; no segment has such a key. */
export const COMPARE = '*';
export const DEAL_STATES: readonly DealState[] = ['dropped', 'reached', 'claimed_only'];
export const FIRST_VIEW: View = { tab: '', isTable: false, drill: null };

const GATE = 'gate:';

/** A stage that rests on steps, in the place of a step. */
export function gateKey(stageId: string): string {
  return GATE + stageId;
}

/** The stage of a gate's key; empty for a step's own key. */
export function stageOfGate(stepKey: string): string {
  return stepKey.startsWith(GATE) ? stepKey.slice(GATE.length) : '';
}
