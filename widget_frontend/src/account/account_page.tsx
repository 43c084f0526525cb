import { useEffect } from 'preact/hooks';

import type { Catalog } from '../api/types';
import { t } from '../i18n/translate';
import { TroubleBlank } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { ParkedList } from './parked_list';
import type { AccountStore } from './store';
import { ViewersForm } from './viewers_form';
import { WritesSwitch } from './writes_switch';

interface AccountProps {
  store: AccountStore;
  catalog: Catalog | null;
}

/** What concerns the whole account: writing to the CRM, who sees whose numbers, what was set aside. */
export function AccountPage({ store, catalog }: AccountProps) {
  useEffect(() => {
    void store.open();
  }, [store]);
  const [settings, parked, trouble] = [useWatched(store.settings), useWatched(store.parked), useWatched(store.trouble)];
  if (trouble) return <TroubleBlank trouble={trouble} errorId={store.errorId.value} onRetry={() => void store.open()} />;
  if (!settings || !parked || !catalog) return <p class="muted">{t('loading')}</p>;
  return (
    <div class="account">
      <WritesSwitch store={store} settings={settings} />
      <ViewersForm store={store} settings={settings} people={catalog.users} />
      <ParkedList store={store} parked={parked} />
    </div>
  );
}
