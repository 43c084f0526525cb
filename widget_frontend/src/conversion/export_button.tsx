import { useState } from 'preact/hooks';

import { t } from '../i18n/translate';
import { saveFile } from './save_file';

interface ExportProps {
  /** The file and the name that it is saved under. */
  fetchFile: () => Promise<Blob>;
  name: string;
}

/** The figures as a spreadsheet. */
export function ExportButton({ fetchFile, name }: ExportProps) {
  const [state, setState] = useState<'ready' | 'busy' | 'failed'>('ready');
  const run = (): void => {
    setState('busy');
    fetchFile().then(
      (file) => {
        saveFile(file, name);
        setState('ready');
      },
      () => {
        setState('failed');
      },
    );
  };
  return (
    <span class="export">
      <button type="button" class="link" disabled={state === 'busy'} onClick={run}>
        {t(state === 'busy' ? 'panel.exporting' : 'panel.export')}
      </button>
      {state === 'failed' && <span class="fault" role="alert">{t('panel.exportFailed')}</span>}
    </span>
  );
}
