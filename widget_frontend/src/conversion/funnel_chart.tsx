import type { ReportSegment } from '../api/types';
import { percent, whole } from '../format/format';
import { t } from '../i18n/translate';
import { Figure } from './figure';
import type { OpenDeals } from './figure';
import { LEAST_SAMPLE, funnelPicture, hasSmallSample } from './geometry';
import type { FunnelRow } from './geometry';
import { droppedText, medianText, reachedLabel, shareText, stoppedLabel, summaryText } from './words';

interface ChartProps {
  segment: ReportSegment;
  bottleneckKey: string | null;
  onOpen: OpenDeals;
}

/** Client steps as bars inside the outline of what statuses say. */
export function FunnelChart({ segment, bottleneckKey, onOpen }: ChartProps) {
  const picture = funnelPicture(segment, bottleneckKey);
  return (
    <figure class="funnel" aria-label={summaryText(segment)}>
      <div class="step base">
        <span class="muted">{t('panel.base')}</span>
        <div class="track" aria-hidden="true">
          <i class="all" style={{ width: width(picture.base) }} />
        </div>
        <span class="numbers"><b>{whole(segment.deals)}</b></span>
      </div>
      <ol>
        {picture.rows.map((row) => (
          <Row key={row.step.key} row={row} segmentKey={segment.key} onOpen={onOpen} />
        ))}
      </ol>
      <Legend hasNote={hasSmallSample(segment)} />
    </figure>
  );
}

interface RowProps {
  row: FunnelRow;
  segmentKey: string;
  onOpen: OpenDeals;
}

function Row({ row, segmentKey, onOpen }: RowProps) {
  const { step } = row;
  return (
    <li>
      <DropLine row={row} segmentKey={segmentKey} onOpen={onOpen} />
      <div class="step">
        <span>
          {step.title}
          {step.is_optional && <small class="muted">{t('optional')}</small>}
        </span>
        <Track row={row} />
        <span class="numbers">
          <b>
            <Figure drill={{ segmentKey, stepKey: step.key, state: 'reached' }} count={step.done} label={reachedLabel(step)} onOpen={onOpen} />
          </b>{' '}
          <span class="muted">· {shareText(step.step_rate, step.entered)}</span>
          {step.rate !== null && <small class="muted">{t('panel.ofDeals', { share: percent(step.rate) })}</small>}
        </span>
      </div>
    </li>
  );
}

function Track({ row }: { row: FunnelRow }) {
  return (
    <div class="track" aria-hidden="true">
      {row.seller !== null && <i class="seller" style={{ width: width(row.seller) }} />}
      <i class="client" style={{ width: width(row.client) }} />
      {row.whisker && (
        <i class="whisker" style={{ left: width(row.whisker.from), width: width(row.whisker.to - row.whisker.from) }} />
      )}
    </div>
  );
}

function DropLine({ row: { step, isBottleneck }, segmentKey, onOpen }: RowProps) {
  const dropped = step.is_optional ? 0 : step.dropped;
  if (!dropped && step.median_seconds === null) return <div class="drop" />;
  return (
    <div class={isBottleneck ? 'drop narrow' : 'drop'}>
      <span />
      <span>
        {dropped > 0 && (
          <Figure drill={{ segmentKey, stepKey: step.key, state: 'dropped' }} count={dropped} label={stoppedLabel(step)} onOpen={onOpen}>
            {droppedText(dropped)}
          </Figure>
        )}
      </span>
      <span class="numbers">{step.median_seconds !== null && medianText(step.median_seconds)}</span>
    </div>
  );
}

function Legend({ hasNote }: { hasNote: boolean }) {
  return (
    <figcaption class="small muted">
      <span><i class="client" />{t('panel.keyClient')}</span>
      <span><i class="seller" />{t('panel.keySeller')}</span>
      <span><i class="interval" />{t('panel.keyInterval')}</span>
      {hasNote && <span>{t('panel.smallNote', { n: LEAST_SAMPLE })}</span>}
    </figcaption>
  );
}

function width(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
