import { panel } from './panel';
import { shared } from './shared';

/** All texts of this page. */
export const messages = { ...shared, ...panel };
