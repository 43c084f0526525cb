import { useEffect, useId, useRef } from 'preact/hooks';

import type { FunnelState } from '../api/types';
import { saveFile } from '../conversion/save_file';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import { useSending } from '../ui/sending';
import { useWatched } from '../ui/watched';
import type { EditorStore } from '../funnel_editor/store';

interface FileFormProps {
  store: EditorStore;
  state: FunnelState;
  /** What the file is called after. */
  title: string;
  onClose: () => void;
}

/** A map goes into a file, or comes out of one. */
export function FileForm({ store, state, title, onClose }: FileFormProps) {
  return (
    <Drawer title={t('transfer.title')} onClose={onClose}>
      <div class="stack transfer-file">
        {(state.draft ?? state.published) && <Save store={store} state={state} title={title} />}
        <Load store={store.transfer} pipelineId={state.pipeline_id} />
      </div>
    </Drawer>
  );
}

function Save({ store, state: { pipeline_id: pipelineId, draft, published }, title }: Omit<FileFormProps, 'onClose'>) {
  const { isSending, fault, send } = useSending();
  const save = (version: number | null): void => {
    void send(async () => {
      await store.settled();
      const ending = version === null ? '' : `-v${String(version)}`;
      saveFile(await store.transfer.save(pipelineId, version), `${fileNameOf(title)}${ending}.yaml`);
    });
  };
  return (
    <section>
      <h3>{t('transfer.saveTitle')}</h3>
      <p class="muted">{t('transfer.saveBody')}</p>
      <div class="row">
        {draft && <button type="button" disabled={isSending} onClick={() => { save(null); }}>{t('transfer.saveDraft')}</button>}
        {published && <button type="button" disabled={isSending} onClick={() => { save(published.number); }}>{t('transfer.saveForce')}</button>}
        <span class="small muted" role="status">{isSending && t('transfer.saving')}</span>
      </div>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </section>
  );
}

function Load({ store, pipelineId }: { store: EditorStore['transfer']; pipelineId: string }) {
  const [isBusy, fault] = [useWatched(store.isBusy), useWatched(store.fault)];
  const input = useRef<HTMLInputElement>(null);
  const about = useId();
  useEffect(() => () => { store.forget(); }, [store]);
  const take = (): void => {
    const file = input.current?.files?.[0];
    if (!file) return;
    void store.read(file, pipelineId).then(() => {
      // The same file may be chosen again once it was corrected.
      if (input.current) input.current.value = '';
    });
  };
  return (
    <section>
      <h3>{t('transfer.loadTitle')}</h3>
      <p class="muted" id={about}>{t('transfer.loadBody')}</p>
      <div class="row">
        <button type="button" class="primary" aria-describedby={about} disabled={isBusy} onClick={() => { input.current?.click(); }}>{t('transfer.choose')}</button>
        <input ref={input} type="file" hidden aria-label={t('transfer.choose')} accept=".yaml,.yml,.json,application/yaml,application/json" onChange={take} />
        <span class="small muted" role="status">{isBusy && t('transfer.reading')}</span>
      </div>
      {fault && <p class="fault lines" role="alert">{fault}</p>}
    </section>
  );
}

const LONGEST_STEM = 60;

function fileNameOf(title: string): string {
  return title.replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, LONGEST_STEM) || 'funnel';
}
