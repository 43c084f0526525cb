import type { CardTrial, LockTrial, LockVerdict } from '../api/types';
import { quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { ResultMark } from '../ui/result_mark';
import { keepFocus, useSending } from '../ui/sending';
import type { ChecklistStore } from './store';

const RESULT_KEYS: Record<LockVerdict, MessageKey> = {
  holds: 'card.trial.holds',
  leaks: 'card.trial.leaks',
  defeated: 'card.trial.defeated',
  unknown: 'card.trial.unknown',
  unchecked: 'card.trial.unknown',
};

interface TrialProps {
  trial: CardTrial;
  store: ChecklistStore;
}

/** A deal that was made to try a lock: why, one button, and what came of it. Nothing else is of interest here. */
export function TrialView({ trial, store }: TrialProps) {
  const stage = quoted(trial.stage_title);
  return (
    <section class="trial" aria-labelledby="trial-title">
      <p class="kicker muted small">{t('card.trial.kicker')}</p>
      <h1 id="trial-title">{t('card.trial.title', { stage })}</h1>
      <Turn trial={trial} store={store} stage={stage} />
    </section>
  );
}

/** Whose turn it is: the seller's who was asked, nobody's, or another's. */
function Turn({ trial, store, stage }: TrialProps & { stage: string }) {
  if (trial.state === 'done') return <Result trial={trial} stage={stage} />;
  if (!trial.is_yours) return <p>{t('card.trial.notYours')}</p>;
  return <Attempt trial={trial} store={store} stage={stage} />;
}

function Attempt({ trial, store, stage }: TrialProps & { stage: string }) {
  const { isSending, fault, send } = useSending();
  const isTrying = isSending || trial.state === 'trying';
  const press = (): void => {
    if (!isTrying) void send(() => attempt(trial, store)).then(keepFocus);
  };
  return (
    <>
      <p>{t('card.trial.why', { stage })}</p>
      {fault && !isTrying && <p class="fault" role="alert">{fault}</p>}
      <button type="button" class="primary" aria-disabled={isTrying} onClick={press}>
        {isTrying && <i class="turning" aria-hidden="true" />}
        {t(isTrying ? 'card.trial.trying' : 'card.trial.go', { stage })}
      </button>
    </>
  );
}

function Result({ trial, stage }: { trial: CardTrial; stage: string }) {
  const { outcome } = trial;
  // Not tried at all: called off, or forgotten for a day.
  if (!outcome) return <p role="status">{trial.text || t('card.trial.unknown')}</p>;
  return (
    <div class="stack" role="status">
      <p class="row">
        <ResultMark state={outcome} />
        <b>{t(RESULT_KEYS[outcome], { stage })}</b>
      </p>
      <p class="small muted">{t('card.trial.after')}</p>
    </div>
  );
}

/** The server tries the move in this person's own name, so it is proven anew who that is. */
async function attempt({ trial_id: id }: CardTrial, store: ChecklistStore): Promise<void> {
  const proof = await store.host?.prove?.();
  const headers: Record<string, string> = proof ? { 'X-Auth-Token': proof } : {};
  const trial = await store.api.send<LockTrial>('POST', `/lock/trials/${encodeURIComponent(id)}/attempt`, { headers });
  const list = store.list.value;
  if (list?.lock_trial) store.list.value = { ...list, lock_trial: { ...list.lock_trial, state: trial.state, outcome: trial.outcome, code: trial.code } };
}
