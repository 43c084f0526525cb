import { currentLanguage, t } from '../i18n/translate';

let timezone: string | undefined;

/** Show times in this zone; an unknown name falls back to the browser's own. */
export function useTimezone(name: string | undefined): void {
  timezone = undefined;
  if (!name) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    timezone = name;
  } catch {
    timezone = undefined;
  }
}

/** Making one takes longer than all else in a row of a long list. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions, locale = currentLanguage() === 'ru' ? 'ru-RU' : 'en-GB'): Intl.DateTimeFormat {
  const whole = timezone ? { ...options, timeZone: timezone } : options;
  const key = locale + JSON.stringify(whole);
  const found = made.get(key) ?? new Intl.DateTimeFormat(locale, whole);
  made.set(key, found);
  return found;
}

/** The calendar day in the account's zone as YYYY-MM-DD. */
export function dayOf(moment: Date): string {
  return formatter({ year: 'numeric', month: '2-digit', day: '2-digit' }, 'en-CA').format(moment);
}

/** "12:04" */
export function clockTime(iso: string): string {
  return formatter({ hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

/** "14 ноября", with the year when it is another one. */
export function longDay(iso: string, now: Date): string {
  const moment = new Date(iso);
  const withYear = dayOf(moment).slice(0, 4) !== dayOf(now).slice(0, 4);
  const text = formatter({ day: 'numeric', month: 'long', ...(withYear ? { year: 'numeric' } : {}) }).format(moment);
  return text.replace(/\s*г\.$/, '');
}

/** "сегодня в 12:04", "вчера в 9:30", "14 ноября, 10:12". */
export function moment(iso: string, now: Date): string {
  const day = dayOf(new Date(iso));
  const time = clockTime(iso);
  if (day === dayOf(now)) return t('time.today', { time });
  if (day === dayOf(new Date(now.getTime() - 86_400_000))) return t('time.yesterday', { time });
  return t('time.onDay', { day: longDay(iso, now), time });
}

/** The length of a call: "4 мин 12 с", "40 с", "1 ч 5 мин". */
export function callLength(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (hours) return joined([t('unit.h', { n: hours }), minutes ? t('unit.min', { n: minutes }) : '']);
  return joined([minutes ? t('unit.min', { n: minutes }) : '', rest || !minutes ? t('unit.s', { n: rest }) : '']);
}

/** A waiting time in one unit with at most one decimal: "18 мин", "5 ч", "1,4 дня". */
export function span(seconds: number): string {
  if (seconds < 90) return t('unit.s', { n: Math.round(seconds) });
  if (seconds < 5_400) return t('unit.min', { n: Math.round(seconds / 60) });
  if (seconds < 86_400) return t('unit.h', { n: Math.round(seconds / 3600) });
  const days = Math.round(seconds / 8_640) / 10;
  const shown = days >= 10 ? Math.round(days) : days;
  return t('unit.days', { n: shown, shown: decimal(shown) });
}

export function decimal(value: number): string {
  return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1 }).format(value);
}

export function whole(value: number): string {
  return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 0 }).format(value);
}

/** A share as whole percent; a share just off 0 or 1 is never rounded onto it. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  const honest = share > 0 && rounded === 0 ? 1 : share < 1 && rounded === 100 ? 99 : rounded;
  return `${String(honest)}%`;
}

/** "«Название»" in the language's own quotation marks. */
export function quoted(text: string): string {
  return currentLanguage() === 'ru' ? `«${text}»` : `“${text}”`;
}

/** The first letter in lower case, unless the word is an abbreviation. */
export function lowerFirst(text: string): string {
  return /^\p{Lu}\p{Lu}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

function joined(parts: string[]): string {
  return parts.filter(Boolean).join(' ');
}
