import type { Trouble } from '../api/trouble';
import { Blank } from '../ui/blank';
import { TroubleBlank } from '../ui/trouble';

interface UnfilledProps {
  trouble: Trouble | 'unsaved';
  errorId: string;
  onRetry: () => void;
}

/** What stands in place of a card that has nothing to show. */
export function Unfilled({ trouble, errorId, onRetry }: UnfilledProps) {
  if (trouble === 'unsaved') return <Blank title="card.emptyTitle" body="card.newDealBody" />;
  if (trouble === 'forbidden') return <Blank title="card.hiddenTitle" body="card.hiddenBody" />;
  if (trouble === 'missing') return <Blank title="card.goneTitle" body="card.goneBody" />;
  return <TroubleBlank trouble={trouble} errorId={errorId} onRetry={onRetry} />;
}
