import type { CheckpointDraft } from '../api/types';
import { t } from '../i18n/translate';
import type { Scene } from './editor';
import { shiftCheckpoint } from './edits';
import { checkpointProblems } from './model';
import { ProblemLines } from './problem_list';
import { proofText } from './words';

interface StepCardProps {
  scene: Scene;
  checkpoint: CheckpointDraft;
  stageId: string;
  dragType: string;
}

/** One client step on the board: what the client did, what proves it, what is odd about it. */
export function StepCard({ scene, checkpoint, stageId, dragType }: StepCardProps) {
  const problems = checkpointProblems(scene.state.problems, scene.segment, scene.index, checkpoint.key);
  const onDragStart = (event: DragEvent): void => {
    event.dataTransfer?.setData(dragType, `${checkpoint.key}\n${stageId}`);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
  };
  return (
    <article class={problems.length ? 'checkpoint odd' : 'checkpoint'} draggable onDragStart={onDragStart}>
      <p>{checkpoint.title}</p>
      {checkpoint.is_optional && <p class="small muted">{t('optional')}</p>}
      <p class="small muted">{proofText(checkpoint, scene.catalog)}</p>
      <ProblemLines problems={problems} />
      <p class="row small">
        <button
          type="button"
          class="link"
          onClick={() => { scene.open({ form: 'step', checkpoint, stageId, isNew: false }); }}
        >
          {t('editor.stepEdit')}
          <span class="visually-hidden">: {checkpoint.title}</span>
        </button>
        <Shift scene={scene} checkpoint={checkpoint} by={-1} />
        <Shift scene={scene} checkpoint={checkpoint} by={1} />
      </p>
    </article>
  );
}

function Shift({ scene, checkpoint, by }: Pick<StepCardProps, 'scene' | 'checkpoint'> & { by: -1 | 1 }) {
  const { checkpoints } = scene.segment;
  const edge = by < 0 ? checkpoints[0] : checkpoints.at(-1);
  const { key, title } = checkpoint;
  return (
    <button
      type="button"
      class="shift"
      disabled={edge?.key === key}
      title={t(by < 0 ? 'editor.stepEarlier' : 'editor.stepLater')}
      aria-label={t(by < 0 ? 'editor.stepEarlierLabel' : 'editor.stepLaterLabel', { title })}
      onClick={() => { scene.editSegment((segment) => shiftCheckpoint(segment, key, by)); }}
    >
      {by < 0 ? '↑' : '↓'}
    </button>
  );
}
