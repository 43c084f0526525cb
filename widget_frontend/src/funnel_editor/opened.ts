import type { CheckpointDraft } from '../api/types';

/** Which form is open on the page; one at a time. */
export type Opened =
  | { form: 'step'; checkpoint: CheckpointDraft; stageId: string; isNew: boolean }
  | { form: 'mode'; stageId: string }
  | { form: 'segment' }
  | { form: 'publish' }
  | { form: 'discard' }
  | { form: 'propose' }
  | { form: 'file' }
  | { form: 'versions' };
