import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import type { Params } from '../i18n/translate';

interface BlankProps {
  title: MessageKey;
  body: MessageKey;
  params?: Params;
  onRetry?: (() => void) | undefined;
}

/** A whole page or block that has nothing to show: says why and what comes next. */
export function Blank({ title, body, params, onRetry }: BlankProps) {
  return (
    <section class="blank" role="status">
      <h2>{t(title)}</h2>
      <p class="muted">{t(body, params)}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {t('retry')}
        </button>
      )}
    </section>
  );
}
