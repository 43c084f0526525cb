import type { LockTrial, LockVerdict } from '../api/types';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';

const STATE_KEYS: Record<LockVerdict, MessageKey> = {
  unchecked: 'lock.state.unchecked',
  holds: 'lock.state.holds',
  leaks: 'lock.state.leaks',
  defeated: 'lock.state.defeated',
  unknown: 'lock.state.unknown',
};

export function stateText(state: LockVerdict): string {
  return t(STATE_KEYS[state]);
}

/** How a trial that is under way stands. */
export function trialText({ state, user_name: who }: Pick<LockTrial, 'state' | 'user_name'>): string {
  if (state === 'making') return t('lock.trial.making');
  return state === 'trying' ? t('lock.trial.trying') : t('lock.trial.waiting', { who });
}
