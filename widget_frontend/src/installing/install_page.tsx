import { useEffect } from 'preact/hooks';

import type { Status } from '../api/types';
import { percent } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { useWay } from '../ui/journey';
import { useWatched } from '../ui/watched';
import { progressOf } from './store';
import type { Fault, InstallStore, StepState } from './store';

const FAULT_KEYS: Record<Fault, MessageKey> = {
  reconnect: 'install.faultReconnect',
  pay: 'status.pay',
  rights_needed: 'install.faultRights',
  wait: 'install.faultWait',
  offline: 'install.faultOffline',
};

const STATE_KEYS: Record<StepState, MessageKey> = {
  done: 'install.done',
  doing: 'install.doing',
  waiting: 'install.waiting',
  failed: 'install.failed',
};

/** The first thing that an administrator sees of us: what happens now, how far it is, and what comes then. */
export function InstallPage({ store }: { store: InstallStore }) {
  useEffect(() => {
    void store.run();
  }, [store]);
  const [status, fault, isDone] = [useWatched(store.status), useWatched(store.fault), useWatched(store.isDone)];
  const way = useWay();
  return (
    <main class="install">
      <h1>{t(isDone ? 'install.titleDone' : 'install.title')}</h1>
      <p class="muted">{t(isDone ? 'install.leadDone' : 'install.lead')}</p>
      <Steps status={status} isFaulty={fault !== null} />
      {fault && <FaultNotice fault={fault} store={store} />}
      {isDone && <p><button type="button" class="primary" onClick={() => { way?.('settings'); }}>{t('install.open')}</button></p>}
      {status && onlyWatches(status) && <p class="small muted">{t('install.promise')}</p>}
    </main>
  );
}

/** An account that is connected anew may have stricter gates from before. */
function onlyWatches({ gates }: Status): boolean {
  return gates.warn + gates.enforce === 0;
}

function Steps({ status, isFaulty }: { status: Status | null; isFaulty: boolean }) {
  const { catalog, places, map, past } = progressOf(status, isFaulty);
  return (
    <ol class="steps" aria-live="polite">
      <Step state="done" title={t('install.stepAccess')} />
      <Step state={catalog} title={t('install.stepCatalog')} />
      <Step state={map} title={t('install.stepMap')} />
      <Step state={places} title={t('install.stepPlaces')} />
      <Step state={past} title={t('install.stepPast')} note={pastNote(status)} />
    </ol>
  );
}

function pastNote(status: Status | null): string {
  const backfill = status?.backfill;
  if (backfill?.state === 'done') return t('install.pastDeals', { n: backfill.done });
  return backfill?.total ? percent(Math.min(1, backfill.done / backfill.total)) : t('install.pastLater');
}

function Step({ state, title, note = '' }: { state: StepState; title: string; note?: string }) {
  return (
    <li class={state}>
      <Mark state={state} />
      <span>{title}<span class="visually-hidden">: {t(STATE_KEYS[state])}</span></span>
      {note && <span class="small muted">{note}</span>}
    </li>
  );
}

/** The shape tells the state, not the colour alone. */
function Mark({ state }: { state: StepState }) {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <circle cx="11" cy="11" r="9" />
      {state === 'done' && <path d="M6.8 11.4l2.9 2.9 5.6-6" />}
      {state === 'failed' && <path d="M11 6.2v6M11 15.2v.6" />}
      {state === 'doing' && <path d="M11 2a9 9 0 0 1 9 9" />}
    </svg>
  );
}

function FaultNotice({ fault, store }: { fault: Fault; store: InstallStore }) {
  return (
    <div class="notice wait stack" role="alert">
      <p>{t(FAULT_KEYS[fault])}</p>
      <p class="row">
        <button type="button" class="primary" onClick={() => void store.run()}>{t('retry')}</button>
        <button type="button" onClick={() => { store.end(); }}>{t('install.later')}</button>
      </p>
    </div>
  );
}
