import { useState } from 'preact/hooks';

import type { LockStage } from '../api/types';
import { moment, quoted } from '../format/format';
import { t } from '../i18n/translate';
import { ResultMark } from '../ui/result_mark';
import type { StepProps } from './lock_page';
import { isUnderWay, lockable, names, worthSeeing } from './model';
import type { LockStore } from './store';
import { stateText } from './words';

const SHOWN = 12;
const NAMED = 6;

/** What is known of every gate's lock, since when, and what to do about it. */
export function ResultsStep({ state, store }: StepProps) {
  const [isWhole, setWhole] = useState(false);
  const locks = lockable(state.stages);
  const shown = isWhole ? locks : worthSeeing(locks, SHOWN);
  const isBusy = isUnderWay(state.trial);
  return (
    <section aria-labelledby="lock-results">
      <h2 id="lock-results">{t('lock.resultsTitle')}</h2>
      <ul class="rows results">
        {shown.map((stage) => <Result key={stage.stage_id} stage={stage} store={store} isBusy={isBusy} />)}
      </ul>
      {shown.length < locks.length && (
        <button type="button" class="link" onClick={() => { setWhole(true); }}>{t('lock.all', { n: locks.length })}</button>
      )}
      <NotYet stages={state.stages.filter((stage) => !locks.includes(stage))} />
    </section>
  );
}

/** Gates that stop nobody yet are named, no more. */
function NotYet({ stages }: { stages: LockStage[] }) {
  if (!stages.length) return null;
  const rest = stages.length - NAMED;
  const named = names(rest > 1 ? stages.slice(0, NAMED) : stages);
  const all = rest > 1 ? `${named} ${t('lock.moreNames', { n: rest })}` : named;
  return <p class="small muted">{t('lock.notYet', { n: stages.length, stages: all })}</p>;
}

interface ResultProps {
  stage: LockStage;
  store: LockStore;
  isBusy: boolean;
}

function Result({ stage, store, isBusy }: ResultProps) {
  const { title, state, code, text } = stage;
  return (
    <li class={state}>
      <div class="stack">
        <p class="row"><ResultMark state={state} /><span><b>{title}</b>: <b class="word">{stateText(state)}</b></span></p>
        {text && (state !== 'unchecked' || code) && <p>{text}</p>}
        <Leak stage={stage} />
        <When stage={stage} />
      </div>
      {!isBusy && (
        <button type="button" aria-label={t('lock.tryLabel', { stage: quoted(title) })} onClick={() => { store.wanted.value = stage.stage_id; }}>
          {t(state === 'unchecked' ? 'lock.try' : 'lock.tryAgain')}
        </button>
      )}
    </li>
  );
}

/** Who got in past the lock, with which deal. */
function Leak({ stage: { leak } }: { stage: LockStage }) {
  if (!leak) return null;
  const when = moment(leak.at, new Date());
  return (
    <p>
      <a href={leak.url} target="_blank" rel="noopener">{leak.title || t('account.parkedDeal', { id: leak.deal_id })}</a>
      {' · '}
      {leak.by ? t('lock.leakBy', { who: leak.by, when }) : when}
    </p>
  );
}

function When({ stage: { checked_at: at, checked_by: by } }: { stage: LockStage }) {
  if (!at) return null;
  const when = moment(at, new Date());
  return <p class="small muted">{by ? t('lock.checkedBy', { who: by, when }) : t('lock.checked', { when })}</p>;
}
