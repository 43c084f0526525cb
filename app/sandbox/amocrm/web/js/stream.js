/**
 * The account's changes as they happen. The browser reconnects by itself after a break; `onState` tells the
 * page, which then reads again what it shows.
 */
/** A busy account changes all the time; what came after the last reading is heard by the page itself. */
const MOST_READS = 5;
const listeners = new Set();
const watchers = new Set();
let source = null;
let isOn = false;
let connectedBefore = false;

/** Hear every change; the answer stops listening. */
export function onChange(run) {
  listeners.add(run);
  return () => listeners.delete(run);
}

/**
 * Read what a page is about to show, so that no change is lost between the reading and the listening: when
 * something that matters has happened meanwhile, it is read again.
 */
export async function readSettled(read, matters) {
  for (let turn = 1; ; turn += 1) {
    let isOld = false;
    const stop = onChange((change) => { isOld ||= matters(change); });
    try {
      const found = await read();
      if (!isOld || turn === MOST_READS) return found;
    } finally {
      stop();
    }
  }
}

/** Hear 'on', 'off' and 'again' (back after a break, something may have been missed). */
export function onState(run) {
  watchers.add(run);
  return () => watchers.delete(run);
}

/** Whether changes arrive just now. */
export function isConnected() {
  return isOn;
}

function tell(now) {
  isOn = now !== 'off';
  for (const run of watchers) run(now);
}

/** Start listening; resolves once connected or refused, so that a page read afterwards misses nothing. */
export function openStream() {
  source = new EventSource('/sandbox/api/stream');
  const settled = new Promise((settle) => {
    source.onopen = () => {
      tell(connectedBefore ? 'again' : 'on');
      connectedBefore = true;
      settle();
    };
    source.onerror = () => {
      tell('off');
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
