import type { ReportSegment, ReportStep } from '../api/types';
import { whole } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { Figure } from './figure';
import type { OpenDeals } from './figure';
import { LEAST_SAMPLE, hasSmallSample } from './geometry';
import { intervalText, reachedLabel, shareText, stoppedLabel, titleText, waitText } from './words';

const COLUMNS: MessageKey[] = [
  'panel.colStep',
  'panel.colEntered',
  'panel.colDone',
  'panel.colDropped',
  'panel.colStepRate',
  'panel.colInterval',
  'panel.colRate',
  'panel.colClaimed',
  'panel.colMedian',
];

/** The figures behind the picture, each with its denominator. */
export function FunnelTable({ segment, onOpen }: { segment: ReportSegment; onOpen: OpenDeals }) {
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
            <Row key={step.key} step={step} segmentKey={segment.key} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {hasSmallSample(segment) && <p class="small muted">{t('panel.smallNote', { n: LEAST_SAMPLE })}</p>}
    </div>
  );
}

interface RowProps {
  step: ReportStep;
  segmentKey: string;
  onOpen: OpenDeals;
}

function Row({ step, segmentKey, onOpen }: RowProps) {
  const drill = { segmentKey, stepKey: step.key };
  return (
    <tr>
      <th scope="row">{titleText(step)}</th>
      <td>{whole(step.entered)}</td>
      <td><Figure drill={{ ...drill, state: 'reached' }} count={step.done} label={reachedLabel(step)} onOpen={onOpen} /></td>
      <td>
        {step.is_optional ? '–' : <Figure drill={{ ...drill, state: 'dropped' }} count={step.dropped} label={stoppedLabel(step)} onOpen={onOpen} />}
      </td>
      <td>{shareText(step.step_rate, step.entered)}</td>
      <td>{intervalText(step.step_interval)}</td>
      <td>{shareText(step.rate, step.rate_of)}</td>
      <td>{step.claimed === null ? '–' : whole(step.claimed)}</td>
      <td>{step.median_seconds === null ? '–' : waitText(step.median_seconds)}</td>
    </tr>
  );
}
