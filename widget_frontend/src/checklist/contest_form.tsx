import { useState } from 'preact/hooks';

import type { Stop } from '../api/types';
import { t } from '../i18n/translate';
import { useFocus } from '../ui/focus';
import { useSending } from '../ui/sending';
import type { ChecklistStore } from './store';

/** "This is wrong": tells the admin, with a word on what really happened if the manager likes. */
export function ContestForm({ stop, store, onClose }: { stop: Stop; store: ChecklistStore; onClose: () => void }) {
  const [text, setText] = useState('');
  const field = useFocus<HTMLTextAreaElement>();
  const { isSending, fault, send } = useSending();
  const submit = (event: Event): void => {
    event.preventDefault();
    void send(() => store.contest(stop.log_id, text.trim() || t('card.stop.contest'))).then((isDone) => {
      if (isDone) onClose();
    });
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label class="label">
        <span>{t('card.stop.contestText')}</span>
        <textarea ref={field} value={text} maxLength={500} onInput={(event) => { setText(event.currentTarget.value); }} />
      </label>
      {fault && <p class="fault" role="alert">{fault}</p>}
      <div class="row">
        <button type="submit" disabled={isSending}>{t('card.stop.contestSend')}</button>
        <button type="button" class="link" onClick={onClose}>{t('cancel')}</button>
      </div>
    </form>
  );
}
