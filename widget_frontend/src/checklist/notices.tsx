import type { Checklist } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { BackfillLine } from '../ui/backfill_line';
import { Blank } from '../ui/blank';
import { useWatched } from '../ui/watched';
import { ForwardLine } from './forward_line';
import { late } from './late';
import { moodOf } from './model';
import { staleText } from './rare_words';
import { StopBanner, WaitingLine } from './stop_banner';
import type { ChecklistStore } from './store';

const TrialView = late(() => import('./trial_view').then((module) => module.TrialView));

interface NoticesProps {
  list: Checklist;
  store: ChecklistStore;
  now: Date;
}

/** What a card says beside its steps: old data, an undone move, a waiting or a possible one, or that there are no steps. */
export function Notices({ list, store, now }: NoticesProps) {
  const mood = moodOf(list);
  const stale = staleText(list, now);
  const movedTo = useWatched(store.movedTo);
  const { forward } = list;
  if (list.lock_trial) return <TrialView trial={list.lock_trial} store={store} />;
  return (
    <>
      {mood === 'no_version' && <Blank title="card.emptyTitle" body="card.emptyBody" />}
      {mood === 'no_segment' && <Blank title="card.noSegmentTitle" body="card.noSegmentBody" />}
      {stale && <p class="notice small" role="status">{stale}</p>}
      <BackfillLine backfill={list.backfill} />
      {list.stop && <StopBanner key={list.stop.log_id} stop={list.stop} store={store} now={now} />}
      {list.waiting && <WaitingLine waiting={list.waiting} now={now} />}
      {movedTo === list.deal.stage_title && <p class="notice done small">{t('card.forward.done', { stage: quoted(movedTo) })}</p>}
      {forward && <ForwardLine key={forward.stage_id} forward={forward} list={list} store={store} />}
      {mood === 'all_done' && !forward && <AllDone />}
    </>
  );
}

function AllDone() {
  return (
    <section class="next-step done">
      <h2>{t('card.allDoneTitle')}</h2>
      <p>{t('card.allDoneBody')}</p>
    </section>
  );
}
