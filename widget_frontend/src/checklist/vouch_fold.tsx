import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';

import type { ChecklistItem } from '../api/types';
import { t } from '../i18n/translate';
import { late } from './late';
import { canVouch } from './model';
import type { ChecklistStore } from './store';

const VouchForm = late(() => import('./vouch_form').then((module) => module.VouchForm));

interface VouchFoldProps {
  item: ChecklistItem;
  store: ChecklistStore;
  /** A button that stands before ours. */
  lead: ComponentChild;
}

/** The button "confirm it myself" and, once pressed, its form. */
export function VouchFold({ item, store, lead }: VouchFoldProps) {
  const [isOpen, setOpen] = useState(false);
  const offer = canVouch(item) && !isOpen;
  return (
    <>
      {(offer || lead) && (
        <div class="row">
          {lead}
          {offer && (
            <button type="button" class={lead ? '' : 'primary'} onClick={() => { setOpen(true); }}>
              {t('card.vouch')}
            </button>
          )}
        </div>
      )}
      {isOpen && <VouchForm item={item} store={store} onClose={() => { setOpen(false); }} />}
    </>
  );
}
