import { useState } from 'preact/hooks';

import type { MatchState } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { useWatched } from '../ui/watched';
import { sharedStages } from './model';
import { ReportList } from './report_list';
import type { TransferStore } from './store';

interface BringFormProps {
  store: TransferStore;
  seen: MatchState;
  onDone: () => void;
}

/** What would stay out, what has to be agreed to, and the button. */
export function BringForm({ store, seen, onDone }: BringFormProps) {
  const [wishes, isBusy, fault] = [useWatched(store.wishes), useWatched(store.isBusy), useWatched(store.fault)];
  const [isSending, setSending] = useState(false);
  const shared = sharedStages(seen);
  const { draft } = seen;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isSending) return;
    setSending(true);
    void store.bring(shared.map(({ target }) => target), draft?.revision ?? 0).then((isDone) => {
      setSending(false);
      if (isDone) onDone();
    });
  };
  return (
    <form class="bring stack" onSubmit={submit}>
      <Preview seen={seen} />
      {seen.strict_gates > 0 && !seen.origin.is_same_account && (
        <label class="check">
          <input type="checkbox" checked={wishes.keep_modes} onChange={(event) => void store.wish({ keep_modes: event.currentTarget.checked })} />
          {t('transfer.keepModes', { n: seen.strict_gates })}
        </label>
      )}
      {shared.map(({ target, title, names }) => (
        <label key={target} class="check">
          <input type="checkbox" required />
          {t('transfer.merge', { stage: title, names: names.map(quoted).join(', ') })}
        </label>
      ))}
      {draft && (
        <label key={draft.revision} class="check">
          <input type="checkbox" required />
          {draft.updated_by_name ? t('transfer.replaceDraftBy', { who: draft.updated_by_name }) : t('transfer.replaceDraft')}
        </label>
      )}
      {fault && <p class="fault lines" role="alert">{fault}</p>}
      <div class="row">
        <button type="submit" class="primary" disabled={isBusy}>{t(isSending ? 'transfer.bringing' : 'transfer.bring')}</button>
        <button type="button" onClick={() => { store.close(); }}>{t('transfer.back')}</button>
      </div>
    </form>
  );
}

function Preview({ seen: { report, errors } }: { seen: MatchState }) {
  return (
    <>
      {report.length ? (
        <details open>
          <summary>{t('transfer.preview', { n: report.length })}</summary>
          <ReportList lines={report} />
        </details>
      ) : (
        <p class="muted">{t('transfer.previewEmpty')}</p>
      )}
      {errors > 0 && <p class="notice wait">{t('transfer.gaps', { n: errors })}</p>}
    </>
  );
}
