import { useEffect, useState } from 'preact/hooks';

import type { VersionHead } from '../api/types';
import { moment } from '../format/format';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import { ChangesList } from './changes_list';
import type { EditorStore } from './store';

interface VersionsProps {
  store: EditorStore;
  current: number;
  onClose: () => void;
}

/** Who published what and when; an old version can be compared and published once more. */
export function VersionsList({ store, current, onClose }: VersionsProps) {
  const [versions, setVersions] = useState<VersionHead[] | 'failed' | null>(null);
  useEffect(() => {
    store.versions().then(setVersions, () => { setVersions('failed'); });
  }, [store, current]);
  return (
    <Drawer title={t('editor.versions')} onClose={onClose}>
      {!versions && <p class="muted">{t('loading')}</p>}
      {versions === 'failed' && <p class="fault" role="alert">{t('error.bodyPlain')}</p>}
      {versions?.length === 0 && <p class="muted">{t('editor.versionsEmpty')}</p>}
      <ul class="versions">
        {Array.isArray(versions) && versions.map((version) => (
          <Version key={version.number} store={store} version={version} current={current} onClose={onClose} />
        ))}
      </ul>
    </Drawer>
  );
}

function Version({ store, version, current, onClose }: VersionsProps & { version: VersionHead }) {
  const [shown, show] = useState<'changes' | 'restore' | null>(null);
  const { number } = version;
  const toggle = (what: 'changes' | 'restore'): void => { show(shown === what ? null : what); };
  return (
    <li>
      <b>{t('editor.version', { number })}{number === current && <span class="chip">{t('editor.versionNow')}</span>}</b>
      <span class="muted">{[moment(version.published_at, new Date()), version.published_by_name, version.note].filter(Boolean).join(' · ')}</span>
      <span class="row wide">
        {number > 1 && (
          <button type="button" class="link" aria-expanded={shown === 'changes'} aria-label={t('changes.ofVersion', { number })} onClick={() => { toggle('changes'); }}>
            {t('changes.show')}
          </button>
        )}
        {number !== current && (
          <button type="button" class="link" aria-expanded={shown === 'restore'} aria-label={t('editor.restoreLabel', { number })} onClick={() => { toggle('restore'); }}>
            {t('editor.restore')}
          </button>
        )}
      </span>
      {shown === 'changes' && <ChangesList store={store} before={number - 1} after={number} />}
      {shown === 'restore' && <Restore store={store} number={number} current={current} onClose={onClose} />}
    </li>
  );
}

/** The last look before an old version takes effect again. */
function Restore({ store, number, current, onClose }: VersionsProps & { number: number }) {
  const restore = (): void => {
    void store.restore(number);
    onClose();
  };
  return (
    <div class="notice stack">
      <p>{t('editor.restoreBody', { number, next: current + 1 })}</p>
      <ChangesList store={store} before={current} after={number} />
      <p class="row">
        <button type="button" class="primary" onClick={restore}>{t('editor.restoreGo', { number })}</button>
      </p>
    </div>
  );
}
