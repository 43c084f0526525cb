import type { CheckpointDraft } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import type { Scene } from './scene';
import { changeCheckpoint, shiftCheckpoint } from './edits';
import { checkpointProblems, freshIdea } from './model';
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
  const open = (): void => { scene.open({ form: 'step', checkpoint, stageId, isNew: false }); };
  const isSellers = problems.some((problem) => problem.code === 'sellers_wording');
  return (
    <article class={problems.length ? 'checkpoint odd' : 'checkpoint'} draggable onDragStart={onDragStart}>
      <button type="button" class="step-title" onClick={open}>
        {checkpoint.title}
        <span class="visually-hidden">: {t('editor.stepEdit')}</span>
      </button>
      {checkpoint.is_optional && <p class="small muted">{t('optional')}</p>}
      <p class="small muted">{proofText(checkpoint, scene.catalog)}</p>
      <ProblemLines problems={problems} />
      {isSellers && <Rewording scene={scene} stepKey={checkpoint.key} stageId={stageId} />}
      <p class="shifts">
        <Shift scene={scene} checkpoint={checkpoint} by={-1} />
        <Shift scene={scene} checkpoint={checkpoint} by={1} />
      </p>
    </article>
  );
}

/** What the stage's name tells of the client, in place of the seller's work. */
function Rewording({ scene, stepKey, stageId }: { scene: Scene; stepKey: string; stageId: string }) {
  const title = freshIdea(scene.state, scene.segment, stageId);
  if (!title) return null;
  const replace = (): void => {
    scene.editSegment((segment) => changeCheckpoint(segment, stepKey, { title }));
  };
  return (
    <button type="button" class="link small" onClick={replace}>{t('editor.reword', { title: quoted(title) })}</button>
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
