import { ru } from '/js/texts_ru.js';
import { en } from '/js/texts_en.js';

let words = ru;
let language = 'ru';

/** The page's language from now on: ru or en. */
export function speak(wanted) {
  language = wanted === 'en' ? 'en' : 'ru';
  words = language === 'en' ? en : ru;
  document.documentElement.lang = language;
}

export const spoken = () => language;

/** The text of a key; `{name}` takes the value of that name. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

export function money(amount, currency) {
  return new Intl.NumberFormat(language, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount);
}

export function moment(seconds) {
  const when = new Date(seconds * 1000);
  return when.toLocaleString(language, { day: '2-digit', month: '2-digit', year: '2-digit', hour: '2-digit', minute: '2-digit' });
}

export function day(seconds) {
  return new Date(seconds * 1000).toLocaleDateString(language, { day: 'numeric', month: 'short' });
}
