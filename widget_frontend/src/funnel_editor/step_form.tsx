import { useState } from 'preact/hooks';

import type { CheckpointDraft, Grade, Proof } from '../api/types';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import { Choice, Text } from '../ui/fields';
import { AdviceFields } from './advice_fields';
import type { Scene } from './scene';
import { moveCheckpoint, putCheckpoint, removeCheckpoint } from './edits';
import type { Opened } from './opened';
import { OrderFields } from './order_fields';
import { ProofFields } from './proof_fields';

const GRADE_KEYS: [Grade, MessageKey][] = [
  ['D', 'grade.D'],
  ['C', 'grade.C'],
  ['B', 'grade.B'],
  ['A', 'grade.A'],
];

interface StepFormProps {
  scene: Scene;
  opened: Extract<Opened, { form: 'step' }>;
  onClose: () => void;
}

/** A client step in full: its words, what proves it, which stage it holds. */
export function StepForm({ scene, opened, onClose }: StepFormProps) {
  const [step, setStep] = useState<CheckpointDraft>(opened.checkpoint);
  const [stageId, setStageId] = useState(opened.stageId);
  const change = (changes: Partial<CheckpointDraft>): void => {
    setStep((before) => ({ ...before, ...changes }));
  };
  const remove = (): void => {
    scene.editSegment((segment) => removeCheckpoint(segment, step.key));
    onClose();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    scene.editSegment((segment) => {
      const kept = putCheckpoint(segment, tidy(step), opened.stageId);
      return moveCheckpoint(kept, step.key, opened.stageId, stageId);
    });
    onClose();
  };
  return (
    <Drawer title={opened.isNew ? t('editor.stepNew') : opened.checkpoint.title} onClose={onClose}>
      <form class="stack step-form" onSubmit={submit}>
        <Words step={step} change={change} />
        <ProofFields scene={scene} step={step} onChange={(proof: Proof) => { change({ proof }); }} />
        <Rules scene={scene} step={step} change={change} stageId={stageId} onStage={setStageId} />
        <AdviceFields step={step} change={change} />
        <OrderFields scene={scene} step={step} change={change} />
        <div class="row">
          <button type="submit" class="primary" disabled={!step.title.trim()}>{t('editor.stepDone')}</button>
          {!opened.isNew && (
            <button type="button" class="danger" onClick={remove}>{t('editor.stepRemove')}</button>
          )}
        </div>
      </form>
    </Drawer>
  );
}

interface PartProps {
  step: CheckpointDraft;
  change: (changes: Partial<CheckpointDraft>) => void;
}

/** Rows of the form that were left empty are not kept. */
function tidy(step: CheckpointDraft): CheckpointDraft {
  return { ...step, objections: step.objections.filter(({ says, answer }) => says.trim() || answer.trim()) };
}

function Words({ step, change }: PartProps) {
  return (
    <div class="grid-row two">
      <Text label={t('editor.stepTitle')} value={step.title} placeholder={t('editor.stepTitleHint')} onType={(title) => { change({ title }); }} />
      <Text label={t('editor.stepRequest')} value={step.request} placeholder={t('editor.stepRequestHint')} onType={(request) => { change({ request }); }} />
    </div>
  );
}

interface RulesProps extends PartProps {
  scene: Scene;
  stageId: string;
  onStage: (stageId: string) => void;
}

function Rules({ scene, step, change, stageId, onStage }: RulesProps) {
  const stages = scene.catalog.pipelines.find((one) => one.id === scene.state.pipeline_id)?.stages ?? [];
  const holding = stages.filter((stage) => stage.kind !== 'entry' && stage.kind !== 'lost');
  return (
    <div class="grid-row two">
      <Choice
        label={t('editor.stepStage')}
        value={stageId}
        options={[['', t('editor.stepNoStage')], ...holding.map((stage) => [stage.id, stage.title] as const)]}
        onChoose={onStage}
      />
      <Choice
        label={t('editor.stepAccepts')}
        value={step.accepts}
        options={GRADE_KEYS.map(([grade, key]) => [grade, `${grade} · ${t(key)}`] as const)}
        onChoose={(accepts) => { change({ accepts }); }}
      />
    </div>
  );
}
