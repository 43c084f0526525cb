/** What this browser remembers between visits: who is logged in, the language, light or dark. */
const KEY = 'sandbox-crm';

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch (error) {
    console.debug('preferences', error);
    return {};
  }
}

export function preference(name, otherwise) {
  return read()[name] ?? otherwise;
}

export function remember(name, value) {
  localStorage.setItem(KEY, JSON.stringify({ ...read(), [name]: value }));
}

/** 'light', 'dark' or 'auto', which follows the machine. */
export function applyTheme(theme) {
  const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

export function followSystemTheme() {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => applyTheme(preference('theme', 'auto')));
}
