import { AccountStore } from '../account/store';
import { EditorSkeleton, Settings } from '../funnel_editor/settings';
import { EditorStore } from '../funnel_editor/store';
import type { View } from '../ui/journey';
import { placeFrom } from '../ui/nav';

/** The map of steps and all else that an administrator looks after. */
export const settingsView: View = {
  texts: {
    ru: () => import('../i18n/ru/settings_page').then((module) => module.messages),
    en: () => import('../i18n/en/settings_page').then((module) => module.messages),
  },
  skeleton: () => <EditorSkeleton />,
  draw: ({ api }, section) => (
    <Settings store={new EditorStore(api)} account={new AccountStore(api)} start={placeFrom(section ? `section=${section}` : location.search)} />
  ),
};
