import { useState } from 'preact/hooks';

import type { Stop, Waiting } from '../api/types';
import { clockTime, moment, quoted } from '../format/format';
import { t } from '../i18n/translate';
import { late } from './late';
import { missingText } from './rare_words';
import type { ChecklistStore } from './store';

const ContestForm = late(() => import('./contest_form').then((module) => module.ContestForm));

interface StopProps {
  stop: Stop;
  store: ChecklistStore;
  now: Date;
}

/** Why a move was undone or flagged, and what would change it. */
export function StopBanner({ stop, store, now }: StopProps) {
  const when = moment(stop.occurred_at, now);
  const isMild = stop.action === 'warn' || stop.state === 'superseded';
  return (
    <section class={isMild ? 'halt mild' : 'halt'} role="status">
      <p>
        <b>{headline(stop)}</b> {whyText(stop)}
        {stop.action === 'move_back' && stop.state === 'failed' && ` ${t('card.stop.failedBody')}`}
      </p>
      {stop.missing.length > 1 && (
        <ul class="missing">
          {stop.missing.map((step) => <li key={step.key}>{step.title}</li>)}
        </ul>
      )}
      <p class="small muted">
        {stop.moved_by ? t('card.stop.by', { who: stop.moved_by, when }) : t('card.stop.byNobody', { when })}
      </p>
      <StopActions stop={stop} store={store} />
    </section>
  );
}

/** One missing step is told in the sentence, several in a list below it. */
function whyText({ missing, to_stage_title }: Stop): string {
  const stage = quoted(to_stage_title);
  return missing.length > 1
    ? t('card.stop.whySeveral', { stage })
    : t('card.stop.why', { stage, missing: missingText(missing) });
}

function headline(stop: Stop): string {
  const stage = quoted(stop.from_stage_title);
  if (stop.action === 'warn') return t('card.stop.warn');
  switch (stop.state) {
    case 'pending':
      return t('card.stop.pending', { stage });
    case 'done':
      return t('card.stop.done', { stage });
    case 'failed':
      return t('card.stop.failed', { stage });
    case 'superseded':
      return t('card.stop.superseded');
  }
}

/** What became of the manager's objection: passed on, or answered. */
function contestedText(objection: Stop['objection']): string {
  if (!objection?.note) return t('card.stop.contested');
  return t('card.stop.answered', { who: objection.closed_by || t('card.stop.admin'), note: quoted(objection.note) });
}

function StopActions({ stop, store }: { stop: Stop; store: ChecklistStore }) {
  const [isOpen, setOpen] = useState(false);
  const isAnswered = stop.objection?.state === 'closed';
  const said = stop.is_contested && <p class="small passed-on">{contestedText(stop.objection)}</p>;
  if (said && !isAnswered) return said;
  if (isOpen) return <ContestForm stop={stop} store={store} onClose={() => { setOpen(false); }} />;
  return (
    <>
      {said}
      <p class="row wide small">
        <button type="button" class="link" onClick={() => { setOpen(true); }}>
          {t(isAnswered ? 'card.stop.contestMore' : 'card.stop.contest')}
        </button>
        <button type="button" class="link" onClick={showProof}>
          {t('card.stop.show')}
        </button>
      </p>
    </>
  );
}

/** Open the part of the next step that says what proves it, and go there. */
function showProof(): void {
  const proof = document.getElementById('next-proof') as HTMLDetailsElement | null;
  if (!proof) return;
  proof.open = true;
  proof.querySelector('summary')?.focus();
}

export function WaitingLine({ waiting, now }: { waiting: Waiting; now: Date }) {
  const isToday = moment(waiting.due_at, now).includes(clockTime(waiting.due_at)) && Date.parse(waiting.due_at) - now.getTime() < 43_200_000;
  const when = isToday ? clockTime(waiting.due_at) : moment(waiting.due_at, now);
  return (
    <p class="notice wait small" role="status">
      {t('card.waiting', { when, missing: missingText(waiting.missing) })}
    </p>
  );
}
