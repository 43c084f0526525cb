import type { Catalog, CheckpointDraft, Condition, Trigger, TriggerKind } from '../api/types';
import { quoted, span } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { describeNeeds } from '../words/triggers';

const KINDS: readonly TriggerKind[] = ['call', 'message', 'mail', 'form', 'source', 'field', 'task', 'tag', 'note', 'stage', 'manual'];

const KIND_KEYS: Record<TriggerKind, MessageKey> = {
  call: 'editor.kind.call',
  message: 'editor.kind.message',
  mail: 'editor.kind.mail',
  form: 'editor.kind.form',
  source: 'editor.kind.source',
  field: 'editor.kind.field',
  task: 'editor.kind.task',
  tag: 'editor.kind.tag',
  note: 'editor.kind.note',
  stage: 'editor.kind.stage',
  manual: 'editor.kind.manual',
};

const OPERATOR_KEYS: Record<Condition['operator'], MessageKey> = {
  equals: 'editor.op.equals',
  contains: 'editor.op.contains',
  filled: 'editor.op.filled',
  at_least: 'editor.op.at_least',
  below: 'editor.op.below',
};

export const OPERATORS = Object.keys(OPERATOR_KEYS) as Condition['operator'][];

/** Events that a rule may choose from: what this CRM never shows is offered only where it stands already. */
export function kindsOf({ unseen }: Catalog, chosen: TriggerKind): TriggerKind[] {
  return KINDS.filter((kind) => kind === chosen || !unseen.includes(kind));
}

export function kindText(kind: TriggerKind): string {
  return t(KIND_KEYS[kind]);
}

export function operatorText(operator: Condition['operator']): string {
  return t(OPERATOR_KEYS[operator]);
}

/** What a condition may look at, as value and text; `chosen` stays in the list also where this CRM has no such thing. */
export function subjectChoices(catalog: Catalog, chosen = ''): [string, string][] {
  // What hangs beside a deal proves a step, but says nothing about what kind of deal it is.
  const own = catalog.fields.filter(({ kind }) => kind !== 'record');
  const fields = own.map(({ id, title }): [string, string] => [`field:${id}`, t('editor.subjectField', { title })]);
  const hasTags = chosen === 'tag' || !catalog.unseen.includes('tag');
  const tag: [string, string][] = hasTags ? [['tag', t('editor.subjectTag')]] : [];
  return [...tag, ['source', t('editor.subjectSource')], ['price', t('editor.subjectPrice')], ...fields];
}

/** A segment's rule as a phrase: "поле «Тип клиента» равно «Срочно» и сумма не меньше «100»". */
export function ruleText(conditions: Condition[], catalog: Catalog): string {
  const subjects = new Map(subjectChoices(catalog, 'tag'));
  return conditions
    .map(({ subject, operator, value }) =>
      [subjects.get(subject) ?? subject, operatorText(operator), operator === 'filled' ? '' : quoted(value)].filter(Boolean).join(' '),
    )
    .join(t('proof.and'));
}

/** Names of fields and stages that triggers point at. */
export function titlesFrom(catalog: Catalog): (trigger: Trigger) => string {
  const fields = new Map(catalog.fields.map((field) => [field.id, field.title]));
  const stages = new Map(
    catalog.pipelines.flatMap((pipeline) => pipeline.stages.map((stage) => [`${pipeline.id}:${stage.id}`, stage.title])),
  );
  return ({ kind, subject }) => (kind === 'stage' ? stages.get(subject) : kind === 'field' ? fields.get(subject) : '') ?? '';
}

/** What proves a step and how strongly: "разговор от 40 с · B". */
export function proofText(checkpoint: CheckpointDraft, catalog: Catalog): string {
  const { triggers, combine } = checkpoint.proof;
  const what = describeNeeds(triggers, combine, titlesFrom(catalog)) || t('editor.proofManual');
  return t('editor.proofLine', { what, grade: checkpoint.accepts });
}

export function graceText(minutes: number): string {
  if (minutes <= 0) return t('editor.graceNone');
  const isHours = minutes % 60 === 0 && minutes < 1_440;
  return t('editor.grace', { span: isHours ? t('unit.h', { n: minutes / 60 }) : span(minutes * 60) });
}
