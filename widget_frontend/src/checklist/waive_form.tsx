import { useState } from 'preact/hooks';

import type { ChecklistItem } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { useFocus } from '../ui/focus';
import { useSending } from '../ui/sending';
import type { ChecklistStore } from './store';

interface WaiveFormProps {
  item: ChecklistItem;
  store: ChecklistStore;
  onClose: () => void;
}

/** "This step will not be needed here": the reason is for whoever reads the deal later. */
export function WaiveForm({ item, store, onClose }: WaiveFormProps) {
  const [reason, setReason] = useState('');
  const [own, setOwn] = useState('');
  const field = useFocus<HTMLTextAreaElement>();
  const { isSending, fault, send } = useSending();
  const submit = (event: Event): void => {
    event.preventDefault();
    const isShort = reason.trim().length < 3;
    setOwn(isShort ? t('card.waiveShort') : '');
    if (isShort) return;
    void send(() => store.waive(item, reason.trim())).then((isDone) => {
      if (isDone) onClose();
    });
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <label class="label">
        <span>{t('card.waiveReason', { step: quoted(item.title) })}</span>
        <textarea
          ref={field}
          value={reason}
          maxLength={500}
          placeholder={t('card.waiveHint')}
          onInput={(event) => { setReason(event.currentTarget.value); }}
        />
      </label>
      {(own || fault) && <p class="fault" role="alert">{own || fault}</p>}
      <div class="row">
        <button type="submit" class="primary" disabled={isSending}>{t('card.waiveSend')}</button>
        <button type="button" class="link" onClick={onClose}>{t('cancel')}</button>
      </div>
      <p class="small muted">{t('card.waiveNote')}</p>
    </form>
  );
}
