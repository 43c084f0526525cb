import { AccountStore } from '../account/store';
import { EditorSkeleton, Settings } from '../funnel_editor/settings';
import { EditorStore } from '../funnel_editor/store';
import { Blank } from '../ui/blank';
import { boot } from '../ui/boot';
import { hasAddresses, viewAddress } from '../ui/nav';

void boot({
  texts: {
    ru: () => import('../i18n/ru/settings_page').then((module) => module.messages),
    en: () => import('../i18n/en/settings_page').then((module) => module.messages),
  },
  skeleton: () => <EditorSkeleton />,
  draw: ({ api, context }) => {
    if (context.session.user.is_admin) return <Settings store={new EditorStore(api)} account={new AccountStore(api)} />;
    if (!hasAddresses()) return <main class="editor"><Blank title="error.noRightsTitle" body="error.noRightsBody" /></main>;
    // Who is no administrator has one page here: the figures.
    location.replace(viewAddress('panel'));
    return <EditorSkeleton />;
  },
});
