import { useEffect, useState } from 'preact/hooks';

/** A value that tells its readers when it changes. */
export class Watched<T> {
  private readers = new Set<() => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set value(next: T) {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const reader of [...this.readers]) reader();
  }

  watch(reader: () => void): () => void {
    this.readers.add(reader);
    return () => {
      this.readers.delete(reader);
    };
  }
}

/** The value now; the component is drawn again when it changes. */
export function useWatched<T>(watched: Watched<T>): T {
  const [, redraw] = useState(0);
  useEffect(() => {
    const again = (): void => {
      redraw((count) => count + 1);
    };
    // It may have changed between drawing and this effect.
    again();
    return watched.watch(again);
  }, [watched]);
  return watched.value;
}
