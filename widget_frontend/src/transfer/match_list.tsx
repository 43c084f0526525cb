import { useState } from 'preact/hooks';

import type { MatchTarget } from '../api/types';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { MatchRowLine } from './match_row';
import { keyOf } from './model';
import type { Spot } from './model';

interface MatchListProps {
  title: MessageKey;
  /** Groups that stay together: a field with its values. */
  groups: Spot[][];
  doubtful: ReadonlySet<string>;
  targetsOf: (spot: Spot) => MatchTarget[];
  isLazy: boolean;
  onChoose: (spot: Spot, target: string) => void;
}

/** Rows that need a look stand open; what was found by itself is folded when there is much of it. */
export function MatchList({ title, groups, doubtful, targetsOf, isLazy, onChoose }: MatchListProps) {
  const isOpen = (group: Spot[]): boolean => group.some((spot) => doubtful.has(keyOf(spot)));
  const open = groups.filter(isOpen);
  const settled = groups.filter((group) => !isOpen(group));
  const [isUnfolded, unfold] = useState(settled.length <= FEW);
  if (!groups.length) return null;
  const rows = (shown: Spot[][]) => (
    <ul>
      {shown.flat().map((spot) => <MatchRowLine key={keyOf(spot)} spot={spot} targets={targetsOf(spot)} isLazy={isLazy} onChoose={onChoose} />)}
    </ul>
  );
  return (
    <section class="matches">
      <h3>{t(title)}</h3>
      <p class="small muted columns" aria-hidden="true"><span>{t('transfer.inFile')}</span><span>{t('transfer.here')}</span></p>
      {open.length > 0 && rows(open)}
      {settled.length > 0 && (
        <details open={isUnfolded} onToggle={(event) => { unfold(event.currentTarget.open); }}>
          <summary>{t('transfer.settled', { n: settled.length })}</summary>
          {isUnfolded && rows(settled)}
        </details>
      )}
    </section>
  );
}

const FEW = 12;
