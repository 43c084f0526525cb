import type { GateMode } from '../api/types';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';

export const MODES: readonly GateMode[] = ['shadow', 'warn', 'enforce'];

const MODE_KEYS: Record<GateMode, MessageKey> = {
  shadow: 'mode.shadow',
  warn: 'mode.warn',
  enforce: 'mode.enforce',
};

export function modeText(mode: GateMode): string {
  return t(MODE_KEYS[mode]);
}

/** A gate's mode by shape, colour and word: empty, half and full circle. */
export function ModeMark({ mode }: { mode: GateMode }) {
  return (
    <b class={`mode ${mode}`}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <circle cx="6" cy="6" r="4.5" fill={mode === 'enforce' ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="1.8" />
        {mode === 'warn' && <path d="M6 1.5a4.5 4.5 0 0 0 0 9z" fill="currentColor" />}
      </svg>
      {modeText(mode)}
    </b>
  );
}
