import { cardLate } from './card_late';
import { trouble } from './trouble';

/** All texts that the card may need later. */
export const messages = { ...trouble, ...cardLate };
