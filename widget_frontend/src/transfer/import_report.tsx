import { useEffect, useRef } from 'preact/hooks';

import type { Imported } from '../api/types';
import { t } from '../i18n/translate';
import { ReportList } from './report_list';

interface ImportReportProps {
  imported: Imported;
  onRead: () => void;
}

/** What became of an import, above the map that it made. */
export function ImportReport({ imported: { report }, onRead }: ImportReportProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section class="notice transfer-report stack">
      <h2 ref={heading} tabIndex={-1}>{t('transfer.doneTitle')}</h2>
      <p>{[t('transfer.doneBody'), report.length === 0 && t('transfer.doneAll')].filter(Boolean).join(' ')}</p>
      {report.length > 0 && <ReportList lines={report} />}
      <div class="row"><button type="button" onClick={onRead}>{t('transfer.understood')}</button></div>
    </section>
  );
}
