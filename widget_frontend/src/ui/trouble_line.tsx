import type { Trouble } from '../api/trouble';
import { t } from '../i18n/translate';

/** A line above data that are still shown although the newest could not be read. */
export function TroubleLine({ trouble }: { trouble: Trouble | null }) {
  if (!trouble) return null;
  return (
    <p class="notice wait small" role="status">
      {t(trouble === 'offline' ? 'error.offline' : 'error.bodyPlain')}
    </p>
  );
}
