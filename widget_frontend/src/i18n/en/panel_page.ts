import { panel } from './panel';
import { shared } from './shared';
import { trouble } from './trouble';

/** All texts of this page. */
export const messages = { ...shared, ...trouble, ...panel };
