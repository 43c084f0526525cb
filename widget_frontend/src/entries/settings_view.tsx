import { AccountStore } from '../account/store';
import { EditorSkeleton, Settings } from '../funnel_editor/settings';
import { EditorStore } from '../funnel_editor/store';
import { LockStore } from '../lock/store';
import type { View } from '../ui/journey';
import { isLockable, placeFrom } from '../ui/nav';

/** The map of steps and all else that an administrator looks after. */
export const settingsView: View = {
  texts: {
    ru: () => import('../i18n/ru/settings_page').then((module) => module.messages),
    en: () => import('../i18n/en/settings_page').then((module) => module.messages),
  },
  skeleton: () => <EditorSkeleton />,
  draw: ({ api, host, context }, section) => {
    isLockable.value = context.session.account.has_lock;
    return (
      <Settings
        store={new EditorStore(api)}
        account={new AccountStore(api)}
        lock={new LockStore(api, host)}
        start={placeFrom(section ? `section=${section}` : location.search)}
      />
    );
  },
};
