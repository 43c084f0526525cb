import { useEffect, useRef, useState } from 'preact/hooks';

import type { Catalog, FunnelState } from '../api/types';
import { Blank } from '../ui/blank';
import { lazily } from '../ui/lazily';
import { Nav } from '../ui/nav';
import type { Place } from '../ui/nav';
import { TroubleBlank } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { addMessages, currentLanguage, t } from '../i18n/translate';
import { FileForm, ImportReport, MatchPage } from '../transfer/late';
import { StatusStrip } from '../status/status_strip';
import { Editor } from './editor';
import { titleOf } from './model';
import { PipelineSelect } from './pipeline_select';
import { ProposeButtons } from './propose_form';
import type { AccountStore } from '../account/store';
import type { LockStore } from '../lock/store';
import type { EditorStore, Notice } from './store';

const STATUS_EVERY_MS = 5_000;

const AccountPage = lazily(() => import('../account/account_page').then((module) => module.AccountPage));
const ObjectionsPage = lazily(() => import('../account/objections_page').then((module) => module.ObjectionsPage));

const LOCK_TEXTS = { ru: () => import('../i18n/ru/lock'), en: () => import('../i18n/en/lock') };
const LockPage = lazily(async () => {
  const [page, texts] = await Promise.all([import('../lock/lock_page'), LOCK_TEXTS[currentLanguage()]()]);
  addMessages(texts.lock);
  return page.LockPage;
});

interface SettingsProps {
  store: EditorStore;
  account: AccountStore;
  lock: LockStore;
}

/** The admin's page: how things are, the map of steps, objections and what concerns the whole account. */
export function Settings({ store, account, lock, start }: SettingsProps & { start: Place }) {
  const [place, go] = useState<Place>(start);
  useEffect(() => {
    void store.start();
    void account.count();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void store.readStatus();
    }, STATUS_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [store, account]);
  const pipelineId = useWatched(store.pipelineId);
  useEffect(() => {
    if (pipelineId) void lock.open(pipelineId);
  }, [lock, pipelineId]);
  const [status, notice, objections] = [useWatched(store.status), useWatched(store.notice), useWatched(account.waiting)];
  const [catalog, trouble] = [useWatched(store.catalog), useWatched(store.trouble)];
  // Strip and map come together, so that nothing jumps.
  const isShown = place === 'map' && (catalog !== null || trouble !== null);
  return (
    <main class="editor">
      <Nav current={place} waiting={{ objections, account: status?.parked ?? 0 }} onGo={go} />
      <h1 class="visually-hidden">{t('editor.title')}</h1>
      {isShown && <StatusStrip status={status} />}
      {isShown && notice && <NoticeLine key={notice.text} notice={notice} />}
      <Section place={place} store={store} account={account} lock={lock} />
    </main>
  );
}

/** What became of the last action; forms stand below the map, so it is brought into view. */
function NoticeLine({ notice }: { notice: Notice }) {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    line.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <p ref={line} class={notice.isFault ? 'notice stop' : 'notice'} role={notice.isFault ? 'alert' : 'status'}>
      {notice.text}
    </p>
  );
}

function Section({ place, store, account, lock }: SettingsProps & { place: Place }) {
  const catalog = useWatched(store.catalog);
  if (place === 'account') return <AccountPage store={account} catalog={catalog} />;
  if (place === 'lock') return <LockPage store={lock} editor={store} catalog={catalog} />;
  return place === 'objections' ? <ObjectionsPage store={account} /> : <Body store={store} />;
}

function Body({ store }: { store: EditorStore }) {
  const [catalog, state, trouble] = [useWatched(store.catalog), useWatched(store.state), useWatched(store.trouble)];
  const errorId = useWatched(store.errorId);
  const [seen, imported] = [useWatched(store.transfer.seen), useWatched(store.transfer.imported)];
  if (trouble) return <TroubleBlank trouble={trouble} errorId={errorId} onRetry={() => void store.start()} />;
  if (!catalog || !state) return <EditorSkeleton />;
  if (seen) return <MatchPage store={store.transfer} seen={seen} onDone={() => void store.afterImport()} />;
  if (!state.draft && !state.published) return <Unmapped store={store} catalog={catalog} state={state} />;
  return (
    <>
      {imported && <ImportReport imported={imported} onRead={() => { store.transfer.close(); }} />}
      <Editor key={state.pipeline_id} store={store} catalog={catalog} state={state} />
    </>
  );
}

interface UnmappedProps {
  store: EditorStore;
  catalog: Catalog;
  state: FunnelState;
}

/** A pipeline that nothing was said of yet: the first proposal takes nothing away. */
function Unmapped({ store, catalog, state }: UnmappedProps) {
  const [isLoading, setLoading] = useState(false);
  return (
    <>
      <PipelineSelect store={store} catalog={catalog} />
      <Blank title="editor.emptyTitle" body="editor.emptyBody" />
      <ProposeButtons store={store} templates={state.templates} />
      <button type="button" class="link" onClick={() => { setLoading(true); }}>{t('editor.fromFile')}</button>
      {isLoading && <FileForm store={store} state={state} title={titleOf(catalog, state.pipeline_id)} onClose={() => { setLoading(false); }} />}
    </>
  );
}

export function EditorSkeleton() {
  return (
    <div class="editor stack" aria-hidden="true">
      {[34, 40, 34, 320].map((height, index) => (
        <div key={index} class="ghost" style={{ height: `${String(height)}px` }} />
      ))}
    </div>
  );
}
