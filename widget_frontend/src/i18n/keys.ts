import type { account } from './ru/account';
import type { card } from './ru/card';
import type { cardLate } from './ru/card_late';
import type { install } from './ru/install';
import type { lock } from './ru/lock';
import type { panel } from './ru/panel';
import type { settings } from './ru/settings';
import type { shared } from './ru/shared';
import type { transfer } from './ru/transfer';
import type { trouble } from './ru/trouble';

/** Every key that a text may be asked by. */
export type MessageKey =
  | keyof typeof account
  | keyof typeof card
  | keyof typeof cardLate
  | keyof typeof install
  | keyof typeof lock
  | keyof typeof panel
  | keyof typeof settings
  | keyof typeof shared
  | keyof typeof transfer
  | keyof typeof trouble;
