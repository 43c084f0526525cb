import { useState } from 'preact/hooks';

import type { Objection } from '../api/types';
import { t } from '../i18n/translate';
import { useFocus } from '../ui/focus';
import { useSending } from '../ui/sending';
import type { AccountStore } from './store';

/** Agree in one tap, or answer in words; both reach the manager's card. */
export function AnswerForm({ store, objection }: { store: AccountStore; objection: Objection }) {
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState('');
  const [own, setOwn] = useState('');
  const field = useFocus<HTMLTextAreaElement>(isOpen);
  const { isSending, fault, send } = useSending();
  const submit = (event: Event): void => {
    event.preventDefault();
    const isEmpty = !note.trim();
    setOwn(isEmpty ? t('objections.noteEmpty') : '');
    if (!isEmpty) void send(() => store.answer(objection, note.trim()));
  };
  const wrong = own || fault;
  if (!isOpen) {
    return (
      <>
        <p class="row">
          <button type="button" disabled={isSending} onClick={() => void send(() => store.answer(objection, t('objections.agreed')))}>
            {t('objections.agree')}
          </button>
          <button type="button" class="link" onClick={() => { setOpen(true); }}>{t('objections.answer')}</button>
        </p>
        {wrong && <p class="fault" role="alert">{wrong}</p>}
      </>
    );
  }
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <label class="label">
        <span>{t('objections.note')}</span>
        <textarea ref={field} value={note} maxLength={500} placeholder={t('objections.noteHint')} onInput={(event) => { setNote(event.currentTarget.value); }} />
      </label>
      {wrong && <p class="fault" role="alert">{wrong}</p>}
      <div class="row">
        <button type="submit" class="primary" disabled={isSending}>{t('objections.send')}</button>
        <button type="button" class="link" onClick={() => { setOpen(false); }}>{t('cancel')}</button>
      </div>
    </form>
  );
}
