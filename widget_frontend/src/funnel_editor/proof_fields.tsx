import type { CheckpointDraft, Proof, Trigger } from '../api/types';
import { t } from '../i18n/translate';
import { Choice, WholeNumber } from '../ui/fields';
import type { Scene } from './scene';
import { TriggerRow, freshTrigger } from './trigger_row';

interface ProofProps {
  scene: Scene;
  step: CheckpointDraft;
  onChange: (proof: Proof) => void;
}

/** What proves a step: events, and how many of them. */
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
      {proof.triggers.length > 1 && <CombineChoice proof={proof} onChange={onChange} />}
    </fieldset>
  );
}

function CombineChoice({ proof, onChange }: Pick<ProofProps, 'onChange'> & { proof: Proof }) {
  const { combine, least, triggers } = proof;
  return (
    <div class="grid-row two">
      <Choice
        label={t('editor.stepCombine')}
        value={combine}
        options={[
          ['any', t('editor.combine.any')],
          ['all', t('editor.combine.all')],
          ['at_least', t('editor.combine.at_least')],
        ]}
        onChoose={(chosen) => { onChange({ ...proof, combine: chosen, least: chosen === 'at_least' ? Math.max(2, least) : 1 }); }}
      />
      {combine === 'at_least' && (
        <WholeNumber
          label={t('editor.stepLeast')}
          least={2}
          most={Math.max(2, triggers.length)}
          value={least}
          onType={(typed) => { onChange({ ...proof, least: typed ?? 2 }); }}
        />
      )}
    </div>
  );
}
