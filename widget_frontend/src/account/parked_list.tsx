import type { ParkedLane, ParkedLanes } from '../api/types';
import { moment } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { useSending } from '../ui/sending';
import type { AccountStore } from './store';

const ENTITY_KEYS: Record<ParkedLane['entity'], MessageKey> = {
  deal: 'account.parkedDeal',
  contact: 'account.parkedContact',
  record: 'account.parkedRecord',
  account: 'account.parkedAccount',
};

/** What could not be worked on: why, since when, and how to try once more. */
export function ParkedList({ store, parked }: { store: AccountStore; parked: ParkedLanes }) {
  return (
    <section aria-labelledby="parked-title">
      <h2 id="parked-title">{t('account.parked')}</h2>
      <p class="muted" role="status">
        {parked.total ? t('account.parkedSome', { n: parked.total }) : t('account.parkedNone')}
      </p>
      <ul class="rows">
        {parked.lanes.map((lane) => <Parked key={lane.entity + lane.entity_id} store={store} lane={lane} />)}
      </ul>
    </section>
  );
}

function Parked({ store, lane }: { store: AccountStore; lane: ParkedLane }) {
  const { isSending, fault, send } = useSending();
  const name = lane.title || t(ENTITY_KEYS[lane.entity], { id: lane.entity_id });
  return (
    <li>
      <div>
        <p>{lane.url ? <a href={lane.url} target="_blank" rel="noopener">{name}</a> : name}</p>
        <p class="small muted">
          {[lane.sentence, lane.since ? t('account.parkedSince', { when: moment(lane.since, new Date()) }) : ''].filter(Boolean).join(' ')}{' '}
          <code>{lane.error}</code>
        </p>
        {fault && <p class="fault" role="alert">{fault}</p>}
      </div>
      <p class="row">
        <button type="button" disabled={isSending} onClick={() => void send(() => store.retry(lane))}>{t('retry')}</button>
        <button type="button" class="link" disabled={isSending} title={t('account.parkedDropMeans')} onClick={() => void send(() => store.drop(lane))}>
          {t('account.parkedDrop')}
        </button>
      </p>
    </li>
  );
}
