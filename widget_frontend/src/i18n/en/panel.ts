import type { Messages } from '../translate';

export const panel = {} satisfies Messages;
