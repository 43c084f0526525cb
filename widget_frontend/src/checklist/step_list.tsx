import { useState } from 'preact/hooks';

import type { Checklist, ChecklistItem, Grade } from '../api/types';
import { quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { StateIcon } from '../ui/icons';
import { lookOf } from './model';
import type { ItemLook } from './model';
import { Advice, ProofFold } from './next_step';
import type { ChecklistStore } from './store';
import { factLine, gradeMeaning, learntLate, reasonText } from './words';

const STATE_KEYS: Record<ItemLook, MessageKey> = {
  met: 'card.state.met',
  next: 'card.state.next',
  unmet: 'card.state.unmet',
  waived: 'card.state.waived',
  unknown: 'card.state.unknown',
};

interface ListProps {
  list: Checklist;
  store: ChecklistStore;
  now: Date;
}

/** Every step on a line of its own; a line opens to what proved it or what would. */
export function StepList({ list, store, now }: ListProps) {
  return (
    <ol class="steps">
      {list.items.map((item) => (
        <Step key={item.key} item={item} look={lookOf(item, list.next_key)} store={store} now={now} />
      ))}
    </ol>
  );
}

interface StepProps {
  item: ChecklistItem;
  look: ItemLook;
  store: ChecklistStore;
  now: Date;
}

function Step({ item, look, store, now }: StepProps) {
  const [isOpen, setOpen] = useState(false);
  const head = <StepHead item={item} look={look} now={now} />;
  // What is owed next is spelt out above the list already.
  if (look === 'next') {
    return (
      <li class={look} aria-current="step">
        <div class="step-head">{head}</div>
      </li>
    );
  }
  return (
    <li class={look}>
      <button type="button" class="step-head" aria-expanded={isOpen} onClick={() => { setOpen(!isOpen); }}>
        {head}
      </button>
      {isOpen && <StepMore item={item} look={look} store={store} now={now} />}
    </li>
  );
}

function StepHead({ item, look, now }: Omit<StepProps, 'store'>) {
  const meta = metaLine(item, look, now);
  return (
    <>
      <StateIcon look={look} label={t(STATE_KEYS[look])} />
      <span class="title">{item.title}</span>
      {look === 'met' && item.grade ? <GradeChip grade={item.grade} /> : <span />}
      {meta && <span class="meta small muted">{meta}</span>}
    </>
  );
}

function metaLine(item: ChecklistItem, look: ItemLook, now: Date): string {
  const fact = item.facts.at(-1);
  if (look === 'met') return fact ? factLine(fact, now) : '';
  const opens = item.opens ? t('card.opens', { stage: quoted(item.opens.stage_title) }) : '';
  if (look === 'next') return opens;
  return [reasonText(item), item.is_optional ? t('optional') : ''].filter(Boolean).join(' · ');
}

function GradeChip({ grade }: { grade: Grade }) {
  const meaning = gradeMeaning(grade);
  const isWeak = grade === 'C' || grade === 'D';
  return (
    <abbr class={isWeak ? 'grade weak' : 'grade'} title={meaning}>
      <span aria-hidden="true">{grade}</span>
      <span class="visually-hidden">{t('card.gradeLabel', { grade, meaning })}</span>
    </abbr>
  );
}

function StepMore({ item, look, store, now }: StepProps) {
  if (look === 'met') return <Proven item={item} now={now} />;
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
