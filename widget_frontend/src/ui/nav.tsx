import { t } from '../i18n/translate';

const VIEWS = ['settings', 'panel'] as const;
const KEYS = { settings: 'nav.settings', panel: 'nav.panel' } as const;

/** The address of another view of ours, with all that the host told this one. */
export function viewAddress(view: string, place: Location = location): string {
  return place.pathname.replace(/[^/]+$/, view) + place.search + place.hash;
}

/** The two pages under the CRM's settings. */
export function Nav({ current }: { current: (typeof VIEWS)[number] }) {
  return (
    <nav class="nav" aria-label={t('nav.label')}>
      {VIEWS.map((view) => (
        <a key={view} href={viewAddress(view)} {...(view === current ? { 'aria-current': 'page' } : {})}>
          {t(KEYS[view])}
        </a>
      ))}
    </nav>
  );
}
