import { AccountStore } from '../account/store';
import { EditorSkeleton, Settings } from '../funnel_editor/settings';
import { EditorStore } from '../funnel_editor/store';
import { Blank } from '../ui/blank';
import { boot } from '../ui/boot';
import { viewAddress } from '../ui/nav';
import { t } from '../i18n/translate';

void boot({
  texts: {
    ru: () => import('../i18n/ru/settings_page').then((module) => module.messages),
    en: () => import('../i18n/en/settings_page').then((module) => module.messages),
  },
  skeleton: () => <EditorSkeleton />,
  draw: ({ api, context }) =>
    context.session.user.is_admin ? (
      <Settings store={new EditorStore(api)} account={new AccountStore(api)} />
    ) : (
      <main class="editor">
        <Blank title="error.noRightsTitle" body="error.noRightsBody" />
        <a href={viewAddress('panel')}>{t('nav.panel')}</a>
      </main>
    ),
});
