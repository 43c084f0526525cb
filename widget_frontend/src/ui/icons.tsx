/** Small pictures that tell a state by shape as well as by colour. */

export type StateLook = 'met' | 'next' | 'unmet' | 'waived' | 'unknown';

export function StateIcon({ look, label }: { look: StateLook; label: string }) {
  return (
    <svg class={`state ${look}`} width="18" height="18" viewBox="0 0 18 18" role="img" aria-label={label}>
      {shapes[look]}
    </svg>
  );
}

const ring = <circle cx="9" cy="9" r="7" fill="none" stroke="var(--sg-seller)" stroke-width="1.6" />;

const shapes = {
  met: (
    <>
      <circle cx="9" cy="9" r="8" fill="var(--sg-done)" />
      <path d="M5 9.3l2.7 2.7L13 6.6" fill="none" stroke="var(--sg-bg)" stroke-width="1.8" />
    </>
  ),
  next: (
    <circle cx="9" cy="9" r="7" fill="var(--sg-wait-bg)" stroke="var(--sg-wait)" stroke-width="2" stroke-dasharray="3 2" />
  ),
  unmet: ring,
  waived: (
    <>
      {ring}
      <path d="M5.5 9h7" stroke="var(--sg-ink-3)" stroke-width="1.8" />
    </>
  ),
  unknown: (
    <>
      {ring}
      <circle cx="9" cy="9" r="1.6" fill="var(--sg-ink-3)" />
    </>
  ),
};
