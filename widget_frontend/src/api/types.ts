/** Names that the views use for the API's shapes. */

export type Grade = 'A' | 'B' | 'C' | 'D';
export type GateMode = 'shadow' | 'warn' | 'enforce';
export type Channel = 'call' | 'meeting' | 'messenger' | 'mail' | 'other';
export type Direction = 'incoming' | 'outgoing';
export type TriggerKind =
  | 'call'
  | 'message'
  | 'mail'
  | 'form'
  | 'source'
  | 'field'
  | 'task'
  | 'tag'
  | 'note'
  | 'stage'
  | 'manual';

export interface Trigger {
  kind: TriggerKind;
  direction: Direction | null;
  least_seconds: number;
  subject: string;
  subject_title?: string;
  value: string;
  contains: string;
}

export interface Fact {
  kind: TriggerKind;
  direction: Direction | null;
  seconds: number;
  subject: string;
  subject_title: string;
  text: string;
  channel: string;
  author: string;
  grade: Grade;
  occurred_at: string;
  recorded_at: string;
}

export interface Missing {
  key: string;
  title: string;
  request: string;
}

export interface Objection {
  says: string;
  answer: string;
}

export interface ChecklistItem {
  key: string;
  title: string;
  request: string;
  state: 'met' | 'unmet' | 'waived' | 'unknown';
  reason: string;
  grade: Grade | '' | null;
  accepts: Grade;
  is_optional: boolean;
  met_at: string | null;
  hint: string;
  objections: Objection[];
  opens: null | { stage_id: string; stage_title: string; mode: GateMode };
  needs: Trigger[];
  facts: Fact[];
}

export interface Stop {
  log_id: string;
  action: 'move_back' | 'warn';
  state: 'pending' | 'done' | 'failed' | 'superseded';
  from_stage_title: string;
  to_stage_title: string;
  moved_by: string;
  occurred_at: string;
  decided_at: string;
  missing: Missing[];
  is_contested: boolean;
}

export interface Waiting {
  log_id: string;
  to_stage_title: string;
  due_at: string;
  missing: Missing[];
}

export interface Progress {
  state: string;
  done: number;
  total: number;
}

export interface Checklist {
  revision: string | number;
  as_of: string;
  stale: boolean;
  stale_reason: string | null;
  backfill: Progress | null;
  deal: { id: string; title: string; pipeline_id: string; stage_id: string; stage_title: string };
  segment: null | { key: string; title: string };
  version: number | null;
  met: number;
  total: number;
  next_key: string | null;
  items: ChecklistItem[];
  stop: Stop | null;
  waiting: Waiting | null;
}

export interface Session {
  token: string;
  expires_at: string;
  user: { id: string; name: string; is_admin: boolean };
  account: { title: string; crm: string; language: string; timezone: string };
}

export interface Problem {
  path: string;
  code: string;
  sentence: string;
  severity?: 'error' | 'warning';
}

export type HistoryEntry =
  | { at: string; kind: 'move'; from_stage_title: string; to_stage_title: string; moved_by: string; origin: string }
  | { at: string; kind: 'evidence'; fact: Fact }
  | { at: string; kind: 'verdict'; to_stage_title: string; outcome: string; reason: string; missing: Missing[] }
  | { at: string; kind: 'write'; action: string; state: string };

export interface History {
  entries: HistoryEntry[];
}

export interface CatalogStage {
  id: string;
  title: string;
  kind: string;
  position: number;
  color: string;
}

export interface CatalogPipeline {
  id: string;
  title: string;
  is_main: boolean;
  stages: CatalogStage[];
}

export interface CatalogField {
  id: string;
  title: string;
  kind: string;
  options: { id: string; label: string }[];
}

export interface CatalogUser {
  id: string;
  name: string;
  is_admin: boolean;
  is_active: boolean;
}

export interface Catalog {
  pipelines: CatalogPipeline[];
  fields: CatalogField[];
  users: CatalogUser[];
  loss_reasons: { id: string; title: string }[];
  read_at: string | null;
}

export interface ReportStep {
  key: string;
  title: string;
  position: number;
  done: number;
  claimed: number | null;
  entered: number;
  dropped: number;
  step_rate: number | null;
  step_interval: [number, number] | null;
  rate: number | null;
  rate_of: number;
  median_seconds: number | null;
}

export interface ReportSegment {
  key: string;
  title: string;
  deals: number;
  steps: ReportStep[];
}

export interface TruthGap {
  stage_id: string;
  stage_title: string;
  statuses_say: number;
  clients_say: number;
}

export type StepOrder = 'any' | 'ordered';

export interface ConversionReport {
  pipeline_id: string;
  order: string;
  as_of: string;
  version: number | null;
  is_rebuilding: boolean;
  backfill: Progress | null;
  deals: number;
  segments: ReportSegment[];
  bottleneck: null | { segment_key: string; segment_title: string; step_key: string; step_title: string; dropped: number; entered: number };
  truth_gap: TruthGap[];
}
