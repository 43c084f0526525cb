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
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <section class="drawer" role="dialog" aria-labelledby={id} onKeyDown={onKeyDown}>
      <header>
        <h2 id={id} tabIndex={-1} ref={heading}>{title}</h2>
        <button type="button" class="link" onClick={onClose}>{t('close')}</button>
      </header>
      {children}
    </section>
  );
}
