import { useState } from 'preact/hooks';

import type { Checklist, ChecklistItem, Grade } from '../api/types';
import { quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { StateIcon } from '../ui/icons';
import { late } from './late';
import { lookOf, nearNext } from './model';
import type { ItemLook } from './model';
import type { ChecklistStore } from './store';
import { factLine, gradeMeaning, reasonText } from './words';

const StepMore = late(() => import('./step_more').then((module) => module.StepMore));

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
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? list.items : nearNext(list.items, list.next_key);
  return (
    <>
      <ol class="steps" start={list.items.indexOf(shown[0] as ChecklistItem) + 1}>
        {shown.map((item) => (
          <Step key={item.key} item={item} look={lookOf(item, list.next_key)} store={store} now={now} />
        ))}
      </ol>
      {shown !== list.items && (
        <button type="button" class="link small" onClick={() => { setWhole(true); }}>
          {t('card.showAll', { n: list.items.length })}
        </button>
      )}
    </>
  );
}

export interface StepProps {
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
