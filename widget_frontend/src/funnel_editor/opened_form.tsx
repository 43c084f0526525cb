import type { FunnelState } from '../api/types';
import { DiscardForm, PublishForm } from './confirm_forms';
import type { Scene } from './scene';
import { ModeForm } from './mode_form';
import type { Opened } from './opened';
import { ProposeForm } from './propose_form';
import { SegmentForm } from './segment_form';
import { StepForm } from './step_form';
import type { EditorStore } from './store';
import { VersionsList } from './versions_list';
import { FileForm } from '../transfer/late';

interface OpenedFormProps {
  /** The pipeline's name. */
  title: string;
  opened: Opened | null;
  store: EditorStore;
  state: FunnelState;
  scene: Scene | null;
  onClose: () => void;
}

/** The one form that is open, if any. */
export function OpenedForm({ title, opened, store, state, scene, onClose }: OpenedFormProps) {
  switch (opened?.form) {
    case 'publish':
      return <PublishForm store={store} state={state} onClose={onClose} />;
    case 'discard':
      return <DiscardForm store={store} onClose={onClose} />;
    case 'propose':
      return <ProposeForm store={store} templates={state.templates} onClose={onClose} />;
    case 'file':
      return <FileForm store={store} state={state} title={title} onClose={onClose} />;
    case 'versions':
      return <VersionsList store={store} current={state.published?.number ?? 0} onClose={onClose} />;
    case 'segment':
      return scene && <SegmentForm key={scene.segment.key} scene={scene} onClose={onClose} />;
    case 'mode':
      return scene && <ModeForm key={opened.stageId} scene={scene} stageId={opened.stageId} onClose={onClose} />;
    case 'step':
      return scene && <StepForm key={opened.checkpoint.key + opened.stageId} scene={scene} opened={opened} onClose={onClose} />;
    case undefined:
      return null;
  }
}
