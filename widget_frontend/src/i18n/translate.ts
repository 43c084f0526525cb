import type { ComponentChildren } from 'preact';

import type { Language } from '../host/bridge';
import type { MessageKey } from './keys';

/** A text with forms by number: which one fits is decided by the parameter `n`. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Messages = Record<string, string | Plural>;
export type Params = Record<string, string | number>;

interface State {
  language: Language;
  messages: Messages;
  plurals: Intl.PluralRules;
  numbers: Intl.NumberFormat;
}

let state = speaking('ru', {});

/** Use these messages from now on. */
export function useMessages(language: Language, ...parts: Messages[]): void {
  state = speaking(language, Object.assign({}, ...parts) as Messages);
}

function speaking(language: Language, messages: Messages): State {
  return { language, messages, plurals: new Intl.PluralRules(language), numbers: new Intl.NumberFormat(language) };
}

/** Texts of a part that is loaded later. */
export function addMessages(messages: Messages): void {
  Object.assign(state.messages, messages);
}

export function currentLanguage(): Language {
  return state.language;
}

/** The text for a key; `{name}` is replaced by the parameter of that name, numbers as the language writes them. */
export function t(key: MessageKey, params: Params = {}): string {
  return pattern(key, params).replace(/\{(\w+)\}/g, (whole, name: string) => shown(params[name] ?? whole));
}

function shown(value: string | number): string {
  return typeof value === 'number' ? state.numbers.format(value) : value;
}

/** Like `t`, with elements in the places of `{name}`; returns children for JSX. */
export function rich(key: MessageKey, slots: Record<string, ComponentChildren>): ComponentChildren[] {
  const numbers = Object.fromEntries(Object.entries(slots).filter(([, slot]) => typeof slot === 'number')) as Params;
  return pattern(key, numbers)
    .split(/\{(\w+)\}/g)
    .map((part, index) => (index % 2 ? (slots[part] ?? `{${part}}`) : part));
}

function pattern(key: MessageKey, params: Params): string {
  const message = state.messages[key];
  if (message === undefined) return key;
  if (typeof message === 'string') return message;
  return message[state.plurals.select(Number(params['n'] ?? 0))] ?? message.other;
}
