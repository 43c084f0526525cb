import { useEffect, useRef } from 'preact/hooks';

import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { useSending } from '../ui/sending';
import type { ChecklistStore, Waived } from './store';

/** Said after a step was set aside, with the way back in reach of the same hand. */
export function UndoLine({ undo, store }: { undo: Waived; store: ChecklistStore }) {
  const button = useRef<HTMLButtonElement>(null);
  const { isSending, fault, send } = useSending();
  useEffect(() => {
    // The form that had the focus is gone.
    button.current?.focus();
  }, []);
  return (
    <div class="notice small">
      <p>{t('card.waived', { step: quoted(undo.title) })}</p>
      {fault && <p class="fault" role="alert">{fault}</p>}
      <p class="row wide">
        <button type="button" class="link" ref={button} disabled={isSending} onClick={() => void send(() => store.unwaive(undo.key))}>
          {t('card.waiveUndo')}
        </button>
        <button type="button" class="link" onClick={() => { store.undo.value = null; }}>{t('close')}</button>
      </p>
    </div>
  );
}
