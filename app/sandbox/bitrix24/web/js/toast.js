import { el } from '/js/dom.js';

const SHOWN_MS = 6000;

/** A short word at the edge of the page. */
export function toast(text, bad = false) {
  const note = el('div', { class: bad ? 'toast bad' : 'toast' }, text);
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

/** Run something; what the portal refuses is shown. Answers undefined then. */
export async function trying(run) {
  try {
    return await run();
  } catch (refusal) {
    toast(refusal.message, true);
    return undefined;
  }
}
