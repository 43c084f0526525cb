import type { ReportSegment } from '../api/types';
import { span, whole } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { LEAST_SAMPLE, hasSmallSample } from './geometry';
import { intervalText, shareText, titleText } from './words';

const COLUMNS: MessageKey[] = [
  'panel.colStep',
  'panel.colEntered',
  'panel.colDone',
  'panel.colStepRate',
  'panel.colInterval',
  'panel.colRate',
  'panel.colClaimed',
  'panel.colMedian',
];

/** The figures behind the picture, each with its denominator. */
export function FunnelTable({ segment }: { segment: ReportSegment }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={segment.title}>
      <table class="figures">
        <thead>
          <tr>
            {COLUMNS.map((key) => (
              <th key={key} scope="col">{t(key)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {segment.steps.map((step) => (
            <tr key={step.key}>
              <th scope="row">{titleText(step)}</th>
              <td>{whole(step.entered)}</td>
              <td>{whole(step.done)}</td>
              <td>{shareText(step.step_rate, step.entered)}</td>
              <td>{intervalText(step.step_interval)}</td>
              <td>{shareText(step.rate, step.rate_of)}</td>
              <td>{step.claimed === null ? '–' : whole(step.claimed)}</td>
              <td>{step.median_seconds === null ? '–' : span(step.median_seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {hasSmallSample(segment) && <p class="small muted">{t('panel.smallNote', { n: LEAST_SAMPLE })}</p>}
    </div>
  );
}
