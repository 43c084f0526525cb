import { useEffect, useState } from 'preact/hooks';

import { troubleOf } from '../api/trouble';
import type { History, HistoryEntry } from '../api/types';
import { moment } from '../format/format';
import { t } from '../i18n/translate';
import { TroubleLine } from '../ui/trouble_line';
import type { Trouble } from '../api/trouble';
import { historyText } from './history_words';
import type { ChecklistStore } from './store';

/** Moves, facts, decisions and writes of a deal, newest first. */
export function HistoryList({ store, revision }: { store: ChecklistStore; revision: string }) {
  const [entries, setEntries] = useState<HistoryEntry[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => {
    let isCurrent = true;
    store
      .history<History>()
      .then((history) => {
        if (isCurrent) setEntries(history.entries);
      })
      .catch((error: unknown) => {
        if (isCurrent) setTrouble(troubleOf(error));
      });
    return () => {
      isCurrent = false;
    };
  }, [store, revision]);
  if (trouble) return <TroubleLine trouble={trouble} />;
  if (!entries) return <p class="small muted">{t('loading')}</p>;
  if (!entries.length) return <p class="small muted">{t('card.historyEmpty')}</p>;
  const now = new Date();
  const newestFirst = [...entries].sort((one, other) => other.at.localeCompare(one.at));
  return (
    <ol class="history small">
      {newestFirst.map((entry, index) => (
        <li key={`${entry.at}-${String(index)}`}>
          <span>{historyText(entry)}</span>
          <span class="when">{moment(entry.at, now)}</span>
        </li>
      ))}
    </ol>
  );
}
