import type { Trouble } from '../api/trouble';
import { Blank } from './blank';

interface TroubleProps {
  trouble: Trouble;
  errorId: string;
  onRetry: () => void;
}

/** What to say instead of a page when its data could not be read. */
export function TroubleBlank({ trouble, errorId, onRetry }: TroubleProps) {
  if (trouble === 'forbidden') return <Blank title="error.noRightsTitle" body="error.noRightsBody" />;
  if (trouble === 'session') return <Blank title="error.sessionTitle" body="error.sessionBody" onRetry={onRetry} />;
  if (trouble === 'offline') return <Blank title="error.title" body="error.offline" onRetry={onRetry} />;
  if (!errorId) return <Blank title="error.title" body="error.bodyPlain" onRetry={onRetry} />;
  return <Blank title="error.title" body="error.body" params={{ id: errorId }} onRetry={onRetry} />;
}
