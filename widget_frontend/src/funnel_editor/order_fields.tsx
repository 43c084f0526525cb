import type { CheckpointDraft } from '../api/types';
import { t } from '../i18n/translate';
import { Choice, WholeNumber } from '../ui/fields';
import type { Scene } from './scene';

interface OrderProps {
  scene: Scene;
  step: CheckpointDraft;
  change: (changes: Partial<CheckpointDraft>) => void;
}

const LONGEST_HOURS = 8_784;

/** When a proof counts: after which steps, how close together, and how long it stays good. */
export function OrderFields({ scene, step, change }: OrderProps) {
  const { proof } = step;
  const others = scene.segment.checkpoints.filter((one) => one.key !== step.key);
  return (
    <fieldset class="stack">
      <legend>{t('editor.order')}</legend>
      <div class="grid-row two">
        <Choice
          label={t('editor.stepAfter')}
          value={proof.after}
          options={[['', t('editor.stepAfterNone')], ...others.map((one) => [one.key, one.title] as const)]}
          onChoose={(after) => { change({ proof: { ...proof, after } }); }}
        />
        <WholeNumber
          label={t('editor.stepFresh')}
          placeholder={t('editor.stepFreshHint')}
          most={3650}
          value={step.fresh_days ?? null}
          onType={(fresh_days) => { change({ fresh_days }); }}
        />
      </div>
      {proof.triggers.length > 1 && proof.combine !== 'any' && (
        <div class="grid-row two">
          <WholeNumber
            label={t('editor.stepWithin')}
            placeholder={t('editor.stepWithinHint')}
            most={LONGEST_HOURS}
            value={proof.within_hours ?? null}
            onType={(within_hours) => { change({ proof: { ...proof, within_hours } }); }}
          />
        </div>
      )}
      {others.length > 0 && <Before others={others} step={step} change={change} />}
      <label class="check">
        <input type="checkbox" checked={step.is_optional} onChange={(event) => { change({ is_optional: event.currentTarget.checked }); }} />
        {t('editor.stepOptional')}
      </label>
    </fieldset>
  );
}

function Before({ others, step, change }: Omit<OrderProps, 'scene'> & { others: CheckpointDraft[] }) {
  const toggle = (key: string): void => {
    const isSet = step.before.includes(key);
    change({ before: isSet ? step.before.filter((other) => other !== key) : [...step.before, key] });
  };
  return (
    <details open={step.before.length > 0}>
      <summary>{t('editor.before')}</summary>
      <p class="small muted">{t('editor.beforeHint')}</p>
      {others.map(({ key, title }) => (
        <label key={key} class="check">
          <input type="checkbox" checked={step.before.includes(key)} onChange={() => { toggle(key); }} />
          {title}
        </label>
      ))}
    </details>
  );
}
