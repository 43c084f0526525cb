import type { ComponentChild } from 'preact';

import { HostError } from '../host/bridge';
import type { Language } from '../host/bridge';
import { addMessages } from '../i18n/translate';
import { Blank } from './blank';

const TEXTS = {
  ru: () => import('../i18n/ru/trouble'),
  en: () => import('../i18n/en/trouble'),
};

/** What stands on a page that could not learn who looks at it. */
export async function hostTrouble(error: unknown, language: Language): Promise<ComponentChild> {
  addMessages((await TEXTS[language]()).trouble);
  const isAlone = error instanceof HostError && error.code === 'no_host';
  return (
    <main class="card">
      <Blank
        title={isAlone ? 'error.hostTitle' : 'error.sessionTitle'}
        body={isAlone ? 'error.hostBody' : 'error.sessionBody'}
        onRetry={isAlone ? undefined : () => { location.reload(); }}
      />
    </main>
  );
}
