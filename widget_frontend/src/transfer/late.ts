import { addMessages, currentLanguage } from '../i18n/translate';
import { lazily } from '../ui/lazily';

const TEXTS = { ru: () => import('../i18n/ru/transfer'), en: () => import('../i18n/en/transfer') };

/** A part of the file's pages with its texts; few people need them, and seldom. */
async function withTexts<T>(part: Promise<T>): Promise<T> {
  const [loaded, texts] = await Promise.all([part, TEXTS[currentLanguage()]()]);
  addMessages(texts.transfer);
  return loaded;
}

export const FileForm = lazily(() => withTexts(import('./file_form')).then((module) => module.FileForm));
export const MatchPage = lazily(() => withTexts(import('./match_page')).then((module) => module.MatchPage));
export const ImportReport = lazily(() => withTexts(import('./import_report')).then((module) => module.ImportReport));
