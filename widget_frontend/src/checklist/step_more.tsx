import type { ChecklistItem, Fact } from '../api/types';
import { moment, quoted } from '../format/format';
import { t } from '../i18n/translate';
import { useSending } from '../ui/sending';
import { Advice, ProofFold } from './next_step';
import type { StepProps } from './step_list';
import type { ChecklistStore } from './store';
import { factLine, gradeMeaning } from './words';

/** What a step's line opens to: what proved it, the way back to it, or what would prove it. */
export function StepMore({ item, look, store, now }: StepProps) {
  if (look === 'met') return <Proven item={item} now={now} />;
  if (look === 'waived') return <SetAside item={item} store={store} />;
  return (
    <div class="step-more">
      {item.opens && <p class="small muted">{t('card.opens', { stage: quoted(item.opens.stage_title) })}</p>}
      <Advice item={item} store={store} />
      <ProofFold item={item} />
    </div>
  );
}

/** The newest fact stands on the step's own line already; here are the others, and how strong all are. */
function Proven({ item, now }: { item: ChecklistItem; now: Date }) {
  const newest = item.facts.at(-1);
  const late = newest ? learntLate(newest, now) : '';
  return (
    <div class="step-more small muted">
      {item.grade && <p>{[gradeMeaning(item.grade), late].filter(Boolean).join(' · ')}</p>}
      {item.facts.slice(0, -1).map((fact) => (
        <p key={fact.occurred_at + fact.kind + fact.text}>{factLine(fact, now)}</p>
      ))}
    </div>
  );
}

/** A step that was set aside can be taken back any time. */
function SetAside({ item, store }: { item: ChecklistItem; store: ChecklistStore }) {
  const { isSending, fault, send } = useSending();
  return (
    <div class="step-more">
      {fault && <p class="fault" role="alert">{fault}</p>}
      <button type="button" disabled={isSending} onClick={() => void send(() => store.unwaive(item.key))}>
        {t('card.waiveBack')}
      </button>
    </div>
  );
}

/** Said when we learnt a fact much later than it happened; else empty. */
export function learntLate(fact: Fact, now: Date): string {
  const lag = Date.parse(fact.recorded_at) - Date.parse(fact.occurred_at);
  return lag > 86_400_000 ? t('card.reason.late', { when: moment(fact.recorded_at, now) }) : '';
}
