import { useState } from 'preact/hooks';

import type { AccountSettings, Catalog } from '../api/types';
import { t } from '../i18n/translate';
import { useSending } from '../ui/sending';
import type { AccountStore } from './store';

type Viewers = AccountSettings['panel_viewers'];

const MEANS = { own: 'account.viewersOwn', everyone: 'account.viewersEveryone' } as const;

interface ViewersProps {
  store: AccountStore;
  settings: AccountSettings;
  people: Catalog['users'];
}

/** Whose deals the panel counts for whom; administrators always see all. */
export function ViewersForm({ store, settings, people }: ViewersProps) {
  const [viewers, setViewers] = useState<Viewers>(settings.panel_viewers);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(settings.panel_user_ids));
  const [isSaved, setSaved] = useState(false);
  const { isSending, fault, send } = useSending();
  const submit = (event: Event): void => {
    event.preventDefault();
    void send(() => store.change({ panel_viewers: viewers, panel_user_ids: [...chosen] })).then(setSaved);
  };
  const toggle = (id: string): void => {
    setSaved(false);
    setChosen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
  };
  return (
    <section aria-labelledby="viewers-title">
      <h2 id="viewers-title">{t('account.viewers')}</h2>
      <form class="stack" onSubmit={submit}>
        {(['own', 'everyone'] as const).map((one) => (
          <label key={one} class="check">
            <input type="radio" name="viewers" checked={one === viewers} onChange={() => { setViewers(one); setSaved(false); }} />
            {t(MEANS[one])}
          </label>
        ))}
        {viewers === 'own' && <Exceptions people={people} chosen={chosen} onToggle={toggle} />}
        <div class="row wide">
          <button type="submit" class="primary" disabled={isSending}>{t('account.save')}</button>
          <span class="small muted" role="status">{isSaved && t('account.saved')}</span>
        </div>
        {fault && <p class="fault" role="alert">{fault}</p>}
      </form>
    </section>
  );
}

interface ExceptionsProps {
  people: Catalog['users'];
  chosen: ReadonlySet<string>;
  onToggle: (id: string) => void;
}

function Exceptions({ people, chosen, onToggle }: ExceptionsProps) {
  const offered = people.filter(({ id, is_admin, is_active }) => !is_admin && (is_active || chosen.has(id)));
  if (!offered.length) return <p class="small muted">{t('account.viewersNobody')}</p>;
  return (
    <fieldset>
      <legend>{t('account.viewersAlso')}</legend>
      <div class="people" tabIndex={0} role="group" aria-label={t('account.viewersAlso')}>
        {offered.map(({ id, name }) => (
          <label key={id} class="check">
            <input type="checkbox" checked={chosen.has(id)} onChange={() => { onToggle(id); }} />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
