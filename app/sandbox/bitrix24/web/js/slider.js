import { el } from '/js/dom.js';
import { t } from '/js/texts.js';

const open = [];

/** A sheet that comes in from the right. `closed` is called with what `close` was given. */
export function openSlider(label, { width = 0, closed = () => {} } = {}) {
  const sheet = el('section', { class: 'sheet', role: 'dialog', 'aria-modal': 'true', 'aria-label': label, tabindex: '-1' });
  if (width) sheet.style.width = `min(${width}px, calc(100% - 110px))`;
  const shut = el('button', { class: 'shut', type: 'button', onclick: () => slider.close() }, t('close'));
  const node = el('div', { class: 'slider' }, shut, sheet);
  const before = document.activeElement;
  const slider = {
    sheet,
    close(result) {
      if (!open.includes(slider)) return;
      open.splice(open.indexOf(slider), 1);
      node.remove();
      if (before instanceof HTMLElement) before.focus();
      closed(result);
    },
  };
  node.addEventListener('mousedown', (event) => event.target === node && slider.close());
  open.push(slider);
  document.getElementById('sliders').append(node);
  sheet.focus();
  return slider;
}

export function closeAll() {
  for (const slider of [...open].reverse()) slider.close();
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && open.length) open.at(-1).close();
});
