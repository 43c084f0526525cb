import type { ConversionReport } from '../api/types';
import { t } from '../i18n/translate';
import { Figure } from './figure';
import type { OpenDeals } from './figure';
import { stopsBySize } from './model';
import { stoppedLabel } from './words';

const SHOWN = 5;

/** The steps that cost the most clients, over all segments. */
export function StopsBlock({ report, onOpen }: { report: ConversionReport; onOpen: OpenDeals }) {
  const stops = stopsBySize(report, SHOWN);
  if (stops.length === 0) return null;
  return (
    <section>
      <h2>{t('panel.stopsTitle')}</h2>
      <ul class="stops">
        {stops.map(({ segment, step }) => (
          <li key={`${segment.key} ${step.key}`}>
            <span>
              {step.title}
              {report.segments.length > 1 && <small class="muted">{segment.title}</small>}
            </span>
            <b>
              <Figure
                drill={{ segmentKey: segment.key, stepKey: step.key, state: 'dropped' }}
                count={step.dropped}
                label={stoppedLabel(step)}
                onOpen={onOpen}
              />
            </b>
          </li>
        ))}
      </ul>
    </section>
  );
}
