import type { Catalog, Change, CheckpointDraft, FunnelDocument, GateDraft, GateMode, SegmentDraft } from '../api/types';
import { quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { modeText } from '../ui/mode_mark';
import { graceText } from './words';

/** What differs in segments, a sentence a line; `segments` is empty for what concerns all of them. */
export interface ChangeGroup {
  segments: string[];
  lines: string[];
}

const FIELD_KEYS: Partial<Record<string, MessageKey>> = {
  request: 'changes.request',
  hint: 'changes.hint',
  objections: 'changes.objections',
  before: 'changes.order',
  fresh_days: 'changes.fresh',
  proof: 'changes.proof',
};

/** The differences between two mappings in a person's words; `after` names the segments and steps. */
export function tellChanges(changes: Change[], after: FunnelDocument, catalog: Catalog, pipelineId: string): ChangeGroup[] {
  const stages = new Map(catalog.pipelines.find((one) => one.id === pipelineId)?.stages.map((stage) => [stage.id, stage.title]));
  const groups = new Map<string, Set<string>>();
  for (const change of changes) {
    const [, segmentKey = '', ...rest] = change.path.split('.');
    const segment = after.segments.find((one) => one.key === segmentKey);
    const text = segment && rest.length ? inSegment(change, rest, segment, stages) : ofSegments(change);
    if (!text) continue;
    const title = segment && rest.length ? segment.title : '';
    groups.set(title, (groups.get(title) ?? new Set()).add(text));
  }
  return together(groups);
}

/** Segments that changed in the same way are told once. */
function together(groups: Map<string, Set<string>>): ChangeGroup[] {
  const told = new Map<string, ChangeGroup>();
  for (const [segment, lines] of groups) {
    const key = `${segment && 'segment'}\n${[...lines].join('\n')}`;
    const group = told.get(key) ?? { segments: [], lines: [...lines] };
    told.set(key, segment ? { ...group, segments: [...group.segments, segment] } : group);
  }
  return [...told.values()];
}

function ofSegments({ kind, before, after }: Change): string {
  if (kind === 'moved') return t('changes.segmentsMoved');
  if (kind === 'added') return t('changes.segmentAdded', { title: quoted((after as SegmentDraft).title) });
  return kind === 'removed' ? t('changes.segmentRemoved', { title: quoted((before as SegmentDraft).title) }) : '';
}

type Stages = ReadonlyMap<string, string>;

function inSegment(change: Change, [part = '', key = '', field = '']: string[], segment: SegmentDraft, stages: Stages): string {
  switch (part) {
    case 'title':
      return t('changes.segmentTitle', { before: quoted(String(change.before)) });
    case 'conditions':
      return t('changes.conditions');
    case 'checkpoints':
      return key ? ofStep(change, field, segment.checkpoints.find((one) => one.key === key)) : t('changes.stepsMoved');
    case 'gates':
      return key ? ofGate(change, field, quoted(stages.get(key) ?? key)) : '';
    default:
      return '';
  }
}

function ofStep(change: Change, field: string, step: CheckpointDraft | undefined): string {
  const { kind, before, after } = change;
  if (kind === 'added') return t('changes.stepAdded', { step: quoted((after as CheckpointDraft).title) });
  if (!field || !step) return t('changes.stepRemoved', { step: quoted((before as CheckpointDraft).title) });
  const name = quoted(step.title);
  if (field === 'title') return t('changes.stepTitle', { before: quoted(String(before)), after: quoted(String(after)) });
  if (field === 'accepts') return t('changes.accepts', { step: name, before: String(before), after: String(after) });
  if (field === 'is_optional') return t(after ? 'changes.optional' : 'changes.required', { step: name });
  const key = FIELD_KEYS[field];
  return key ? t(key, { step: name }) : '';
}

function ofGate({ kind, before, after }: Change, field: string, stage: string): string {
  if (kind === 'added') return t('changes.gateAdded', { stage, mode: modeText((after as GateDraft).mode) });
  if (!field) return t('changes.gateRemoved', { stage });
  if (field === 'mode') return t('changes.mode', { stage, before: modeText(before as GateMode), after: modeText(after as GateMode) });
  if (field === 'grace_minutes') return t('changes.grace', { stage, before: graceText(Number(before)), after: graceText(Number(after)) });
  return field === 'checkpoint_keys' ? t('changes.gateSteps', { stage }) : '';
}
