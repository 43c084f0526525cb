import type { ComponentChildren } from 'preact';

import { whole } from '../format/format';
import type { Drill } from './view';

export type OpenDeals = (drill: Drill) => void;

interface FigureProps {
  drill: Drill;
  /** How many deals are behind it: without any there is nothing to open. */
  count: number;
  /** What it opens, with the number in it; words of its own (`children`) speak for themselves. */
  label: string;
  onOpen: OpenDeals;
  class?: string;
  children?: ComponentChildren;
}

/** A number that opens its deals. */
export function Figure({ drill, count, label, onOpen, children, ...look }: FigureProps) {
  if (count <= 0) return <>{children ?? whole(count)}</>;
  const name = children === undefined ? { 'aria-label': label } : {};
  return (
    <button type="button" class={`figure ${look.class ?? ''}`} title={label} {...name} onClick={() => { onOpen(drill); }}>
      {children ?? whole(count)}
    </button>
  );
}
