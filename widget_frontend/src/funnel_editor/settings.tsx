import { useEffect, useState } from 'preact/hooks';

import type { Catalog, FunnelState } from '../api/types';
import { Blank } from '../ui/blank';
import { Nav } from '../ui/nav';
import { TroubleBlank } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { t } from '../i18n/translate';
import { StatusStrip } from '../status/status_strip';
import { Editor } from './editor';
import { PipelineSelect } from './pipeline_select';
import { ProposeForm } from './propose_form';
import type { EditorStore } from './store';
import './editor.css';

const STATUS_EVERY_MS = 5_000;

/** The admin's page: how things are, and the map of steps. */
export function Settings({ store }: { store: EditorStore }) {
  useEffect(() => {
    void store.start();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void store.readStatus();
    }, STATUS_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [store]);
  const [status, notice] = [useWatched(store.status), useWatched(store.notice)];
  return (
    <main class="editor">
      <Nav current="settings" />
      <h1 class="visually-hidden">{t('editor.title')}</h1>
      <StatusStrip status={status} />
      {notice && (
        <p class={notice.isFault ? 'notice stop' : 'notice'} role={notice.isFault ? 'alert' : 'status'}>
          {notice.text}
        </p>
      )}
      <Body store={store} />
    </main>
  );
}

function Body({ store }: { store: EditorStore }) {
  const [catalog, state, trouble] = [useWatched(store.catalog), useWatched(store.state), useWatched(store.trouble)];
  const errorId = useWatched(store.errorId);
  if (trouble) return <TroubleBlank trouble={trouble} errorId={errorId} onRetry={() => void store.start()} />;
  if (!catalog || !state) return <EditorSkeleton />;
  if (!state.draft && !state.published) return <Unmapped store={store} catalog={catalog} state={state} />;
  return <Editor key={state.pipeline_id} store={store} catalog={catalog} state={state} />;
}

interface UnmappedProps {
  store: EditorStore;
  catalog: Catalog;
  state: FunnelState;
}

function Unmapped({ store, catalog, state }: UnmappedProps) {
  const [isOpen, setOpen] = useState(true);
  return (
    <>
      <PipelineSelect store={store} catalog={catalog} />
      <Blank title="editor.emptyTitle" body="editor.emptyBody" />
      {isOpen ? (
        <ProposeForm store={store} templates={state.templates} onClose={() => { setOpen(false); }} />
      ) : (
        <button type="button" class="primary" onClick={() => { setOpen(true); }}>{t('editor.proposals')}</button>
      )}
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
