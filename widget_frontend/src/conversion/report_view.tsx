import type { ConversionReport } from '../api/types';
import { whole } from '../format/format';
import { t } from '../i18n/translate';
import { Blank } from '../ui/blank';
import { Tabs } from '../ui/tabs';
import { CompareTable } from './compare_table';
import type { OpenDeals } from './figure';
import { FunnelChart } from './funnel_chart';
import { FunnelTable } from './funnel_table';
import { Lead } from './lead';
import { panelMood, shownSegment } from './model';
import { StopsBlock } from './stops_block';
import { TruthGapBlock } from './truth_gap';
import { COMPARE } from './view';
import type { View } from './view';

interface ReportProps {
  report: ConversionReport;
  /** The segment that the report was narrowed to; empty for all. */
  segmentKey: string;
  view: View;
  onLook: (changes: Partial<View>) => void;
  onOpen: OpenDeals;
}

/** A whole report: words, picture, truth gap, and where clients are lost. */
export function ReportView({ report, segmentKey, view, onLook, onOpen }: ReportProps) {
  const mood = panelMood(report);
  if (mood === 'no_version') return <Blank title="panel.noVersionTitle" body="panel.noVersionBody" />;
  if (mood === 'empty') return <Blank title="panel.emptyTitle" body="panel.emptyBody" />;
  return (
    <>
      <Lead report={report} onOpen={onOpen} />
      <div class="columns">
        <Segments report={report} segmentKey={segmentKey} view={view} onLook={onLook} onOpen={onOpen} />
        <aside>
          <TruthGapBlock gaps={report.truth_gap} segmentKey={segmentKey} onOpen={onOpen} />
          <StopsBlock report={report} onOpen={onOpen} />
        </aside>
      </div>
    </>
  );
}

function Segments({ report, view, onLook, onOpen }: ReportProps) {
  const current = shownSegment(report, view.tab);
  const tabs = report.segments.map(({ key, title, deals }) => ({ key, title: t('panel.tab', { title, deals: whole(deals) }) }));
  if (report.segments.length > 1) tabs.push({ key: COMPARE, title: t('panel.compare') });
  return (
    <div>
      <Tabs label={t('panel.tabs')} tabs={tabs} current={current} controls="segment" onChoose={(tab) => { onLook({ tab }); }} />
      <div id="segment" role="tabpanel" aria-labelledby={`tab-${current}`}>
        {current === COMPARE ? (
          <CompareTable report={report} onChoose={(tab) => { onLook({ tab }); }} />
        ) : (
          <Segment report={report} current={current} isTable={view.isTable} onLook={onLook} onOpen={onOpen} />
        )}
      </div>
    </div>
  );
}

interface SegmentProps extends Pick<ReportProps, 'report' | 'onLook' | 'onOpen'> {
  current: string;
  isTable: boolean;
}

function Segment({ report, current, isTable, onLook, onOpen }: SegmentProps) {
  const segment = report.segments.find((one) => one.key === current);
  if (!segment) return null;
  const bottleneckKey = report.bottleneck?.segment_key === segment.key ? report.bottleneck.step_key : null;
  return (
    <>
      {isTable ? <FunnelTable segment={segment} onOpen={onOpen} /> : <FunnelChart segment={segment} bottleneckKey={bottleneckKey} onOpen={onOpen} />}
      <button type="button" class="link small" aria-pressed={isTable} onClick={() => { onLook({ isTable: !isTable }); }}>
        {t(isTable ? 'panel.picture' : 'panel.table')}
      </button>
    </>
  );
}
