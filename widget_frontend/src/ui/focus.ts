import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** For the field that a form begins with, once it is shown: browsers refuse `autofocus` to a frame of another origin. */
export function useFocus<T extends HTMLElement>(isShown = true): RefObject<T | null> {
  const field = useRef<T>(null);
  useEffect(() => {
    if (isShown) field.current?.focus();
  }, [isShown]);
  return field;
}
