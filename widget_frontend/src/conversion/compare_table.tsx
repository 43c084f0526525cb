import type { ConversionReport } from '../api/types';
import { whole } from '../format/format';
import { t } from '../i18n/translate';
import { lastStep, mainStop } from './model';
import { shareText } from './words';

interface CompareProps {
  report: ConversionReport;
  onChoose: (segmentKey: string) => void;
}

/** All segments side by side: how many came to the end, and where each stops most. */
export function CompareTable({ report, onChoose }: CompareProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('panel.compare')}>
      <table class="figures compare">
        <thead>
          <tr>
            <th scope="col">{t('panel.colSegment')}</th>
            <th scope="col">{t('panel.colDeals')}</th>
            <th scope="col">{t('panel.colEnd')}</th>
            <th scope="col">{t('panel.colEndRate')}</th>
            <th scope="col">{t('panel.colNarrow')}</th>
          </tr>
        </thead>
        <tbody>
          {report.segments.map((segment) => {
            const [end, stop] = [lastStep(segment), mainStop(segment)];
            return (
              <tr key={segment.key}>
                <th scope="row"><button type="button" class="link" onClick={() => { onChoose(segment.key); }}>{segment.title}</button></th>
                <td data-label={t('panel.colDeals')}>{whole(segment.deals)}</td>
                <td data-label={t('panel.colEnd')}>{end ? whole(end.done) : '–'}</td>
                <td data-label={t('panel.colEndRate')}>{end ? shareText(end.rate, end.rate_of) : '–'}</td>
                <td class="words">{stop ? t('panel.narrowText', { step: stop.title, dropped: whole(stop.dropped), entered: whole(stop.entered) }) : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
