import { useEffect, useState } from 'preact/hooks';

import type { LockTrial } from '../api/types';
import { moment, quoted } from '../format/format';
import { t } from '../i18n/translate';
import { Choice } from '../ui/fields';
import { useFocus } from '../ui/focus';
import { ResultMark } from '../ui/result_mark';
import { useSending } from '../ui/sending';
import { useWatched } from '../ui/watched';
import type { StepProps } from './lock_page';
import { firstSeller, isUnderWay, lockable, nextToTry, sellersOf, unlikeWays } from './model';
import { Copy } from './roles_step';
import type { LockStore } from './store';
import { stateText, trialText } from './words';

/** Whether the CRM really refuses: a seller tries a deal that was made for it. */
export function TrialStep(props: StepProps) {
  const { trial } = props.state;
  return (
    <section aria-labelledby="lock-trial">
      <h2 id="lock-trial">{t('lock.trialTitle')}</h2>
      <div role="status">
        {isUnderWay(trial) && <p class="row live"><i class="turning" aria-hidden="true" />{trialText(trial)}</p>}
        {trial?.state === 'done' && <Outcome trial={trial} />}
      </div>
      {isUnderWay(trial) ? <Running trial={trial} store={props.store} /> : <TrialForm {...props} />}
    </section>
  );
}

/** How the last trial ended, way by way. */
function Outcome({ trial }: { trial: LockTrial }) {
  const when = moment(trial.started_at, new Date());
  const ways = unlikeWays(trial);
  return (
    <div class="stack outcome">
      <p class="row live">
        <ResultMark state={trial.outcome ?? 'unknown'} />
        <span><b>{t('lock.lastTrial', { stage: quoted(trial.stage_title), who: trial.user_name, when })}</b> {trial.text}</span>
      </p>
      {ways.length > 0 && (
        <ul class="small">
          {ways.map(({ from_stage_id: from, from_stage_title: title, to_stage_id: to, state, text }) => (
            <li key={`${from} ${to}`}>
              {t('lock.way', { from: quoted(title), state: stateText(state) })}
              {state !== 'holds' && state !== 'leaks' && ` ${text}`}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function TrialForm({ state, store, catalog }: StepProps) {
  const gates = lockable(state.stages);
  const people = sellersOf(catalog.users);
  const [stageId, setStage] = useState(() => nextToTry(state.stages));
  const [userId, setUser] = useState(() => firstSeller(people, state.trial));
  const [own, setOwn] = useState('');
  const { isSending, fault, send } = useSending();
  const wanted = useWatched(store.wanted);
  const field = useFocus<HTMLDivElement>(false);
  useEffect(() => {
    if (!wanted) return;
    setStage(wanted);
    store.wanted.value = '';
    field.current?.querySelector('select')?.focus();
  }, [wanted]);
  if (!people.length) return <p class="muted">{t('lock.nobody')}</p>;
  const submit = (event: Event): void => {
    event.preventDefault();
    setOwn(userId ? '' : t('lock.pickSeller'));
    if (userId) void send(() => store.start(stageId, userId));
  };
  const wrong = own || fault;
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <p class="muted">{t('lock.trialAbout')}</p>
      <div class="pair" ref={field}>
        <Choice label={t('lock.gate')} value={stageId} options={gates.map(({ stage_id, title }) => [stage_id, title] as const)} onChoose={setStage} />
        <Choice
          label={t('lock.seller')}
          value={userId}
          options={[['', t('lock.sellerNone')] as const, ...people.map(({ id, name }) => [id, name] as const)]}
          onChoose={(id) => { setOwn(''); setUser(id); }}
        />
      </div>
      {wrong && <p class="fault" role="alert">{wrong}</p>}
      <div class="row">
        <button type="submit" class="primary" disabled={isSending}>{t(isSending ? 'lock.starting' : 'lock.start')}</button>
      </div>
    </form>
  );
}

/** A trial that waits for its seller: what to send, and the way out. */
function Running({ trial, store }: { trial: LockTrial; store: LockStore }) {
  const { isSending, fault, send } = useSending();
  const message = t('lock.message', { url: trial.deal_url, button: quoted(t('lock.messageButton')) });
  return (
    <div class="stack">
      {trial.state === 'waiting' && trial.deal_url && (
        <>
          <p class="small muted" id="lock-message">{t('lock.send', { who: trial.user_name })}</p>
          <blockquote aria-labelledby="lock-message">{message}</blockquote>
          <div class="row wide">
            <Copy text={message} label={t('lock.copyMessage')} isPrimary />
            <a href={trial.deal_url} target="_blank" rel="noopener">{t('lock.openDeal')}</a>
          </div>
        </>
      )}
      {fault && <p class="fault" role="alert">{fault}</p>}
      <p>
        <button type="button" class="link" disabled={isSending} onClick={() => void send(() => store.cancel(trial))}>{t('lock.cancel')}</button>
      </p>
    </div>
  );
}
