import { useEffect, useRef } from 'preact/hooks';

import type { ConversionReport, DealState, ReportDeal } from '../api/types';
import { moment, quoted, whole } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { Blank } from '../ui/blank';
import { Tabs } from '../ui/tabs';
import { useHost } from '../ui/journey';
import { TroubleBlank } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import type { DealsStore } from './deals_store';
import { countOf, statesOf, subjectOf } from './drilled';
import type { Drill } from './view';

const TITLES: Record<DealState, MessageKey> = {
  dropped: 'deals.dropped',
  reached: 'deals.reached',
  claimed_only: 'deals.claimed',
};
const MEANINGS: Record<DealState, MessageKey> = {
  dropped: 'deals.droppedMeans',
  reached: 'deals.reachedMeans',
  claimed_only: 'deals.claimedMeans',
};

interface DealsPageProps {
  store: DealsStore;
  drill: Drill;
  /** The report's own question: the list has the same filters. */
  question: string;
  report: ConversionReport | null;
  onOpen: (drill: Drill) => void;
  onBack: () => void;
}

/** The deals behind a figure, with the way into the CRM and back. */
export function DealsPage({ store, drill, question, report, onOpen, onBack }: DealsPageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { segmentKey, stepKey, state } = drill;
  useEffect(() => {
    void store.open(question, drill);
  }, [store, question, segmentKey, stepKey, state]);
  useEffect(() => {
    heading.current?.focus();
  }, [segmentKey, stepKey]);
  const subject = subjectOf(report, drill);
  return (
    <section class="deals">
      <p><button type="button" class="link" onClick={onBack}>← {t('deals.back')}</button></p>
      <h2 tabIndex={-1} ref={heading}>{subject.title ? quoted(subject.title) : t('deals.title')}</h2>
      {subject.segment && <p class="muted">{t('deals.ofSegment', { segment: subject.segment })}</p>}
      <Tabs
        label={t('deals.which')}
        tabs={statesOf(drill, subject.step).map((each) => ({ key: each, title: tabTitle(each, countOf(report, { ...drill, state: each })) }))}
        current={state}
        controls="deals"
        onChoose={(chosen) => { onOpen({ ...drill, state: chosen as DealState }); }}
      />
      <div id="deals" role="tabpanel" aria-labelledby={`tab-${state}`} class="stack">
        <p class="muted">{t(MEANINGS[state])}</p>
        <List store={store} />
      </div>
    </section>
  );
}

function tabTitle(state: DealState, count: number | null): string {
  const title = t(TITLES[state]);
  return count === null ? title : t('panel.tab', { title, deals: whole(count) });
}

function List({ store }: { store: DealsStore }) {
  const [deals, next, isLoading] = [useWatched(store.deals), useWatched(store.next), useWatched(store.isLoading)];
  const [trouble, errorId] = [useWatched(store.trouble), useWatched(store.errorId)];
  if (trouble) return <TroubleBlank trouble={trouble} errorId={errorId} onRetry={() => void store.again()} />;
  if (!deals) return <Ghosts />;
  if (deals.length === 0) return <Blank title="deals.noneTitle" body="deals.noneBody" />;
  return (
    <>
      <Rows deals={deals} />
      {next && (
        <p>
          <button type="button" disabled={isLoading} onClick={() => void store.more()}>{t(isLoading ? 'loading' : 'deals.more')}</button>
        </p>
      )}
    </>
  );
}

function Rows({ deals }: { deals: ReportDeal[] }) {
  const now = new Date();
  return (
    <table class="figures list">
      <thead>
        <tr>
          <th scope="col">{t('deals.colDeal')}</th>
          <th scope="col">{t('deals.colStage')}</th>
          <th scope="col">{t('deals.colManager')}</th>
          <th scope="col">{t('deals.colSince')}</th>
        </tr>
      </thead>
      <tbody>
        {deals.map((deal) => (
          <tr key={deal.id}>
            <th scope="row">
              <DealLink deal={deal} />
            </th>
            <td>{deal.stage_title || '–'}</td>
            <td>{deal.responsible || '–'}</td>
            <td class="when">{moment(deal.since, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Shown over our page where the CRM can do that, so that the list is still there afterwards; else in a new tab. */
function DealLink({ deal }: { deal: ReportDeal }) {
  const host = useHost();
  const isOver = Boolean(host?.openAddress);
  const open = (event: MouseEvent): void => {
    if (!isOver || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    host?.openAddress?.(deal.url);
  };
  return (
    <a href={deal.url} target="_blank" rel="noopener noreferrer" onClick={open}>
      {deal.title || t('deals.noTitle', { id: deal.id })}
      {!isOver && <span class="visually-hidden"> {t('deals.newTab')}</span>}
    </a>
  );
}

function Ghosts() {
  return (
    <div class="stack" aria-hidden="true">
      {['a', 'b', 'c', 'd', 'e'].map((key) => <div key={key} class="ghost line" />)}
    </div>
  );
}
