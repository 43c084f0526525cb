import { ApiError } from '../api/client';
import type { MessageKey } from '../i18n/keys';

/** A question that the server cannot answer as it was put: what to say, and what would help. */
export interface ChoiceFault {
  text: MessageKey;
  cure: 'period' | 'everything';
}

const BY_CODE: Record<string, ChoiceFault> = {
  period_reversed: { text: 'panel.reversed', cure: 'period' },
  period_too_long: { text: 'panel.tooLong', cure: 'period' },
  pipeline_unknown: { text: 'panel.noPipeline', cure: 'everything' },
  segment_unknown: { text: 'panel.noSegment', cure: 'everything' },
  unknown_step: { text: 'panel.noStep', cure: 'everything' },
  not_your_numbers: { text: 'panel.notYours', cure: 'everything' },
};

/** What is wrong with the person's choice, if that is why the answer did not come. */
export function choiceFaultOf(error: unknown): ChoiceFault | null {
  if (!(error instanceof ApiError)) return null;
  const known = BY_CODE[error.code];
  if (known) return known;
  return error.status === 422 || error.status === 400 ? { text: 'panel.oddChoice', cure: 'everything' } : null;
}
