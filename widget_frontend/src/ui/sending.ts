import { useRef, useState } from 'preact/hooks';

import { sentenceOf, troubleOf } from '../api/trouble';
import { t } from '../i18n/translate';

export interface Sending {
  isSending: boolean;
  fault: string;
  send: (action: () => Promise<unknown>) => Promise<boolean>;
}

/** A form that is gone after it was sent leaves the focus nowhere: the page itself takes it. */
export function keepFocus(): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.querySelector('main')?.focus({ preventScroll: true });
  });
}

/** One action at a time; a failure becomes a sentence for the person. */
export function useSending(): Sending {
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState('');
  const isBusy = useRef(false);
  const send = async (action: () => Promise<unknown>): Promise<boolean> => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setSending(true);
    setFault('');
    try {
      await action();
      keepFocus();
      return true;
    } catch (error) {
      setFault(sentenceOf(error) || t(troubleOf(error) === 'offline' ? 'error.offline' : 'error.bodyPlain'));
      return false;
    } finally {
      isBusy.current = false;
      setSending(false);
    }
  };
  return { isSending, fault, send };
}
