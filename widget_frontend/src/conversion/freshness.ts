import type { ConversionStore } from './store';

const OLD_MS = 60_000;
const GROWING_MS = 5_000;

/**
 * Ask anew when the person comes back to the page after a while, when the connection is back, and every few
 * seconds while the server still reads the past. The answer stops that.
 */
export function keepFresh(store: ConversionStore, page: Window = window): () => void {
  let askedAt = Date.now();
  const ask = (): void => {
    askedAt = Date.now();
    void store.load(true);
  };
  const onSight = (): void => {
    if (page.document.visibilityState === 'visible' && Date.now() - askedAt > OLD_MS) ask();
  };
  const stops = new AbortController();
  page.document.addEventListener('visibilitychange', onSight, { signal: stops.signal });
  page.addEventListener('online', ask, { signal: stops.signal });
  const timer = page.setInterval(() => {
    if (isGrowing(store) && page.document.visibilityState === 'visible') ask();
  }, GROWING_MS);
  return () => {
    stops.abort();
    page.clearInterval(timer);
  };
}

function isGrowing(store: ConversionStore): boolean {
  const report = store.report.value;
  return Boolean(report && (report.is_rebuilding || (report.backfill && report.backfill.state === 'running')));
}
