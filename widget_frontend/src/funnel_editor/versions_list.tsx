import { useEffect, useState } from 'preact/hooks';

import type { VersionHead } from '../api/types';
import { moment } from '../format/format';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import type { EditorStore } from './store';

interface VersionsProps {
  store: EditorStore;
  current: number;
  onClose: () => void;
}

/** Who published what and when; an old version can be published once more. */
export function VersionsList({ store, current, onClose }: VersionsProps) {
  const [versions, setVersions] = useState<VersionHead[] | null>(null);
  useEffect(() => {
    store.versions().then(setVersions, () => { setVersions([]); });
  }, [store, current]);
  const restore = (number: number): void => {
    void store.restore(number);
    onClose();
  };
  return (
    <Drawer title={t('editor.versions')} onClose={onClose}>
      {!versions && <p class="muted">{t('loading')}</p>}
      {versions?.length === 0 && <p class="muted">{t('editor.versionsEmpty')}</p>}
      <ul class="versions">
        {versions?.map((version) => (
          <li key={version.number}>
            <b>{t('editor.version', { number: version.number })}</b>
            <span class="muted">{[moment(version.published_at, new Date()), version.published_by_name, version.note].filter(Boolean).join(' · ')}</span>
            {version.number !== current && (
              <button
                type="button"
                class="link"
                aria-label={t('editor.restoreLabel', { number: version.number })}
                onClick={() => { restore(version.number); }}
              >
                {t('editor.restore')}
              </button>
            )}
          </li>
        ))}
      </ul>
    </Drawer>
  );
}
