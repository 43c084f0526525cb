import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';

import type { Checklist } from '../api/types';
import { t } from '../i18n/translate';
import { BackfillLine } from '../ui/backfill_line';
import { Blank } from '../ui/blank';
import { TroubleBlank, TroubleLine } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { HistoryFold } from './history_fold';
import { lookOf, moodOf, nextItem } from './model';
import { NextStep } from './next_step';
import { StepList } from './step_list';
import { StopBanner, WaitingLine } from './stop_banner';
import type { ChecklistStore } from './store';
import { staleText } from './words';
import './card.css';

/** The card of one deal: what the client has done, owes next, and why a move was undone. */
export function Card({ store }: { store: ChecklistStore }) {
  useEffect(() => {
    store.start();
    return () => {
      store.stop();
    };
  }, [store]);
  const list = useWatched(store.list);
  const announcement = useWatched(store.announcement);
  return (
    <main class="card" aria-label={t('card.region')}>
      <p class="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </p>
      {list ? <Filled list={list} store={store} /> : <Unfilled store={store} />}
    </main>
  );
}

function Unfilled({ store }: { store: ChecklistStore }) {
  const trouble = useWatched(store.trouble);
  if (!trouble) return <CardSkeleton />;
  if (trouble === 'forbidden') return <Blank title="card.hiddenTitle" body="card.hiddenBody" />;
  if (trouble === 'missing') return <Blank title="card.goneTitle" body="card.goneBody" />;
  return (
    <TroubleBlank
      trouble={trouble}
      errorId={store.errorId.value}
      onRetry={() => {
        store.start();
      }}
    />
  );
}

function Filled({ list, store }: { list: Checklist; store: ChecklistStore }) {
  const now = useMemo(() => new Date(), [list]);
  const mood = moodOf(list);
  const next = nextItem(list);
  const stale = staleText(list, now);
  const trouble = useWatched(store.trouble);
  return (
    <>
      {mood === 'in_progress' || mood === 'all_done' ? <Header list={list} /> : <EmptyBlank mood={mood} />}
      <TroubleLine trouble={trouble} />
      {stale && <Line>{stale}</Line>}
      {list.stop && <StopBanner key={list.stop.log_id} stop={list.stop} store={store} now={now} />}
      {list.waiting && <WaitingLine waiting={list.waiting} now={now} />}
      {next && <NextStep key={next.key} item={next} store={store} />}
      {mood === 'all_done' && <AllDone />}
      {list.items.length > 0 && <StepList list={list} store={store} now={now} />}
      <BackfillLine backfill={list.backfill} />
      <HistoryFold store={store} revision={String(list.revision)} />
    </>
  );
}

function Header({ list }: { list: Checklist }) {
  return (
    <div>
      <header>
        <h1>{t('card.progress', { n: list.met, total: list.total })}</h1>
        {list.segment && (
          <span class="chip">
            <span class="visually-hidden">{t('card.segment')}: </span>
            {list.segment.title}
          </span>
        )}
      </header>
      <div class="bar" aria-hidden="true">
        {list.items.map((item) => (
          <i key={item.key} class={lookOf(item, list.next_key)} />
        ))}
      </div>
    </div>
  );
}

function EmptyBlank({ mood }: { mood: 'no_version' | 'no_segment' }) {
  return mood === 'no_version' ? (
    <Blank title="card.emptyTitle" body="card.emptyBody" />
  ) : (
    <Blank title="card.noSegmentTitle" body="card.noSegmentBody" />
  );
}

function AllDone() {
  return (
    <section class="next-step done">
      <h2>{t('card.allDoneTitle')}</h2>
      <p class="muted">{t('card.allDoneBody')}</p>
    </section>
  );
}

function Line({ children }: { children: ComponentChildren }) {
  return (
    <p class="notice small" role="status">
      {children}
    </p>
  );
}

/** Grey blocks of the card's height, so that nothing jumps when the data arrive. */
export function CardSkeleton() {
  const heights = [24, 130, 44, 44, 44, 44];
  return (
    <div class="stack card-skeleton" aria-hidden="true">
      {heights.map((height, index) => (
        <div key={index} class="ghost" style={{ height: `${String(height)}px` }} />
      ))}
    </div>
  );
}
