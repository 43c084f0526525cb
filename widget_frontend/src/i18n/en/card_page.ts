import { card } from './card';
import { shared } from './shared';

/** All texts of this page. */
export const messages = { ...shared, ...card };
