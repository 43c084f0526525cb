import { useEffect, useMemo } from 'preact/hooks';

import type { Checklist } from '../api/types';
import { t } from '../i18n/translate';
import { TroubleLine } from '../ui/trouble_line';
import { useWatched } from '../ui/watched';
import { HistoryFold } from './history_fold';
import { late } from './late';
import { hasNews, lookOf, moodOf, nextItem } from './model';
import { NextStep } from './next_step';
import { StepList } from './step_list';
import type { ChecklistStore } from './store';
import './card.css';

const Notices = late(() => import('./notices').then((module) => module.Notices));
const UndoLine = late(() => import('./undo_line').then((module) => module.UndoLine));
export const Unfilled = late(() => import('./unfilled').then((module) => module.Unfilled));

/** Load what a list needs beyond the usual before it is drawn, so that nothing jumps. */
export async function prepare(list: Checklist): Promise<void> {
  if (hasNews(list)) await Notices.ready().catch(() => undefined);
}

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
    <main class="card" aria-label={t('card.region')} tabIndex={-1}>
      <p class="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </p>
      {list ? <Filled list={list} store={store} /> : <Waiting store={store} />}
    </main>
  );
}

function Waiting({ store }: { store: ChecklistStore }) {
  const trouble = useWatched(store.trouble);
  if (!trouble) return <CardSkeleton />;
  return (
    <Unfilled
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
  const next = nextItem(list);
  const [trouble, undo, movedTo] = [useWatched(store.trouble), useWatched(store.undo), useWatched(store.movedTo)];
  if (list.lock_trial) return <Notices list={list} store={store} now={now} />;
  return (
    <>
      {!moodOf(list).startsWith('no_') && <Header list={list} />}
      <TroubleLine trouble={trouble} />
      {(hasNews(list) || movedTo) && <Notices list={list} store={store} now={now} />}
      {undo && <UndoLine key={undo.key} undo={undo} store={store} />}
      {next && <NextStep key={next.key} item={next} store={store} />}
      {list.items.length > 0 && <StepList list={list} store={store} now={now} />}
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
      <div class={list.items.length > 20 ? 'bar many' : 'bar'} aria-hidden="true">
        {list.items.map((item) => (
          <i key={item.key} class={lookOf(item, list.next_key)} />
        ))}
      </div>
    </div>
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
