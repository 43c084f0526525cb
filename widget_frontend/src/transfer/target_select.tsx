import { useState } from 'preact/hooks';

import type { MatchTarget } from '../api/types';
import { t } from '../i18n/translate';

interface TargetSelectProps {
  label: string;
  value: string;
  /** What choosing nothing means. */
  nothing: string;
  targets: MatchTarget[];
  textOf: (target: MatchTarget) => string;
  isGrouped?: boolean;
  /** Draw all targets only when somebody is about to choose: there are too many rows to draw them in each. */
  isLazy: boolean;
  describedBy: string;
  onChoose: (target: string) => void;
}

/** One of the account's things, or nothing. */
export function TargetSelect({ label, value, nothing, targets, textOf, isGrouped, isLazy, describedBy, onChoose }: TargetSelectProps) {
  const [isOpen, setOpen] = useState(!isLazy);
  const open = (): void => { setOpen(true); };
  const chosen = targets.find(({ id }) => id === value);
  const option = (target: MatchTarget) => <option key={target.id} value={target.id}>{textOf(target)}</option>;
  return (
    <select
      aria-label={label}
      aria-describedby={describedBy}
      value={value}
      onPointerEnter={open}
      onPointerDown={open}
      onFocus={open}
      onChange={(event) => { onChoose(event.currentTarget.value); }}
    >
      <option value="">{nothing}</option>
      {!isOpen && chosen && option(chosen)}
      {isOpen && (isGrouped ? groupsOf(targets).map(([title, members]) => <optgroup key={title} label={title}>{members.map(option)}</optgroup>) : targets.map(option))}
    </select>
  );
}

function groupsOf(targets: MatchTarget[]): [string, MatchTarget[]][] {
  const groups = new Map<string, MatchTarget[]>();
  for (const target of targets) groups.set(target.group, [...(groups.get(target.group) ?? []), target]);
  return [...groups.entries()];
}

export function nothingText(row: { sureness: string }, isSource: boolean): string {
  if (isSource) return t('transfer.keepName');
  return t(row.sureness === 'none' ? 'transfer.noPair' : 'transfer.leaveOut');
}
