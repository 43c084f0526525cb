import { useId } from 'preact/hooks';

import type { MatchTarget } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { isGuess, isLonely } from './model';
import type { Spot } from './model';
import { TargetSelect, nothingText } from './target_select';
import { familyText, sureText, targetText, usesText } from './words';

interface MatchRowProps {
  spot: Spot;
  targets: MatchTarget[];
  isLazy: boolean;
  onChoose: (spot: Spot, target: string) => void;
}

/** A name of the file and what it is here, how sure that is, and what would be left out. */
export function MatchRowLine({ spot, targets, isLazy, onChoose }: MatchRowProps) {
  const { row, list, field } = spot;
  const about = useId();
  const isField = list === 'fields' && !field;
  const hint = isField ? familyText(row.hint) : row.hint;
  const mark = isGuess(spot) ? ' guess' : isLonely(spot) ? ' lonely' : '';
  return (
    <li class={`pair${field ? ' value' : ''}${mark}`}>
      <div class="ours">
        <p><span>{row.title}</span>{hint && <span class="small muted"> · {hint}</span>}</p>
        {!field && row.target && <p class="small muted">{t('transfer.usedIn', { what: usesText(row) })}</p>}
      </div>
      <span class="arrow" aria-hidden="true">→</span>
      <div class="theirs">
        <div class="choose">
          <TargetSelect
            label={t('transfer.for', { name: row.title })}
            value={row.target}
            nothing={nothingText(row, list === 'sources')}
            targets={targets}
            textOf={(target) => targetText(target, isField)}
            isLazy={isLazy}
            isGrouped={list === 'other_stages'}
            describedBy={about}
            onChoose={(target) => { onChoose(spot, target); }}
          />
          {isGuess(spot) && (
            <button type="button" aria-label={t('transfer.rightLabel', { name: row.title })} onClick={() => { onChoose(spot, row.target); }}>
              {t('transfer.right')}
            </button>
          )}
        </div>
        <p id={about} class="small">
          <span class="sure">{sureText(row, list === 'people')}</span>
          {row.shares_with.length > 0 && <span class="shared">{`. ${t('transfer.shares', { names: row.shares_with.map(quoted).join(', ') })}`}</span>}
          {!row.target && list !== 'sources' && <span>{`. ${leavesText(spot)}`}</span>}
        </p>
      </div>
    </li>
  );
}

/** Without a pair a rule goes; of a field it depends: a proof goes, a segment's condition waits to be filled. */
function leavesText({ row, list }: Spot): string {
  return t(list === 'fields' ? 'transfer.staysWithout' : 'transfer.leavesOut', { what: usesText(row) });
}
