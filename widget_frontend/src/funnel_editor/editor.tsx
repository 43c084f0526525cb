import { useState } from 'preact/hooks';

import type { FunnelDocument, FunnelState, SegmentDraft } from '../api/types';
import { t } from '../i18n/translate';
import { Tabs } from '../ui/tabs';
import { Board } from './board';
import { addSegment, changeSegment } from './edits';
import { Head } from './head';
import { onlyWatches, shownDocument, titleOf } from './model';
import { OpenedForm } from './opened_form';
import type { Opened } from './opened';
import { ProblemList } from './problem_list';
import type { EditorProps, Scene } from './scene';
import type { EditorStore } from './store';
import { ruleText } from './words';

/** The map of one pipeline: segments, stages with their gates, and the form that is open. */
export function Editor({ store, catalog, state }: EditorProps) {
  const [opened, open] = useState<Opened | null>(null);
  const [chosen, choose] = useState('');
  const document = shownDocument(state);
  const index = Math.max(0, document.segments.findIndex((segment) => segment.key === chosen));
  const segment = document.segments[index];
  const editSegment = (change: (segment: SegmentDraft) => SegmentDraft): void => {
    if (segment) store.edit((whole) => changeSegment(whole, segment.key, change));
  };
  const scene = segment && { store, catalog, state, document, segment, index, editSegment, open, choose };
  return (
    <>
      <Head store={store} catalog={catalog} state={state} onOpen={open} />
      <Watching state={state} />
      <Segments store={store} state={state} document={document} current={segment?.key ?? ''} choose={choose} open={open} />
      {scene && (
        <div id="segment-board" role="tabpanel" aria-labelledby={`tab-${scene.segment.key}`}>
          <RuleLine scene={scene} />
          <Board scene={scene} />
        </div>
      )}
      <OpenedForm title={titleOf(catalog, state.pipeline_id)} opened={opened} store={store} state={state} scene={scene ?? null} onClose={() => { open(null); }} />
      <ProblemList title="editor.broken" problems={state.broken} />
      <ProblemList title="editor.problems" problems={state.problems} />
    </>
  );
}

function Watching({ state }: { state: FunnelState }) {
  if (!onlyWatches(state)) return null;
  if (state.published && state.published.number > 1) return <p class="notice small">{t('editor.watching')}</p>;
  return (
    <div class="notice" role="status">
      <p><b>{t('editor.firstRunTitle')}</b></p>
      <p class="muted">{t('editor.firstRunBody')}</p>
    </div>
  );
}

interface SegmentsProps {
  store: EditorStore;
  state: FunnelState;
  document: FunnelDocument;
  current: string;
  choose: (key: string) => void;
  open: (opened: Opened | null) => void;
}

function Segments({ store, state, document, current, choose, open }: SegmentsProps) {
  const tabs = document.segments.map(({ key, title }) => {
    const n = state.segment_counts[key];
    return { key, title: n === undefined ? title : t('editor.segmentTab', { title, n }) };
  });
  const add = (): void => {
    store.edit((whole) => {
      const [changed, key] = addSegment(whole, t('editor.newSegment'));
      choose(key);
      return changed;
    });
    open({ form: 'segment' });
  };
  return (
    <div class="segments">
      <Tabs label={t('editor.segments')} tabs={tabs} current={current} controls="segment-board" onChoose={choose} />
      <button type="button" class="link" onClick={add}>{t('editor.addSegment')}</button>
    </div>
  );
}

function RuleLine({ scene: { segment, catalog, open } }: { scene: Scene }) {
  const rule = ruleText(segment.conditions, catalog);
  return (
    <p class="small muted row wide rule">
      <span>{rule ? t('editor.ruleSome', { rule }) : t('editor.ruleAll')}</span>
      <button type="button" class="link" onClick={() => { open({ form: 'segment' }); }}>{t('editor.ruleEdit')}</button>
    </p>
  );
}
