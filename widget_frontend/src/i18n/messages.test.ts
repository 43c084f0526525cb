import { describe, expect, it } from 'vitest';

import { account as accountEn } from './en/account';
import { card as cardEn } from './en/card';
import { cardLate as cardLateEn } from './en/card_late';
import { install as installEn } from './en/install';
import { lock as lockEn } from './en/lock';
import { panel as panelEn } from './en/panel';
import { settings as settingsEn } from './en/settings';
import { shared as sharedEn } from './en/shared';
import { transfer as transferEn } from './en/transfer';
import { trouble as troubleEn } from './en/trouble';
import { account as accountRu } from './ru/account';
import { card as cardRu } from './ru/card';
import { cardLate as cardLateRu } from './ru/card_late';
import { install as installRu } from './ru/install';
import { lock as lockRu } from './ru/lock';
import { panel as panelRu } from './ru/panel';
import { settings as settingsRu } from './ru/settings';
import { shared as sharedRu } from './ru/shared';
import { transfer as transferRu } from './ru/transfer';
import { trouble as troubleRu } from './ru/trouble';
import type { Messages } from './translate';

const pages: Record<string, [Messages, Messages]> = {
  shared: [sharedRu, sharedEn],
  trouble: [troubleRu, troubleEn],
  card: [cardRu, cardEn],
  cardLate: [cardLateRu, cardLateEn],
  install: [installRu, installEn],
  account: [accountRu, accountEn],
  lock: [lockRu, lockEn],
  settings: [settingsRu, settingsEn],
  panel: [panelRu, panelEn],
  transfer: [transferRu, transferEn],
};

const sources = import.meta.glob('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });
const code = Object.entries(sources)
  .filter(([path]) => !path.includes('/i18n/') && !path.startsWith('./') && !path.includes('.test.'))
  .map(([, text]) => text as string)
  .join('\n');

function forms(message: Messages[string]): [string, string][] {
  return typeof message === 'string' ? [['', message]] : Object.entries(message);
}

function slots(text: string): string {
  return [...text.matchAll(/\{\w+\}/g)].map(([slot]) => slot).sort().join();
}

describe.each(Object.entries(pages))('texts of %s', (_name, [ru, en]) => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(en)).toEqual(Object.keys(ru));
  });

  it('have the plural forms that their language needs', () => {
    const needs: [Messages, string[]][] = [
      [ru, new Intl.PluralRules('ru').resolvedOptions().pluralCategories],
      [en, new Intl.PluralRules('en').resolvedOptions().pluralCategories],
    ];
    for (const [messages, categories] of needs) {
      for (const [key, message] of Object.entries(messages)) {
        if (typeof message !== 'string') expect([key, Object.keys(message).sort()]).toEqual([key, [...categories].sort()]);
      }
    }
  });

  it('have the same slots in both languages and in every form', () => {
    for (const key of Object.keys(ru)) {
      const all = [...forms(ru[key] ?? ''), ...forms(en[key] ?? '')].map(([, text]) => slots(text));
      expect([key, new Set(all).size]).toEqual([key, 1]);
    }
  });

  it('are all used somewhere', () => {
    const unused = Object.keys(ru).filter((key) => !code.includes(`'${key}'`) && !code.includes(`"${key}"`));
    expect(unused).toEqual([]);
  });

  it('have no Russian in the English part', () => {
    expect(JSON.stringify(en)).not.toMatch(/[а-яё]/i);
  });
});
