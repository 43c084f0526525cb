import { DealsStore } from '../conversion/deals_store';
import { AddressMemory } from '../conversion/memory';
import { Panel } from '../conversion/panel';
import { PanelSkeleton } from '../conversion/skeleton';
import { ConversionStore } from '../conversion/store';
import { boot } from '../ui/boot';

void boot({
  texts: {
    ru: () => import('../i18n/ru/panel_page').then((module) => module.messages),
    en: () => import('../i18n/en/panel_page').then((module) => module.messages),
  },
  skeleton: () => <PanelSkeleton />,
  draw: ({ api, context }) => (
    <Panel
      store={new ConversionStore(api, new AddressMemory())}
      deals={new DealsStore(api)}
      isAdmin={context.session.user.is_admin}
    />
  ),
});
