export interface VouchDraft {
  quote: string;
  happenedOn: string;
}

/** What is wrong with a vouching form before it is sent; null when nothing is. */
export function vouchFault(draft: VouchDraft, today: string): 'short' | 'future' | null {
  if (draft.quote.trim().length < 5) return 'short';
  return draft.happenedOn > today ? 'future' : null;
}
