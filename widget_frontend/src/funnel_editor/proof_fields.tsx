import type { CheckpointDraft, Proof, Trigger } from '../api/types';
import { t } from '../i18n/translate';
import { Choice } from '../ui/fields';
import type { Scene } from './editor';
import { TriggerRow, freshTrigger } from './trigger_row';

interface ProofProps {
  scene: Scene;
  step: CheckpointDraft;
  onChange: (proof: Proof) => void;
}

/** What proves a step: events, how many of them, and after which other step they count. */
export function ProofFields({ scene, step, onChange }: ProofProps) {
  const { proof } = step;
  const setTriggers = (triggers: Trigger[]): void => {
    onChange({ ...proof, triggers });
  };
  return (
    <fieldset class="stack">
      <legend>{t('editor.stepProof')}</legend>
      {!proof.triggers.length && <p class="small muted">{t('editor.stepProofNone')}</p>}
      {proof.triggers.map((trigger, at) => (
        <TriggerRow
          key={at}
          scene={scene}
          trigger={trigger}
          onChange={(changed) => { setTriggers(proof.triggers.with(at, changed)); }}
          onRemove={() => { setTriggers(proof.triggers.toSpliced(at, 1)); }}
        />
      ))}
      <button type="button" class="link" onClick={() => { setTriggers([...proof.triggers, freshTrigger('call')]); }}>
        {t('editor.addTrigger')}
      </button>
      <div class="grid-row two">
        {proof.triggers.length > 1 && <CombineChoice proof={proof} onChange={onChange} />}
        <AfterChoice scene={scene} step={step} onChange={onChange} />
      </div>
    </fieldset>
  );
}

function CombineChoice({ proof, onChange }: Pick<ProofProps, 'onChange'> & { proof: Proof }) {
  return (
    <Choice
      label={t('editor.stepCombine')}
      value={proof.combine}
      options={[
        ['any', t('editor.combine.any')],
        ['all', t('editor.combine.all')],
        ['at_least', t('editor.combine.at_least')],
      ]}
      onChoose={(combine) => { onChange({ ...proof, combine, least: combine === 'at_least' ? Math.max(2, proof.least) : 1 }); }}
    />
  );
}

function AfterChoice({ scene, step, onChange }: ProofProps) {
  const others = scene.segment.checkpoints.filter((one) => one.key !== step.key);
  return (
    <Choice
      label={t('editor.stepAfter')}
      value={step.proof.after}
      options={[['', t('editor.stepAfterNone')], ...others.map((one) => [one.key, one.title] as const)]}
      onChoose={(after) => { onChange({ ...step.proof, after }); }}
    />
  );
}
