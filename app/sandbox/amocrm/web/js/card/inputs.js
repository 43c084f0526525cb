import { h } from '../dom.js';
import { dateInWords, t } from '../i18n.js';

const DATES = ['date', 'date_time', 'birthday'];
const NUMBERS = ['numeric', 'monetary', 'price'];
const DAY_LETTERS = 10;

/** An empty input that fits the type of a custom field. */
export function inputOf(field) {
  if (field.type === 'checkbox') return choice([['', '—'], ['1', '✓']]);
  if (field.enums.length) return choice([['', t('notChosen')], ...field.enums.map((name) => [name, name])]);
  if (field.type === 'textarea') return h('textarea', { rows: 2 });
  return h('input', { type: DATES.includes(field.type) ? 'date' : NUMBERS.includes(field.type) ? 'number' : 'text', step: 'any' });
}

function choice(options) {
  return h('select', {}, options.map(([value, label]) => h('option', { value }, label)));
}

/** A kept value as its input shows it. */
export function shownIn(field, value) {
  if (value === '') return '';
  if (field.type === 'checkbox') return ['1', 'true'].includes(String(value).toLowerCase()) ? '1' : '';
  return DATES.includes(field.type) ? new Date(Number(value) * 1000).toISOString().slice(0, DAY_LETTERS) : value;
}

/** What was typed as the server takes it; null clears the field. */
export function typedInto(field, text) {
  if (field.type === 'checkbox') return text === '1';
  if (text === '') return null;
  return DATES.includes(field.type) ? Math.floor(Date.parse(text) / 1000) : text;
}

/** A kept value in words, for the feed. */
export function inWords(field, value) {
  if (!field || !DATES.includes(field.type)) return value;
  return dateInWords(Number(value), { dateStyle: 'short' });
}
