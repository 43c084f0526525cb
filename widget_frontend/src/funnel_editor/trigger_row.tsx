import type { Direction, Trigger, TriggerKind } from '../api/types';
import { t } from '../i18n/translate';
import { Choice, Labelled, Text } from '../ui/fields';
import type { Scene } from './scene';
import { kindsOf, kindText } from './words';

interface TriggerProps {
  scene: Scene;
  trigger: Trigger;
  onChange: (trigger: Trigger) => void;
  onRemove: () => void;
}

/** A trigger of another kind begins anew: what restricted the old kind means nothing for the new one. */
export function freshTrigger(kind: TriggerKind): Trigger {
  const direction = kind === 'message' || kind === 'mail' ? 'incoming' : null;
  return { kind, direction, least_seconds: kind === 'call' ? 40 : 0, subject: '', value: '', contains: '' };
}

/** One event that proves a step, with the parts that its kind can be restricted by. */
export function TriggerRow(props: TriggerProps) {
  const { scene, trigger, onChange, onRemove } = props;
  return (
    <div class="grid-row">
      <Choice
        label={t('editor.kind')}
        value={trigger.kind}
        options={kindsOf(scene.catalog, trigger.kind).map((kind) => [kind, kindText(kind)] as const)}
        onChoose={(kind) => { onChange(freshTrigger(kind)); }}
      />
      <KindParts {...props} />
      <button type="button" class="shift" aria-label={t('editor.removeTrigger')} onClick={onRemove}>✕</button>
    </div>
  );
}

function KindParts(props: TriggerProps) {
  const { trigger, onChange } = props;
  const typed = (label: string, name: 'subject' | 'value' | 'contains') => (
    <Text label={label} value={trigger[name]} onType={(text) => { onChange({ ...trigger, [name]: text }); }} />
  );
  switch (trigger.kind) {
    case 'call':
      return <><DirectionChoice {...props} /><Seconds {...props} /></>;
    case 'message':
    case 'mail':
      return <><DirectionChoice {...props} />{typed(t('editor.triggerContains'), 'contains')}</>;
    case 'field':
      return <><FieldChoice {...props} />{typed(t('editor.triggerValue'), 'value')}</>;
    case 'stage':
      return <><StageChoice {...props} /><span /></>;
    case 'tag':
      return <>{typed(t('editor.triggerTag'), 'subject')}<span /></>;
    case 'source':
      return <>{typed(t('editor.triggerSource'), 'subject')}<span /></>;
    case 'task':
    case 'note':
      return <>{typed(t('editor.triggerContains'), 'contains')}<span /></>;
    case 'form':
    case 'manual':
      return <><span /><span /></>;
  }
}

function DirectionChoice({ trigger, onChange }: TriggerProps) {
  return (
    <Choice<Direction | ''>
      label={t('editor.direction')}
      value={trigger.direction ?? ''}
      options={[
        ['', t('editor.direction.any')],
        ['incoming', t('editor.direction.incoming')],
        ['outgoing', t('editor.direction.outgoing')],
      ]}
      onChoose={(direction) => { onChange({ ...trigger, direction: direction || null }); }}
    />
  );
}

function Seconds({ trigger, onChange }: TriggerProps) {
  return (
    <Labelled label={t('editor.leastSeconds')}>
      <input
        type="number"
        min={0}
        max={86_400}
        value={trigger.least_seconds}
        onInput={(event) => { onChange({ ...trigger, least_seconds: Math.max(0, Math.min(86_400, Math.round(Number(event.currentTarget.value) || 0))) }); }}
      />
    </Labelled>
  );
}

function FieldChoice({ scene, trigger, onChange }: TriggerProps) {
  const fields = scene.catalog.fields.map(({ id, title }) => [id, title] as const);
  const known = !trigger.subject || fields.some(([id]) => id === trigger.subject);
  return (
    <Choice
      label={t('editor.triggerField')}
      value={trigger.subject}
      options={[['', t('editor.triggerFieldAny')], ...fields, ...(known ? [] : [[trigger.subject, trigger.subject] as const])]}
      onChoose={(subject) => { onChange({ ...trigger, subject }); }}
    />
  );
}

function StageChoice({ scene, trigger, onChange }: TriggerProps) {
  const stages = scene.catalog.pipelines.flatMap((pipeline) =>
    pipeline.stages.map((stage) => [`${pipeline.id}:${stage.id}`, `${pipeline.title}: ${stage.title}`] as const),
  );
  return (
    <Choice
      label={t('editor.triggerStage')}
      value={trigger.subject}
      options={[['', t('editor.triggerValueAny')], ...stages]}
      onChoose={(subject) => { onChange({ ...trigger, subject }); }}
    />
  );
}
