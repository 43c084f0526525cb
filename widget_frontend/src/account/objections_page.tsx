import { useEffect, useState } from 'preact/hooks';

import type { Objection } from '../api/types';
import { moment, quoted } from '../format/format';
import { t } from '../i18n/translate';
import { Blank } from '../ui/blank';
import { TroubleBlank } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { AnswerForm } from './answer_form';
import type { AccountStore } from './store';

/** What managers said of stops that they think wrong; each gets an answer that the manager reads in the card. */
export function ObjectionsPage({ store }: { store: AccountStore }) {
  const [state, setState] = useState<Objection['state']>('open');
  useEffect(() => {
    store.objections.value = null;
    void store.openObjections(state);
  }, [store, state]);
  const [found, trouble] = [useWatched(store.objections), useWatched(store.trouble)];
  if (trouble) return <TroubleBlank trouble={trouble} errorId={store.errorId.value} onRetry={() => void store.openObjections(state)} />;
  const other = state === 'open' ? 'closed' : 'open';
  return (
    <div class="account">
      <section aria-labelledby="objections-title">
        <h2 id="objections-title">{t(state === 'open' ? 'objections.title' : 'objections.titleClosed')}</h2>
        {!found && <p class="muted">{t('loading')}</p>}
        {found?.objections.length === 0 &&
          (state === 'open' ? <Blank title="objections.noneTitle" body="objections.noneBody" /> : <p class="muted">{t('objections.noneClosed')}</p>)}
        <ul class="rows">
          {found?.objections.map((one) => <Row key={one.id} store={store} objection={one} />)}
        </ul>
        <button type="button" class="link" onClick={() => { setState(other); }}>
          {t(other === 'closed' ? 'objections.showClosed' : 'objections.showOpen')}
        </button>
      </section>
    </div>
  );
}

function Row({ store, objection }: { store: AccountStore; objection: Objection }) {
  const { deal_title, deal_url, text, missing } = objection;
  const name = deal_title || t('account.parkedDeal', { id: objection.deal_id });
  const who = [objection.by, moment(objection.at, new Date())].filter(Boolean).join(', ');
  return (
    <li class="objection">
      <p><a href={deal_url} target="_blank" rel="noopener">{name}</a></p>
      <p class="small muted">
        {t('objections.move', { from: quoted(objection.from_stage_title), to: quoted(objection.to_stage_title) })}
        {missing.length > 0 && ` · ${t('objections.missing', { steps: missing.map(quoted).join(', ') })}`}
      </p>
      <blockquote>
        <p>{text}</p>
        <footer class="small muted">{who}</footer>
      </blockquote>
      {objection.state === 'open' ? <AnswerForm store={store} objection={objection} /> : <Closed objection={objection} />}
    </li>
  );
}

function Closed({ objection }: { objection: Objection }) {
  const when = objection.closed_at ? moment(objection.closed_at, new Date()) : '';
  return (
    <p class="small">
      {objection.note} <span class="muted">{[objection.closed_by, when].filter(Boolean).join(', ')}</span>
    </p>
  );
}
