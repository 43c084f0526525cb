import type { LockVerdict } from '../api/types';

/** A lock's state by shape as well as by colour; the words stand beside it. */
export function ResultMark({ state }: { state: LockVerdict }) {
  return (
    <svg class="result" width="20" height="20" viewBox="0 0 20 20" fill="none" stroke={COLOURS[state]} stroke-width="1.7" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  );
}

const COLOURS = {
  holds: 'var(--sg-done)',
  leaks: 'var(--sg-stop)',
  defeated: 'var(--sg-wait)',
  unknown: 'var(--sg-wait)',
  unchecked: 'var(--sg-ink-3)',
};

const body = <rect x="4" y="9" width="12" height="8" rx="2" />;

const SHAPES = {
  holds: (
    <>
      <rect x="4" y="9" width="12" height="8" rx="2" fill="var(--sg-done)" />
      <path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9" />
    </>
  ),
  leaks: (
    <>
      {body}
      <path d="M6.5 9V6a3.5 3.5 0 0 1 6.8-1.2" />
    </>
  ),
  defeated: (
    <>
      {body}
      <path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9M3 18 17 3" />
    </>
  ),
  unknown: <path d="M7 7.5a3 3 0 1 1 4.4 2.6c-.9.5-1.4 1-1.4 2.1M10 15.2v.6" />,
  unchecked: <circle cx="10" cy="10" r="6.5" stroke-dasharray="3 2.5" />,
};
