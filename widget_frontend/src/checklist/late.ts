import type { FunctionComponent } from 'preact';

import { addMessages, currentLanguage } from '../i18n/translate';
import { lazily } from '../ui/lazily';
import type { Lazy } from '../ui/lazily';

const TEXTS = {
  ru: () => import('../i18n/ru/card_late_page'),
  en: () => import('../i18n/en/card_late_page'),
};

/** A part of the card that is loaded with its texts when it is first needed. */
export function late<P extends object>(load: () => Promise<FunctionComponent<P>>): Lazy<P> {
  return lazily(async () => {
    const [component, texts] = await Promise.all([load(), TEXTS[currentLanguage()]()]);
    addMessages(texts.messages);
    return component;
  });
}
