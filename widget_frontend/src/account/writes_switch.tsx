import { useState } from 'preact/hooks';

import type { AccountSettings } from '../api/types';
import { t } from '../i18n/translate';
import { useSending } from '../ui/sending';
import type { AccountStore } from './store';

/** Whether anything is written into the CRM; what will happen is said before it does. */
export function WritesSwitch({ store, settings }: { store: AccountStore; settings: AccountSettings }) {
  const [isAsking, setAsking] = useState(false);
  const { isSending, fault, send } = useSending();
  const isOff = settings.writes_off;
  const change = (): void => {
    void send(() => store.change({ writes_off: !isOff })).then((isDone) => {
      if (isDone) setAsking(false);
    });
  };
  return (
    <section aria-labelledby="writes-title">
      <h2 id="writes-title">{t('account.writes')}</h2>
      <p role="status">
        <b class={isOff ? 'state off' : 'state'}>{t(isOff ? 'account.writesOff' : 'account.writesOn')}</b>{' '}
        {t(isOff ? 'account.writesOffMeans' : 'account.writesOnMeans')}
      </p>
      {isAsking ? (
        <div class="notice wait stack">
          <p>{t(isOff ? 'account.writesTurnOnMeans' : 'account.writesTurnOffMeans')}</p>
          <p class="row">
            <button type="button" class="primary" disabled={isSending} onClick={change}>
              {t(isOff ? 'account.writesTurnOn' : 'account.writesTurnOff')}
            </button>
            <button type="button" class="link" onClick={() => { setAsking(false); }}>{t('cancel')}</button>
          </p>
        </div>
      ) : (
        <p>
          <button type="button" onClick={() => { setAsking(true); }}>
            {t(isOff ? 'account.writesTurnOnAsk' : 'account.writesTurnOffAsk')}
          </button>
        </p>
      )}
      {fault && <p class="fault" role="alert">{fault}</p>}
    </section>
  );
}
