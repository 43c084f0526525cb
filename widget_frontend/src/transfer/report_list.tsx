import type { ReportLine } from '../api/types';
import { t } from '../i18n/translate';

const MOST_PLACES = 3;

/** What stayed out and what to look at, each with its places in the map. */
export function ReportList({ lines }: { lines: ReportLine[] }) {
  return (
    <ul class="report">
      {lines.map((line) => (
        <li key={line.sentence}>
          <b class={line.is_left_out ? 'tag out' : 'tag'}>{t(line.is_left_out ? 'transfer.leftOut' : 'transfer.lookAt')}</b>
          <span>
            {line.sentence}
            {line.places.some(Boolean) && <span class="small muted">{` ${placesText(line.places)}`}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function placesText(places: string[]): string {
  const more = places.length - MOST_PLACES;
  return [...places.slice(0, MOST_PLACES), ...(more > 0 ? [t('transfer.more', { n: more })] : [])].join(', ');
}
