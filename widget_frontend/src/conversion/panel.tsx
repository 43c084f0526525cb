import { useEffect } from 'preact/hooks';

import { clockTime } from '../format/format';
import { t } from '../i18n/translate';
import { BackfillLine } from '../ui/backfill_line';
import { Nav } from '../ui/nav';
import { TroubleBlank } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { ChoiceBlank } from './choice_blank';
import { DealsPage } from './deals_page';
import type { DealsStore } from './deals_store';
import { ExportButton } from './export_button';
import { FilterBar } from './filter_bar';
import { keepFresh } from './freshness';
import { periodOf } from './model';
import { ReportView } from './report_view';
import { PanelSkeleton, ReportSkeleton } from './skeleton';
import type { ConversionStore } from './store';

interface PanelProps {
  store: ConversionStore;
  deals: DealsStore;
  isAdmin: boolean;
}

/** Where clients stop, in words first and then as a picture; each number opens its deals. */
export function Panel({ store, deals, isAdmin }: PanelProps) {
  useEffect(() => {
    void store.start();
    const stops = [store.follow(), keepFresh(store)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [store]);
  const [catalog, trouble] = [useWatched(store.catalog), useWatched(store.trouble)];
  const errorId = useWatched(store.errorId);
  return (
    <main class="panel">
      {isAdmin && <Nav current="panel" />}
      <h1 class="visually-hidden">{t('panel.title')}</h1>
      {catalog && <Head store={store} isAdmin={isAdmin} />}
      {catalog && <Body store={store} deals={deals} />}
      {!catalog && (trouble ? <TroubleBlank trouble={trouble} errorId={errorId} onRetry={() => void store.start()} /> : <PanelSkeleton />)}
    </main>
  );
}

function Head({ store, isAdmin }: { store: ConversionStore; isAdmin: boolean }) {
  const [filters, catalog, segments] = [useWatched(store.filters), useWatched(store.catalog), useWatched(store.segments)];
  const report = useWatched(store.report);
  if (!filters || !catalog) return null;
  const { from, to } = periodOf(filters, new Date());
  const isOwn = report?.sees === 'own';
  return (
    <>
      <FilterBar
        filters={filters}
        catalog={catalog}
        segments={segments}
        hasManagers={report ? report.sees === 'everyone' : isAdmin}
        onChange={(changes) => { store.change(changes); }}
      >
        {report && report.deals > 0 && <ExportButton fetchFile={() => store.file()} name={`stepgate-${from}-${to}.csv`} />}
      </FilterBar>
      {isOwn && <p class="notice small">{t('panel.mine')}</p>}
    </>
  );
}

function Body({ store, deals }: { store: ConversionStore; deals: DealsStore }) {
  const [report, trouble, view] = [useWatched(store.report), useWatched(store.trouble), useWatched(store.view)];
  const [filters, fault, errorId] = [useWatched(store.filters), useWatched(store.choiceFault), useWatched(store.errorId)];
  const isLoading = useWatched(store.isLoading);
  if (fault) return <ChoiceBlank fault={fault} onCure={() => { store.cure(fault); }} />;
  if (!report && trouble) return <TroubleBlank trouble={trouble} errorId={errorId} onRetry={() => void store.load()} />;
  return (
    <div class={isLoading && report ? 'body loading' : 'body'} aria-busy={isLoading}>
      {report && trouble && <Stale isOffline={trouble === 'offline'} asOf={report.as_of} onRetry={() => void store.load()} />}
      {report && <BackfillLine backfill={report.backfill} />}
      {report?.is_rebuilding && <p class="notice small" role="status">{t('panel.rebuilding')}</p>}
      {view.drill && (
        <DealsPage
          store={deals}
          drill={view.drill}
          question={store.question()}
          report={report}
          onOpen={(drill) => { store.look({ drill }); }}
          onBack={() => { store.closeDeals(); }}
        />
      )}
      {!view.drill && report && (
        <ReportView
          report={report}
          segmentKey={filters?.segmentKey ?? ''}
          view={view}
          onLook={(changes) => { store.look(changes); }}
          onOpen={(drill) => { store.openDeals(drill); }}
        />
      )}
      {!view.drill && !report && <ReportSkeleton />}
    </div>
  );
}

/** Above figures that are shown although newer ones could not be read. */
function Stale({ isOffline, asOf, onRetry }: { isOffline: boolean; asOf: string; onRetry: () => void }) {
  return (
    <div class="notice wait small row" role="status">
      <span>{t(isOffline ? 'panel.staleOffline' : 'panel.stale', { time: clockTime(asOf) })}</span>
      <button type="button" class="link small" onClick={onRetry}>{t('retry')}</button>
    </div>
  );
}
