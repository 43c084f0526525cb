import { useLayoutEffect, useRef } from 'preact/hooks';

import type { Checklist, Forward } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { keepFocus, useSending } from '../ui/sending';
import { moodOf } from './model';
import type { ChecklistStore } from './store';

interface ForwardProps {
  forward: Forward;
  list: Checklist;
  store: ChecklistStore;
}

/** The client has done what the next stage asks for: one button moves the deal there, or says why it could not. */
export function ForwardLine({ forward, list, store }: ForwardProps) {
  const { isSending, fault, send } = useSending();
  const stage = quoted(forward.stage_title);
  const isMoving = forward.state === 'moving' || isSending;
  const isRefused = forward.state === 'refused';
  useOutcome(forward, store);
  const press = (): void => {
    if (isMoving) return;
    store.movedTo.value = '';
    void send(() => store.moveOn(forward.stage_id));
  };
  return (
    <section class="next-step done forward" aria-labelledby="forward-title">
      <h2 id="forward-title">
        {moodOf(list) === 'all_done' ? t('card.allDoneTitle') : t('card.forward.title', { stage })}
      </h2>
      {isRefused && !isMoving && (
        <p class="refused">
          <b>{t('card.forward.refused', { stage })}</b> {forward.text}
        </p>
      )}
      {fault && !isMoving && <p class="fault" role="alert">{fault}</p>}
      <button type="button" class="primary" aria-disabled={isMoving} onClick={press}>
        {isMoving && <i class="turning" aria-hidden="true" />}
        {t(isMoving ? 'card.forward.moving' : 'card.forward.go', { stage })}
      </button>
    </section>
  );
}

/** Tells who listens how a move fares, and tells the CRM's page around us when the deal has arrived. */
function useOutcome({ state, stage_id: stageId, stage_title: title, text }: Forward, store: ChecklistStore): void {
  const stage = quoted(title);
  const wasMoving = useRef(false);
  // Not a frame later: a quick move may be over by then.
  useLayoutEffect(() => {
    if (state === 'moving') {
      wasMoving.current = true;
      store.announcement.value = t('card.forward.moving', { stage });
    }
    if (state === 'refused') store.announcement.value = `${t('card.forward.refused', { stage })} ${text}`;
  }, [state, text]);
  useLayoutEffect(
    () => () => {
      if (!wasMoving.current || store.list.value?.deal.stage_id !== stageId) return;
      store.movedTo.value = title;
      store.announcement.value = t('card.forward.done', { stage });
      store.host?.dealChanged?.();
      keepFocus();
    },
    [stageId],
  );
}
