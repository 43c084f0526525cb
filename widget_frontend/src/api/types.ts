/** Short names for the API's shapes; the shapes themselves are generated from openapi.json. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Grade = Schemas['Grade'];
export type GateMode = Schemas['GateMode'];
export type Channel = Schemas['Channel'];
export type Direction = Schemas['Direction'];
export type TriggerKind = Schemas['EvidenceKind'];
export type StepOrder = Schemas['Order'];

export type Session = Schemas['SessionAnswer'];
export type Problem = Schemas['ProblemView'];

export interface Forward { stage_id: string; stage_title: string; state: 'ready' | 'moving' | 'refused'; text: string }
export type LockVerdict = 'unchecked' | 'holds' | 'leaks' | 'defeated' | 'unknown';
export type TrialState = 'making' | 'waiting' | 'trying' | 'done';
export interface CardTrial { trial_id: string; stage_title: string; state: TrialState; outcome: LockVerdict | null; code: string; text: string; is_yours: boolean }
export interface LockStageRef { stage_id: string; title: string }
export interface LockRow { stage_id: string; title: string; closed: LockStageRef[] }
export interface LockResult { from_stage_id: string; from_stage_title: string; to_stage_id: string; to_stage_title: string; state: LockVerdict; code: string; text: string }
export interface LockTrial { trial_id: string; pipeline_id: string; stage_id: string; stage_title: string; user_id: string; user_name: string; deal_id: string; deal_url: string; state: TrialState; outcome: LockVerdict | null; code: string; text: string; started_at: string; results: LockResult[] }
export interface LockStage {
  stage_id: string; title: string; mode: GateMode; closed_to: LockStageRef[];
  state: LockVerdict; code: string; text: string; checked_at: string | null; checked_by: string;
  leak: { deal_id: string; title: string; url: string; by: string; at: string } | null;
}
export interface LockState {
  is_supported: boolean; roles_url: string; plan: { is_enough: boolean | null; title: string };
  matrix: LockRow[]; stages: LockStage[]; trial: LockTrial | null;
}
export type Checklist = Schemas['ChecklistView'] & { forward: Forward | null; lock_trial: CardTrial | null };
export type ChecklistItem = Schemas['ItemView'];
export type Fact = Schemas['FactView'];
export type Need = Schemas['NeedView'];
export type Missing = Schemas['MissingView'];
export type Stop = Schemas['StopView'];
export type Waiting = Schemas['WaitingView'];
export type History = Schemas['HistoryView'];
export type HistoryEntry = History['entries'][number];

export type Catalog = Schemas['CatalogView'];
export type CatalogStage = Schemas['StageView'];

export type ConversionReport = Schemas['ConversionView'];
export type ReportSegment = ConversionReport['segments'][number];
export type ReportStep = Schemas['StepView'];
export type TruthGap = Schemas['TruthGapView'];

export type DealState = Schemas['DealState'];
export type ReportDeals = Schemas['DealsView'];
export type ReportDeal = Schemas['DealRow'];

/** How far the reading of the past has come. */
export interface Progress {
  state: string;
  done: number;
  total: number;
}

export type FunnelDocument = Schemas['FunnelDocument'];
export type SegmentDraft = Schemas['SegmentDocument'];
export type CheckpointDraft = Schemas['CheckpointDocument'];
export type GateDraft = Schemas['GateDocument'];
export type Condition = Schemas['ConditionDocument'];
export type Proof = Schemas['ProofDocument'];
export type Trigger = Schemas['TriggerDocument'];
export type VersionHead = Schemas['VersionView'];
export type FunnelState = Schemas['FunnelView'];
export type Change = Schemas['ChangeView'];

export type Status = Schemas['StatusView'];

export type AccountSettings = Schemas['SettingsView'];
export type SettingsChange = Schemas['SettingsChange'];
export type ParkedLanes = Schemas['ParkedLanesView'];
export type ParkedLane = Schemas['ParkedView'];
export type Objections = Schemas['ObjectionsView'];
export type Objection = Schemas['ObjectionRow'];
