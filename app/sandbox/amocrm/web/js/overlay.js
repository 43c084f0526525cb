import { h } from './dom.js';
import { t } from './i18n.js';

/** A menu at an element: `items` are {label, colour, current, run}. Arrows move, Escape and a click outside close. */
export function openMenu(anchor, title, items) {
  closeMenu();
  const buttons = items.map((item) => h('button', {
    type: 'button',
    role: 'menuitem',
    'aria-current': item.current ? 'true' : null,
    on: { click: () => { closeMenu(); item.run(); } },
  }, item.colour ? h('span', { class: 'dot', style: { '--stage': item.colour } }) : null, item.label));
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': title },
    h('div', { class: 'menu__title' }, title), buttons);
  document.body.append(menu);
  place(menu, anchor.getBoundingClientRect());
  menu.addEventListener('keydown', (event) => walk(event, buttons, anchor));
  setTimeout(() => document.addEventListener('pointerdown', onOutside), 0);
  (buttons.find((_, i) => items[i].current) || buttons[0])?.focus();
}

function place(menu, at) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.right - width, innerWidth - width - 8));
  const below = at.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, at.top - height - 4) : below;
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

function walk(event, buttons, anchor) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const next = buttons.indexOf(document.activeElement) + step;
    buttons[(next + buttons.length) % buttons.length].focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    closeMenu();
    anchor.focus();
  }
}

function onOutside(event) {
  if (!event.target.closest('.menu')) closeMenu();
}

export function closeMenu() {
  document.removeEventListener('pointerdown', onOutside);
  document.querySelector('.menu')?.remove();
}

/** A modal window with a caption; `build(close)` returns its inside. Answers the function that closes it. */
export function openDialog(title, build, onClosed = () => {}) {
  const before = document.activeElement;
  const veil = h('div', { class: 'veil' });
  const close = () => {
    if (!veil.isConnected) return;
    veil.remove();
    before?.focus?.();
    onClosed();
  };
  const dialog = h('div', { class: 'dialog', role: 'dialog', 'aria-modal': 'true', 'aria-label': title },
    h('div', { class: 'dialog__head' }, h('h1', {}, title),
      h('button', { class: 'bare', type: 'button', 'aria-label': t('close'), on: { click: close } }, '✕')),
    build(close));
  veil.append(dialog);
  veil.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    if (event.key === 'Tab') keepFocusInside(event, dialog);
  });
  veil.addEventListener('pointerdown', (event) => { if (event.target === veil) close(); });
  document.body.append(veil);
  dialog.querySelector('input, select, textarea, button:not(.bare)')?.focus();
  return close;
}

function keepFocusInside(event, dialog) {
  const all = [...dialog.querySelectorAll('a[href], button:not(:disabled), input, select, textarea, iframe')];
  const [first, last] = [all[0], all[all.length - 1]];
  if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
  if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
}
