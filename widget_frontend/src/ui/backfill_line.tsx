import type { Progress } from '../api/types';
import { percent } from '../format/format';
import { t } from '../i18n/translate';

/** Said while the past is still being read. */
export function BackfillLine({ backfill }: { backfill: Progress | null }) {
  if (!backfill || backfill.state === 'done') return null;
  const share = backfill.total > 0 ? percent(Math.min(1, backfill.done / backfill.total)) : '';
  return (
    <p class="notice small" role="status">
      {share ? t('backfill.partial', { share }) : t('backfill.starting')}
    </p>
  );
}
