import { useState } from 'preact/hooks';

import type { FunnelState } from '../api/types';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import { Text } from '../ui/fields';
import { ChangesList } from './changes_list';
import { errorsAmong } from './model';
import { ProblemLines } from './problem_list';
import type { EditorStore } from './store';

interface ConfirmProps {
  store: EditorStore;
  onClose: () => void;
}

/** The last look before a draft takes effect. */
export function PublishForm({ store, state, onClose }: ConfirmProps & { state: FunnelState }) {
  const [note, setNote] = useState('');
  const errors = errorsAmong(state.problems);
  const submit = (event: Event): void => {
    event.preventDefault();
    void store.publish(note.trim());
    onClose();
  };
  if (errors.length) {
    return (
      <Drawer title={t('editor.hasErrors', { n: errors.length })} onClose={onClose}>
        <ProblemLines problems={errors} />
      </Drawer>
    );
  }
  return (
    <Drawer title={t('editor.publishTitle')} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p class="muted">{t('editor.publishBody')}</p>
        {state.published && <ChangesList store={store} before={state.published.number} after={null} />}
        <Text label={t('editor.publishNote')} value={note} onType={setNote} />
        <div class="row">
          <button type="submit" class="primary">{t('editor.publishGo')}</button>
        </div>
      </form>
    </Drawer>
  );
}

export function DiscardForm({ store, onClose }: ConfirmProps) {
  const discard = (): void => {
    void store.discard();
    onClose();
  };
  return (
    <Drawer title={t('editor.discardTitle')} onClose={onClose}>
      <p class="muted">{t('editor.discardBody')}</p>
      <div class="row">
        <button type="button" class="danger" onClick={discard}>{t('editor.discard')}</button>
      </div>
    </Drawer>
  );
}
