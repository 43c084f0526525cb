import { ApiError } from './client';

/** Milliseconds to wait before try number `failures` (from 1): 1, 2, 4, 8, then 15 seconds. */
export function pollDelay(failures: number): number {
  return Math.min(15_000, 1_000 * 2 ** (failures - 1));
}

export interface PollCallbacks {
  /** One request; it may hang until there is news. */
  ask: (signal: AbortSignal) => Promise<void>;
  onError: (error: unknown) => void;
}

/**
 * Ask again and again until `stop`. While the page is hidden nothing is asked; a page that comes back, or
 * a network that does, asks at once.
 */
export function startPolling(callbacks: PollCallbacks, page: Document = document): () => void {
  const stopper = new AbortController();
  const wake = new EventTarget();
  const nudge = (): void => {
    wake.dispatchEvent(new Event('nudge'));
  };
  page.addEventListener('visibilitychange', nudge, { signal: stopper.signal });
  globalThis.addEventListener('online', nudge, { signal: stopper.signal });
  void loop(callbacks, page, stopper.signal, wake);
  return () => {
    stopper.abort();
    nudge();
  };
}

async function loop(callbacks: PollCallbacks, page: Document, signal: AbortSignal, wake: EventTarget): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    if (page.visibilityState === 'hidden') {
      await nudged(wake);
      continue;
    }
    try {
      await callbacks.ask(signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      callbacks.onError(error);
      if (isFinal(error)) return;
      failures += 1;
      await nudged(wake, pollDelay(failures));
    }
  }
}

/** No rights or a bad request: asking again changes nothing. A deal that is not there yet may come. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && [400, 401, 403, 410, 422].includes(error.status);
}

function nudged(wake: EventTarget, atMost?: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = atMost === undefined ? undefined : setTimeout(resolve, atMost);
    wake.addEventListener(
      'nudge',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
