import { useMemo } from 'preact/hooks';

import type { ConversionReport } from '../api/types';
import { percent, quoted, whole } from '../format/format';
import { rich, t } from '../i18n/translate';
import { Figure } from './figure';
import type { OpenDeals } from './figure';
import { ENOUGH_DEALS, gapsByWidth, wholeWay } from './model';
import { asOfText } from './words';

interface LeadProps {
  report: ConversionReport;
  onOpen: OpenDeals;
}

/** The answer in words with the figures in them. */
export function Lead({ report, onOpen }: LeadProps) {
  const now = useMemo(() => new Date(), [report]);
  const gap = gapsByWidth(report.truth_gap)[0];
  const way = wholeWay(report);
  return (
    <div role="status">
      <p class="lead"><Narrow report={report} onOpen={onOpen} /></p>
      <p class="sub">
        {way.deals >= ENOUGH_DEALS &&
          `${t('panel.leadWay', { n: way.done, done: whole(way.done), deals: whole(way.deals), share: percent(way.done / way.deals) })} `}
        {gap &&
          t('panel.leadGap', { stage: quoted(gap.stage_title), statuses: whole(gap.statuses_say), clients: whole(gap.clients_say) })}
      </p>
      <p class="small muted">{asOfText(report, now)}</p>
    </div>
  );
}

function Narrow({ report, onOpen }: LeadProps) {
  const narrow = report.bottleneck;
  if (!narrow) {
    const key = report.deals < ENOUGH_DEALS ? 'panel.leadFew' : 'panel.leadNone';
    return <>{t(key, { n: report.deals, deals: whole(report.deals) })}</>;
  }
  const drill = { segmentKey: narrow.segment_key, stepKey: narrow.step_key, state: 'dropped' } as const;
  const label = t('panel.openDropped', { step: quoted(narrow.step_title), n: narrow.dropped, shown: whole(narrow.dropped) });
  return (
    <>
      {rich('panel.leadBottleneck', {
        segment: <b>{quoted(narrow.segment_title)}</b>,
        step: <b>{quoted(narrow.step_title)}</b>,
        dropped: <b><Figure class="alarm" drill={drill} count={narrow.dropped} label={label} onOpen={onOpen} /></b>,
        entered: whole(narrow.entered),
      })}
    </>
  );
}
