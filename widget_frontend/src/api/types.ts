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

export type Checklist = Schemas['ChecklistView'];
export type Forward = Schemas['ForwardView'];
export type CardTrial = Schemas['LockTrialNote'];
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
export type Chosen = Required<Schemas['Chosen']>;
export type MatchState = Schemas['MatchView'];
export type MatchRow = Schemas['RowView'];
export type MatchFieldRow = Schemas['FieldRowView'];
export type MatchTarget = Schemas['TargetView'];
export type ReportLine = Schemas['ReportLineView'];
export type Imported = Schemas['ImportedView'];
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

export type LockView = Schemas['LockView'];
export type LockStage = Schemas['LockedStageView'];
export type LockStageRef = Schemas['LockStageRef'];
export type LockRow = Schemas['LockRow'];
export type LockTrial = Schemas['LockTrialView'];
export type LockVerdict = LockStage['state'];
