import type { ComponentType } from 'preact';

import { addMessages, currentLanguage } from '../i18n/translate';
import { lazily } from '../ui/lazily';

const TEXTS = {
  ru: () => import('../i18n/ru/card_late'),
  en: () => import('../i18n/en/card_late'),
};

/** A part of the card that is loaded with its texts when it is first opened. */
export function late<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return lazily(async () => {
    const [component, texts] = await Promise.all([load(), TEXTS[currentLanguage()]()]);
    addMessages(texts.cardLate);
    return component;
  });
}
