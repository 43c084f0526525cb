import type { Catalog, FunnelDocument, FunnelState, SegmentDraft } from '../api/types';
import type { Opened } from './opened';
import type { EditorStore } from './store';

export interface EditorProps {
  store: EditorStore;
  catalog: Catalog;
  state: FunnelState;
}

/** What the parts of the editor share: the segment that is shown, and how to change it. */
export interface Scene extends EditorProps {
  document: FunnelDocument;
  segment: SegmentDraft;
  index: number;
  editSegment: (change: (segment: SegmentDraft) => SegmentDraft) => void;
  open: (opened: Opened | null) => void;
  choose: (segmentKey: string) => void;
}
