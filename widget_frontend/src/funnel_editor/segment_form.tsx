import { useState } from 'preact/hooks';

import type { Condition } from '../api/types';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import { Choice, Text } from '../ui/fields';
import type { Scene } from './scene';
import { removeSegment, shiftSegment } from './edits';
import { problemsAt } from './model';
import { ProblemLines } from './problem_list';
import { OPERATORS, operatorText, subjectChoices } from './words';

interface SegmentFormProps {
  scene: Scene;
  onClose: () => void;
}

/** A segment's name, its rule and its place in the order in which segments are tried. */
export function SegmentForm({ scene, onClose }: SegmentFormProps) {
  const { segment, editSegment, index, state } = scene;
  const setConditions = (conditions: Condition[]): void => {
    editSegment((one) => ({ ...one, conditions }));
  };
  return (
    <Drawer title={segment.title || t('editor.newSegment')} onClose={onClose}>
      <div class="stack">
        <Text label={t('editor.segmentTitle')} value={segment.title} onType={(title) => { editSegment((one) => ({ ...one, title })); }} />
        <fieldset class="stack">
          <legend>{t('editor.rule')}</legend>
          <p class="small muted">{t('editor.ruleHint')}</p>
          {segment.conditions.map((condition, at) => (
            <ConditionRow
              key={at}
              scene={scene}
              condition={condition}
              onChange={(changed) => { setConditions(segment.conditions.with(at, changed)); }}
              onRemove={() => { setConditions(segment.conditions.toSpliced(at, 1)); }}
            />
          ))}
          <button type="button" class="link" onClick={() => { setConditions([...segment.conditions, { subject: subjectChoices(scene.catalog)[0]?.[0] ?? 'source', operator: 'equals', value: '' }]); }}>
            {t('editor.addCondition')}
          </button>
          <ProblemLines problems={problemsAt(state.problems, `segments.${String(index)}.conditions`)} />
        </fieldset>
        <SegmentActions scene={scene} onClose={onClose} />
      </div>
    </Drawer>
  );
}

function SegmentActions({ scene, onClose }: SegmentFormProps) {
  const [isSure, setSure] = useState(false);
  const { store, segment, document, choose } = scene;
  const remove = (): void => {
    if (!isSure) {
      setSure(true);
      return;
    }
    choose('');
    store.edit((whole) => removeSegment(whole, segment.key));
    onClose();
  };
  return (
    <>
      <div class="row">
        <button type="button" class="primary" onClick={onClose}>{t('editor.stepDone')}</button>
        <button type="button" disabled={scene.index === 0} onClick={() => { store.edit((whole) => shiftSegment(whole, segment.key, -1)); }}>
          {t('editor.segmentEarlier')}
        </button>
        <button type="button" disabled={scene.index === document.segments.length - 1} onClick={() => { store.edit((whole) => shiftSegment(whole, segment.key, 1)); }}>
          {t('editor.segmentLater')}
        </button>
        <button type="button" class="danger" disabled={document.segments.length < 2} onClick={remove}>{t('editor.segmentRemove')}</button>
      </div>
      {isSure && <p class="notice wait small" role="alert">{t('editor.segmentRemoveBody')}</p>}
    </>
  );
}

interface ConditionProps {
  scene: Scene;
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

function ConditionRow({ scene, condition, onChange, onRemove }: ConditionProps) {
  const subjects = subjectChoices(scene.catalog, condition.subject);
  const known = subjects.some(([key]) => key === condition.subject);
  return (
    <div class="grid-row">
      <Choice
        label={t('editor.conditionSubject')}
        value={condition.subject}
        options={known ? subjects : [...subjects, [condition.subject, condition.subject]]}
        onChoose={(subject) => { onChange({ ...condition, subject }); }}
      />
      <Choice
        label={t('editor.conditionOperator')}
        value={condition.operator}
        options={OPERATORS.map((operator) => [operator, operatorText(operator)] as const)}
        onChoose={(operator) => { onChange({ ...condition, operator }); }}
      />
      {condition.operator === 'filled' ? <span /> : <ValueField scene={scene} condition={condition} onChange={onChange} />}
      <button type="button" class="shift" aria-label={t('editor.removeCondition')} onClick={onRemove}>✕</button>
    </div>
  );
}

/** A list field offers its own choices; everything else is typed. */
function ValueField({ scene, condition, onChange }: Omit<ConditionProps, 'onRemove'>) {
  const field = scene.catalog.fields.find((one) => `field:${one.id}` === condition.subject);
  const label = t('editor.conditionValue');
  if (!field?.options.length || condition.operator !== 'equals') {
    return <Text label={label} value={condition.value} onType={(value) => { onChange({ ...condition, value }); }} />;
  }
  const labels = new Set([condition.value, ...field.options.map((option) => option.label)]);
  return (
    <Choice
      label={label}
      value={condition.value}
      options={[...labels].map((text) => [text, text] as const)}
      onChoose={(value) => { onChange({ ...condition, value }); }}
    />
  );
}
