import { settings } from './settings';
import { shared } from './shared';

/** All texts of this page. */
export const messages = { ...shared, ...settings };
