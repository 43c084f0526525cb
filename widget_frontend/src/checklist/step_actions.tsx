import type { ComponentChild } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import type { ChecklistItem } from '../api/types';
import { t } from '../i18n/translate';
import { late } from './late';
import { canVouch, canWaive } from './model';
import type { ChecklistStore } from './store';

const VouchForm = late(() => import('./vouch_form').then((module) => module.VouchForm));
const WaiveForm = late(() => import('./waive_form').then((module) => module.WaiveForm));

interface StepActionsProps {
  item: ChecklistItem;
  store: ChecklistStore;
  /** A button that stands before ours. */
  lead: ComponentChild;
}

/** What a manager may do about an open step: confirm it, or say that this deal does without it. */
export function StepActions({ item, store, lead }: StepActionsProps) {
  const [form, setForm] = useState<'vouch' | 'waive' | null>(null);
  const row = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !form) row.current?.querySelector('button')?.focus();
    wasOpen.current = form !== null;
  }, [form]);
  const onClose = (): void => { setForm(null); };
  const Form = form === 'vouch' ? VouchForm : WaiveForm;
  return (
    <>
      {(lead || !form) && (
        <div class="row" ref={row}>
          {lead}
          {!form && canVouch(item) && (
            <button type="button" class={lead ? '' : 'primary'} onClick={() => { setForm('vouch'); }}>
              {t('card.vouch')}
            </button>
          )}
          {!form && canWaive(item) && (
            <button type="button" class="link quiet" onClick={() => { setForm('waive'); }}>
              {t('card.waive')}
            </button>
          )}
        </div>
      )}
      {form && <Form item={item} store={store} onClose={onClose} />}
    </>
  );
}
