import type { Checklist, Missing } from '../api/types';
import { lowerFirst, moment } from '../format/format';
import { t } from '../i18n/translate';

/** Missing steps as a phrase: "открыть КП, назвать срок". */
export function missingText(missing: Missing[]): string {
  return missing.map((step) => lowerFirst(step.request || step.title)).join(', ');
}

/** Why the data are old, with their age; empty when they are fresh. */
export function staleText(list: Pick<Checklist, 'as_of' | 'stale' | 'stale_reason'>, now: Date): string {
  if (!list.stale) return '';
  const when = moment(list.as_of, now);
  if (list.stale_reason === 'crm_unavailable') return t('stale.crm_unavailable', { when });
  if (list.stale_reason === 'reauth_required') return t('stale.reauth_required', { when });
  return t('stale.other', { when });
}
