/**
 * The account's changes as they happen. The browser reconnects by itself after a break; `onState` tells the
 * page, which then reads again what it shows.
 */
const listeners = new Set();
const watchers = new Set();
let source = null;
let connectedBefore = false;

/** Hear every change; the answer stops listening. */
export function onChange(run) {
  listeners.add(run);
  return () => listeners.delete(run);
}

/** Hear 'on', 'off' and 'again' (back after a break, something may have been missed). */
export function onState(run) {
  watchers.add(run);
  return () => watchers.delete(run);
}

/** Start listening; resolves once connected or refused, so that a page read afterwards misses nothing. */
export function openStream() {
  source = new EventSource('/sandbox/api/stream');
  const settled = new Promise((settle) => {
    source.onopen = () => {
      for (const run of watchers) run(connectedBefore ? 'again' : 'on');
      connectedBefore = true;
      settle();
    };
    source.onerror = () => {
      for (const run of watchers) run('off');
      settle();
    };
  });
  source.onmessage = (event) => {
    const change = JSON.parse(event.data);
    for (const run of [...listeners]) run(change);
  };
  addEventListener('pagehide', () => source.close());
  return settled;
}
