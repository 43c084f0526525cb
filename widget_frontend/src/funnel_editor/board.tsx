import { useState } from 'preact/hooks';

import type { CatalogStage, CheckpointDraft } from '../api/types';
import { quoted, whole } from '../format/format';
import { t } from '../i18n/translate';
import { ModeMark, modeText } from '../ui/mode_mark';
import type { Scene } from './scene';
import { moveCheckpoint, newCheckpoint } from './edits';
import { columnsOf, freshIdea, looseCheckpoints, lostGates } from './model';
import type { Column } from './model';
import { ProblemLines } from './problem_list';
import { StepCard } from './step_card';
import { graceText } from './words';

const DRAG_TYPE = 'application/x-stepgate-step';

/** Stages as columns in the CRM's colours, each with its gate and the client steps that open it. */
export function Board({ scene }: { scene: Scene }) {
  const { segment, index, state, catalog } = scene;
  const stages = catalog.pipelines.find((pipeline) => pipeline.id === state.pipeline_id)?.stages ?? [];
  const loose = looseCheckpoints(segment, stages);
  return (
    <div class="board">
      {columnsOf(segment, index, stages, state.problems).map((column) => (
        <StageColumn key={column.stage.id} column={column} scene={scene} />
      ))}
      {loose.length > 0 && <Loose scene={scene} stages={stages} steps={loose} />}
    </div>
  );
}

function StageColumn({ column, scene }: { column: Column; scene: Scene }) {
  const { stage, gate, checkpoints } = column;
  const drop = useDrop(scene, stage.id);
  const count = scene.state.stage_counts[stage.id];
  return (
    <section class={drop.isOver ? 'stage over' : 'stage'} aria-label={stage.title} {...drop.handlers}>
      <header style={{ borderTopColor: stage.color }}>
        <h2 title={stage.title}>{stage.title}</h2>
        {count !== undefined && (
          <span class="muted" title={t('editor.deals', { n: count })}>{whole(count)}</span>
        )}
      </header>
      <div class={gate ? 'gate' : 'gate none'}>
        {gate ? (
          <button
            type="button"
            class="mode-button"
            aria-label={t('editor.modeEdit', { stage: quoted(stage.title), mode: modeText(gate.mode) })}
            onClick={() => { scene.open({ form: 'mode', stageId: stage.id }); }}
          >
            <ModeMark mode={gate.mode} />
            {gate.grace_minutes > 0 && <span class="muted">{graceText(gate.grace_minutes)}</span>}
          </button>
        ) : (
          <p class="small muted">{t('editor.noGate')}</p>
        )}
        <ProblemLines problems={column.problems} />
        {checkpoints.map((checkpoint) => (
          <StepCard key={checkpoint.key} scene={scene} checkpoint={checkpoint} stageId={stage.id} dragType={DRAG_TYPE} />
        ))}
        {!checkpoints.length && <Idea scene={scene} stageId={stage.id} />}
        <AddStep scene={scene} stageId={stage.id} title="" text={t('editor.addStep')} />
      </div>
    </section>
  );
}

/** A stage that nothing holds: its name may tell what the client does there. */
function Idea({ scene, stageId }: { scene: Scene; stageId: string }) {
  const title = freshIdea(scene.state, scene.segment, stageId);
  return title ? <AddStep scene={scene} stageId={stageId} title={title} text={t('editor.idea', { title: quoted(title) })} /> : null;
}

function AddStep({ scene, stageId, title, text }: { scene: Scene; stageId: string; title: string; text: string }) {
  const add = (): void => {
    scene.open({ form: 'step', checkpoint: { ...newCheckpoint(scene.segment), title }, stageId, isNew: true });
  };
  return <button type="button" class="add" onClick={add}>{text}</button>;
}

interface LooseProps {
  scene: Scene;
  stages: CatalogStage[];
  steps: CheckpointDraft[];
}

/** Steps that hold no stage, also because their stage was deleted in the CRM. */
function Loose({ scene, stages, steps }: LooseProps) {
  const drop = useDrop(scene, '');
  const lost = lostGates(scene.segment, stages);
  const dropGates = (): void => {
    scene.editSegment((segment) => ({ ...segment, gates: segment.gates.filter((gate) => !lost.includes(gate)) }));
  };
  return (
    <section class={drop.isOver ? 'stage over' : 'stage'} aria-label={t('editor.loose')} {...drop.handlers}>
      <header>
        <h2>{t('editor.loose')}</h2>
      </header>
      <div class="gate none">
        <p class="small muted">{t('editor.looseHint')}</p>
        {lost.length > 0 && (
          <p class="problem error small">
            {t('editor.lostGate')} <button type="button" class="link" onClick={dropGates}>{t('editor.lostGateRemove')}</button>
          </p>
        )}
        {steps.map((checkpoint) => (
          <StepCard key={checkpoint.key} scene={scene} checkpoint={checkpoint} stageId="" dragType={DRAG_TYPE} />
        ))}
      </div>
    </section>
  );
}

interface Drop {
  isOver: boolean;
  handlers: Record<'onDragOver' | 'onDragLeave' | 'onDrop', (event: DragEvent) => void>;
}

/** Dropping a step on a stage; the same is done by keyboard in the step's form. */
function useDrop(scene: Scene, stageId: string): Drop {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    handlers: {
      onDragOver: (event) => {
        if (!event.dataTransfer?.types.includes(DRAG_TYPE)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => { setOver(false); },
      onDrop: (event) => {
        setOver(false);
        const [key, from] = (event.dataTransfer?.getData(DRAG_TYPE) ?? '').split('\n');
        if (!key || from === undefined) return;
        event.preventDefault();
        scene.editSegment((segment) => moveCheckpoint(segment, key, from, stageId));
      },
    },
  };
}
