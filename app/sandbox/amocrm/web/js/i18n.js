import { ru } from './texts/ru.js';
import { en } from './texts/en.js';
import { choicesEn } from './texts/choices_en.js';
import { choicesRu } from './texts/choices_ru.js';
import { faultsEn } from './texts/faults_en.js';
import { faultsRu } from './texts/faults_ru.js';

const tables = { ru, en };
const faultTables = { ru: faultsRu, en: faultsEn };
const choiceTables = { ru: choicesRu, en: choicesEn };
let lang = 'ru';

export function setLang(code) {
  lang = code in tables ? code : 'ru';
  document.documentElement.lang = lang;
}

export function getLang() {
  return lang;
}

/** The text of `key` with `{name}` places filled; a text with plural forms picks by `params.n`. */
export function t(key, params = {}) {
  const found = tables[lang][key];
  if (found === undefined) return key;
  const text = typeof found === 'string' ? found : found[new Intl.PluralRules(lang).select(params.n)] || found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/** What a switch of the faults page does; one that nobody has described stays with its name alone. */
export function faultText(name) {
  return faultTables[lang][name] || '';
}

/** What a choice of a switch means; one that nobody has described shows its value. */
export function choiceText(name, value) {
  return choiceTables[lang][name]?.[value] ?? String(value);
}

export function money(value) {
  return `${new Intl.NumberFormat(lang).format(value || 0)} ₽`;
}

/** The account's own time zone: a CRM shows everybody the same hours, wherever his machine stands. */
const ZONE = 'Europe/Moscow';

/** Unix seconds in words, with the options of Intl.DateTimeFormat. */
export function dateInWords(seconds, options) {
  return new Intl.DateTimeFormat(lang, { timeZone: ZONE, ...options }).format(new Date(seconds * 1000));
}

export function dateTime(seconds) {
  return dateInWords(seconds, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** 10:15 */
export function clock(seconds) {
  return dateInWords(seconds, { hour: '2-digit', minute: '2-digit' });
}

/** A date as a board shows it: the time for today, else day and month, with the year once it is another one. */
export function shortDate(seconds) {
  const now = Date.now() / 1000;
  const same = (options) => dateInWords(seconds, options) === dateInWords(now, options);
  if (same({ dateStyle: 'short' })) return clock(seconds);
  return dateInWords(seconds, { day: 'numeric', month: 'short', ...(same({ year: 'numeric' }) ? {} : { year: 'numeric' }) });
}

/** Seconds of talk as minutes and seconds: 2:05. */
export function talkTime(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
