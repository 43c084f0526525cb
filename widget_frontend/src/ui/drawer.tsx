import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

import { t } from '../i18n/translate';

interface DrawerProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/**
 * A form that opens on the page itself. Inside a frame that is as high as its content a modal window would
 * stand in the middle of the frame, perhaps far off the screen; this one is scrolled to and focused.
 */
export function Drawer({ title, onClose, children }: DrawerProps) {
  const drawer = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    const stop = drawer.current && bringIntoView(drawer.current);
    return () => {
      stop?.();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <section class="drawer" ref={drawer} role="dialog" aria-labelledby={id} onKeyDown={onKeyDown}>
      <header>
        <h2 id={id} tabIndex={-1} ref={heading}>{title}</h2>
        <button type="button" class="link" onClick={onClose}>{t('close')}</button>
      </header>
      {children}
    </section>
  );
}

/** How long the page around may take to grow the frame after a form was added to it. */
const GROWTH_MS = 1_000;

/**
 * All of the form if it fits, else its beginning. In a frame the form is first outside of it: it is scrolled
 * to once more when the frame has grown. Returns how to stop waiting for that.
 */
function bringIntoView(form: HTMLElement): () => void {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const scroll = (): void => {
    form.scrollIntoView({ block: 'nearest', behavior: isCalm ? 'auto' : 'smooth' });
  };
  const waiting = new AbortController();
  const stop = (): void => {
    clearTimeout(timer);
    waiting.abort();
  };
  const timer = setTimeout(stop, GROWTH_MS);
  window.addEventListener('resize', scroll, { signal: waiting.signal });
  scroll();
  return stop;
}
