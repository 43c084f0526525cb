import { useState } from 'preact/hooks';

import { t } from '../i18n/translate';
import { late } from './late';
import type { ChecklistStore } from './store';

const HistoryList = late(() => import('./history_list').then((module) => module.HistoryList));

/** The deal's history, folded until somebody asks for it. */
export function HistoryFold({ store, revision }: { store: ChecklistStore; revision: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <footer class="history-fold">
      <button type="button" class="link small" aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}>
        {t(isOpen ? 'card.historyHide' : 'card.history')}
      </button>
      {isOpen && <HistoryList store={store} revision={revision} />}
    </footer>
  );
}
