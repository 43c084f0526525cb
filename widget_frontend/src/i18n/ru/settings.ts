import type { Messages } from '../translate';

export const settings = {} satisfies Messages;
