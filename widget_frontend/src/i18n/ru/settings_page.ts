import { account } from './account';
import { settings } from './settings';
import { shared } from './shared';
import { trouble } from './trouble';

/** All texts of this page. */
export const messages = { ...shared, ...trouble, ...settings, ...account };
