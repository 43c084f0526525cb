import { useEffect, useState } from 'preact/hooks';

import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { tellChanges } from './changes';
import type { ChangeGroup } from './changes';
import type { EditorStore } from './store';

interface ChangesProps {
  store: EditorStore;
  before: number;
  /** A version, or the draft when it is null. */
  after: number | null;
}

/** What changed between two versions, or between a version and the draft. */
export function ChangesList({ store, before, after }: ChangesProps) {
  const [groups, setGroups] = useState<ChangeGroup[] | 'failed' | null>(null);
  useEffect(() => {
    let isCurrent = true;
    store.compare(before, after).then(
      ({ changes, document }) => {
        const catalog = store.catalog.value;
        if (isCurrent && catalog) setGroups(tellChanges(changes, document, catalog, store.pipelineId.value));
      },
      () => {
        if (isCurrent) setGroups('failed');
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [store, before, after]);
  if (!groups) return <p class="small muted">{t('loading')}</p>;
  if (groups === 'failed') return <p class="fault" role="alert">{t('changes.failed')}</p>;
  if (!groups.length) return <p class="small muted">{t('changes.none')}</p>;
  return (
    <div class="changes">
      {groups.map(({ segments, lines }) => (
        <div key={segments.join()}>
          {segments.length > 0 && <p class="small muted">{t('changes.inSegment', { n: segments.length, titles: segments.map(quoted).join(', ') })}</p>}
          <ul>
            {lines.map((line) => <li key={line}>{line}</li>)}
          </ul>
        </div>
      ))}
    </div>
  );
}
