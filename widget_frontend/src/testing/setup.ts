import { cleanup } from '@testing-library/preact';
import { afterEach, beforeEach } from 'vitest';

import { useTimezone } from '../format/format';
import { useMessages } from '../i18n/translate';
import { account } from '../i18n/ru/account';
import { card } from '../i18n/ru/card';
import { cardLate } from '../i18n/ru/card_late';
import { lock } from '../i18n/ru/lock';
import { panel } from '../i18n/ru/panel';
import { settings } from '../i18n/ru/settings';
import { shared } from '../i18n/ru/shared';
import { trouble } from '../i18n/ru/trouble';

beforeEach(() => {
  useMessages('ru', shared, trouble, card, cardLate, account, lock, settings, panel);
  useTimezone('Europe/Moscow');
});

afterEach(() => {
  cleanup();
});
