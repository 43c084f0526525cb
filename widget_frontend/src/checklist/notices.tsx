import type { Checklist } from '../api/types';
import { t } from '../i18n/translate';
import { BackfillLine } from '../ui/backfill_line';
import { Blank } from '../ui/blank';
import { moodOf } from './model';
import { staleText } from './rare_words';
import { StopBanner, WaitingLine } from './stop_banner';
import type { ChecklistStore } from './store';

interface NoticesProps {
  list: Checklist;
  store: ChecklistStore;
  now: Date;
}

/** What a card says beside its steps: old data, an undone move, a waiting one, or that there are no steps. */
export function Notices({ list, store, now }: NoticesProps) {
  const mood = moodOf(list);
  const stale = staleText(list, now);
  return (
    <>
      {mood === 'no_version' && <Blank title="card.emptyTitle" body="card.emptyBody" />}
      {mood === 'no_segment' && <Blank title="card.noSegmentTitle" body="card.noSegmentBody" />}
      {stale && <p class="notice small" role="status">{stale}</p>}
      <BackfillLine backfill={list.backfill} />
      {list.stop && <StopBanner key={list.stop.log_id} stop={list.stop} store={store} now={now} />}
      {list.waiting && <WaitingLine waiting={list.waiting} now={now} />}
      {mood === 'all_done' && <AllDone />}
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
