import { useEffect, useMemo, useState } from 'preact/hooks';

import type { ConversionReport } from '../api/types';
import { quoted, whole } from '../format/format';
import { rich, t } from '../i18n/translate';
import { BackfillLine } from '../ui/backfill_line';
import { Blank } from '../ui/blank';
import { Nav } from '../ui/nav';
import { Tabs } from '../ui/tabs';
import { TroubleBlank, TroubleLine } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { FilterBar } from './filter_bar';
import { FunnelChart } from './funnel_chart';
import { FunnelTable } from './funnel_table';
import { ENOUGH_DEALS, gapsByWidth, panelMood, shownSegment } from './model';
import type { ConversionStore } from './store';
import { TruthGapBlock } from './truth_gap';
import { asOfText } from './words';
import './panel.css';

interface PanelProps {
  store: ConversionStore;
  isAdmin: boolean;
}

/** Where clients stop, in words first and then as a picture. */
export function Panel({ store, isAdmin }: PanelProps) {
  useEffect(() => {
    void store.start();
  }, [store]);
  const [filters, catalog, segments] = [useWatched(store.filters), useWatched(store.catalog), useWatched(store.segments)];
  return (
    <main class="panel">
      {isAdmin && <Nav current="panel" />}
      <h1 class="visually-hidden">{t('panel.title')}</h1>
      {filters && catalog && (
        <FilterBar
          filters={filters}
          catalog={catalog}
          segments={segments}
          isAdmin={isAdmin}
          onChange={(changes) => { store.change(changes); }}
        />
      )}
      <Body store={store} />
    </main>
  );
}

function Body({ store }: { store: ConversionStore }) {
  const [report, trouble, isLoading] = [useWatched(store.report), useWatched(store.trouble), useWatched(store.isLoading)];
  const errorId = useWatched(store.errorId);
  if (!report) {
    if (!trouble) return <PanelSkeleton />;
    return <TroubleBlank trouble={trouble} errorId={errorId} onRetry={() => void store.start()} />;
  }
  return (
    <div class={isLoading ? 'body loading' : 'body'} aria-busy={isLoading}>
      <TroubleLine trouble={trouble} />
      <BackfillLine backfill={report.backfill} />
      {report.is_rebuilding && <p class="notice small" role="status">{t('panel.rebuilding')}</p>}
      <Report report={report} />
    </div>
  );
}

function Report({ report }: { report: ConversionReport }) {
  const [chosen, setChosen] = useState('');
  const mood = panelMood(report);
  if (mood === 'no_version') return <Blank title="panel.noVersionTitle" body="panel.noVersionBody" />;
  if (mood === 'empty') return <Blank title="panel.emptyTitle" body="panel.emptyBody" />;
  const key = shownSegment(report, chosen);
  return (
    <>
      <Lead report={report} />
      <div class="columns">
        <Segments report={report} current={key} onChoose={setChosen} />
        <aside>
          <TruthGapBlock gaps={report.truth_gap} />
        </aside>
      </div>
    </>
  );
}

/** The answer in words with the figures in them. */
function Lead({ report }: { report: ConversionReport }) {
  const now = useMemo(() => new Date(), [report]);
  const narrow = report.bottleneck;
  const gap = gapsByWidth(report.truth_gap)[0];
  return (
    <div role="status">
      <p class="lead">
        {narrow
          ? rich('panel.leadBottleneck', {
              segment: <b>{quoted(narrow.segment_title)}</b>,
              step: <b>{quoted(narrow.step_title)}</b>,
              dropped: <b class="alarm">{whole(narrow.dropped)}</b>,
              entered: whole(narrow.entered),
            })
          : t(report.deals < ENOUGH_DEALS ? 'panel.leadFew' : 'panel.leadNone', { n: report.deals, deals: whole(report.deals) })}
      </p>
      <p class="sub">
        {gap &&
          `${t('panel.leadGap', { stage: quoted(gap.stage_title), statuses: whole(gap.statuses_say), clients: whole(gap.clients_say) })} `}
        {asOfText(report, now)}
      </p>
    </div>
  );
}

interface SegmentsProps {
  report: ConversionReport;
  current: string;
  onChoose: (key: string) => void;
}

function Segments({ report, current, onChoose }: SegmentsProps) {
  const [isTable, setTable] = useState(false);
  const segment = report.segments.find((one) => one.key === current);
  if (!segment) return null;
  const tabs = report.segments.map(({ key, title, deals }) => ({ key, title: t('panel.tab', { title, deals: whole(deals) }) }));
  const bottleneckKey = report.bottleneck?.segment_key === segment.key ? report.bottleneck.step_key : null;
  return (
    <div>
      <Tabs label={t('panel.tabs')} tabs={tabs} current={current} controls="segment" onChoose={onChoose} />
      <div id="segment" role="tabpanel" aria-labelledby={`tab-${current}`}>
        {isTable ? <FunnelTable segment={segment} /> : <FunnelChart segment={segment} bottleneckKey={bottleneckKey} />}
        <button type="button" class="link small" aria-pressed={isTable} onClick={() => { setTable(!isTable); }}>
          {t(isTable ? 'panel.picture' : 'panel.table')}
        </button>
      </div>
    </div>
  );
}

export function PanelSkeleton() {
  return (
    <div class="panel stack" aria-hidden="true">
      {[34, 60, 34, 420].map((height) => (
        <div key={height} class="ghost" style={{ height: `${String(height)}px` }} />
      ))}
    </div>
  );
}
