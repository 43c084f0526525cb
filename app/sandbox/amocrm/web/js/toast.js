import { h } from './dom.js';

const SHOWN_MS = 6000;

/** One line in the corner; `kind` is '', 'bad' or 'robot'. */
export function toast(text, kind = '') {
  const box = h('div', { class: `toast ${kind ? `toast--${kind}` : ''}` }, text);
  document.getElementById('toasts').append(box);
  setTimeout(() => box.remove(), SHOWN_MS);
}

/** Run an action of the person's; when the server refuses, say why. Resolves to true when it worked. */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(error.message, 'bad');
    return false;
  }
}
