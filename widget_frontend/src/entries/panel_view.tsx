import { DealsStore } from '../conversion/deals_store';
import { AddressMemory } from '../conversion/memory';
import { Panel } from '../conversion/panel';
import { PostedMemory } from '../conversion/posted_memory';
import { PanelSkeleton } from '../conversion/skeleton';
import { ConversionStore } from '../conversion/store';
import type { View } from '../ui/journey';
import { hasAddresses, isLockable } from '../ui/nav';

/** The figures. */
export const panelView: View = {
  texts: {
    ru: () => import('../i18n/ru/panel_page').then((module) => module.messages),
    en: () => import('../i18n/en/panel_page').then((module) => module.messages),
  },
  skeleton: () => <PanelSkeleton />,
  draw: ({ api, context }) => {
    isLockable.value = context.session.account.has_lock;
    return (
      <Panel
        store={new ConversionStore(api, hasAddresses() ? new AddressMemory() : new PostedMemory())}
        deals={new DealsStore(api)}
        isAdmin={context.session.user.is_admin}
      />
    );
  },
};
