import { Panel, PanelSkeleton } from '../conversion/panel';
import { ConversionStore } from '../conversion/store';
import { boot } from '../ui/boot';

void boot({
  texts: {
    ru: () => import('../i18n/ru/panel_page').then((module) => module.messages),
    en: () => import('../i18n/en/panel_page').then((module) => module.messages),
  },
  skeleton: () => <PanelSkeleton />,
  draw: ({ api, context }) => <Panel store={new ConversionStore(api)} isAdmin={context.session.user.is_admin} />,
});
