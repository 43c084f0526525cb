import type { CheckpointDraft } from '../api/types';
import { t } from '../i18n/translate';
import { Text } from '../ui/fields';

interface AdviceProps {
  step: CheckpointDraft;
  change: (changes: Partial<CheckpointDraft>) => void;
}

/** What the manager reads at this step: what to say, and how to answer what clients object. */
export function AdviceFields({ step, change }: AdviceProps) {
  const { objections } = step;
  const set = (at: number, changes: Partial<(typeof objections)[number]>): void => {
    change({ objections: objections.map((one, index) => (index === at ? { ...one, ...changes } : one)) });
  };
  return (
    <fieldset class="stack">
      <legend>{t('editor.advice')}</legend>
      <Text label={t('editor.stepHint')} value={step.hint} isLong onType={(hint) => { change({ hint }); }} />
      {objections.map((objection, at) => (
        <div key={at} class="grid-row objection">
          <Text label={t('editor.objectionSays')} value={objection.says} placeholder={t('editor.objectionSaysHint')} onType={(says) => { set(at, { says }); }} />
          <Text label={t('editor.objectionAnswer')} value={objection.answer} isLong onType={(answer) => { set(at, { answer }); }} />
          <button type="button" class="shift" aria-label={t('editor.objectionRemove')} onClick={() => { change({ objections: objections.toSpliced(at, 1) }); }}>✕</button>
        </div>
      ))}
      <button type="button" class="link" onClick={() => { change({ objections: [...objections, { says: '', answer: '' }] }); }}>
        {t('editor.objectionAdd')}
      </button>
    </fieldset>
  );
}
