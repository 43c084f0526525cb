import { useState } from 'preact/hooks';

import type { ChecklistItem } from '../api/types';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import { canVouch, phraseToCopy } from './model';
import { StepActions } from './step_actions';
import type { ChecklistStore } from './store';
import { needsText, reasonText } from './words';

/** The one thing that the client owes now, what to say, and what would prove it. */
export function NextStep({ item, store }: { item: ChecklistItem; store: ChecklistStore }) {
  const reason = reasonText(item);
  return (
    <section class="next-step">
      <div>
        <p class="kicker">{t('card.nextKicker')}</p>
        <h2>{item.request || item.title}</h2>
        {reason && <p class="muted">{reason}</p>}
      </div>
      <Advice item={item} store={store} />
      <ProofFold item={item} id="next-proof" />
    </section>
  );
}

/** Hint and objections of a step, with the actions on it. */
export function Advice({ item, store }: { item: ChecklistItem; store: ChecklistStore }) {
  return (
    <>
      <StepActions item={item} store={store} lead={item.hint ? <CopyButton text={phraseToCopy(item.hint)} /> : null} />
      {item.hint && (
        <details open>
          <summary>{t('card.say')}</summary>
          <blockquote>{item.hint}</blockquote>
        </details>
      )}
      {item.objections.map((objection) => (
        <details key={objection.says}>
          <summary>{t('card.objection', { says: quoted(objection.says) })}</summary>
          <blockquote>{objection.answer}</blockquote>
        </details>
      ))}
    </>
  );
}

/** What would prove a step, in words. */
export function ProofFold({ item, id }: { item: ChecklistItem; id?: string }) {
  const needs = needsText(item);
  return (
    <details {...(id ? { id } : {})} open>
      <summary>{t('card.proves')}</summary>
      <p class="small muted">{t(needs ? 'card.provesText' : 'card.provesManualOnly', { what: [needs, ...item.conditions].join(', ') })}</p>
      {needs && !canVouch(item) && <p class="small muted">{t('card.provesNot')}</p>}
    </details>
  );
}

function CopyButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const { copyText } = await import('./copy_text');
    setCopied(await copyText(text));
  };
  return (
    <button type="button" class="primary" onClick={() => void copy()}>
      {t(isCopied ? 'card.copied' : 'card.copy')}
    </button>
  );
}
