import { useState } from 'preact/hooks';

import type { Channel, ChecklistItem } from '../api/types';
import { dayOf } from '../format/format';
import { t } from '../i18n/translate';
import { useFocus } from '../ui/focus';
import { useSending } from '../ui/sending';
import { vouchFault } from './vouch_draft';
import type { ChecklistStore } from './store';
import { CHANNELS, channelText } from './words';

interface VouchFormProps {
  item: ChecklistItem;
  store: ChecklistStore;
  onClose: () => void;
}

/** A manager's word for a step: the client's quote, the day and the channel. */
export function VouchForm({ item, store, onClose }: VouchFormProps) {
  const today = dayOf(new Date());
  const [quote, setQuote] = useState('');
  const [happenedOn, setHappenedOn] = useState(today);
  const [channel, setChannel] = useState<Channel>('call');
  const [own, setOwn] = useState('');
  const field = useFocus<HTMLTextAreaElement>();
  const { isSending, fault, send } = useSending();
  const submit = (event: Event): void => {
    event.preventDefault();
    const wrong = vouchFault({ quote, happenedOn }, today);
    setOwn(wrong ? t(wrong === 'short' ? 'card.vouchShort' : 'card.vouchFuture') : '');
    if (wrong) return;
    const body = { checkpoint_key: item.key, quote: quote.trim(), happened_on: happenedOn, channel };
    void send(() => store.vouch(body)).then((isDone) => {
      if (isDone) onClose();
    });
  };
  return (
    <form class="stack vouch" onSubmit={submit} noValidate>
      <fieldset class="stack">
        <legend>{t('card.vouchTitle')}</legend>
        <label class="label">
          <span>{t('card.vouchQuote')}</span>
          <textarea
            ref={field}
            value={quote}
            maxLength={500}
            placeholder={t('card.vouchQuoteHint')}
            onInput={(event) => { setQuote(event.currentTarget.value); }}
          />
        </label>
        <div class="pair">
          <label class="label">
            <span>{t('card.vouchDate')}</span>
            <input type="date" value={happenedOn} max={today} onInput={(event) => { setHappenedOn(event.currentTarget.value); }} />
          </label>
          <label class="label">
            <span>{t('card.vouchChannel')}</span>
            <select value={channel} onChange={(event) => { setChannel(event.currentTarget.value as Channel); }}>
              {CHANNELS.map((one) => (
                <option key={one} value={one}>{channelText(one)}</option>
              ))}
            </select>
          </label>
        </div>
      </fieldset>
      {(own || fault) && <p class="fault" role="alert">{own || fault}</p>}
      <div class="row">
        <button type="submit" class="primary" disabled={isSending}>{t('card.vouchSend')}</button>
        <button type="button" class="link" onClick={onClose}>{t('cancel')}</button>
      </div>
      <p class="small muted">{t('card.vouchNote')}</p>
    </form>
  );
}
