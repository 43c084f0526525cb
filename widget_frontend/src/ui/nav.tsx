import { t } from '../i18n/translate';

/** Where the admin can go: a view of ours, and a section of it. */
export type Place = 'map' | 'objections' | 'account' | 'panel';

const PLACES = [
  { place: 'map', view: 'settings', key: 'nav.settings' },
  { place: 'panel', view: 'panel', key: 'nav.panel' },
  { place: 'objections', view: 'settings', key: 'nav.objections' },
  { place: 'account', view: 'settings', key: 'nav.account' },
] as const;

/** The address of another view of ours, with all that the host told this one. */
export function viewAddress(view: string, section = '', place: Location = location): string {
  const query = new URLSearchParams(place.search);
  query.delete('section');
  if (section) query.set('section', section);
  const asked = query.size ? `?${query.toString()}` : '';
  return place.pathname.replace(/[^/]+$/, view) + asked + place.hash;
}

/** Whether another view of ours has an address here: some CRMs open each view by a post of their own. */
export function hasAddresses(place: Location = location): boolean {
  return place.pathname.startsWith('/embed/');
}

/** The section of the settings that the address asks for. */
export function placeFrom(search: string): Place {
  const section = new URLSearchParams(search).get('section');
  return section === 'objections' || section === 'account' ? section : 'map';
}

interface NavProps {
  current: Place;
  /** What waits at a place. */
  waiting?: Partial<Record<Place, number>>;
  /** Sections of the view that is open already. */
  onGo?: (place: Place) => void;
}

/** The pages under the CRM's settings. */
export function Nav({ current, waiting = {}, onGo }: NavProps) {
  const here = PLACES.find((one) => one.place === current)?.view;
  const places = hasAddresses() ? PLACES : PLACES.filter((one) => one.view === here);
  return (
    <nav class="nav" aria-label={t('nav.label')}>
      {places.map(({ place, view, key }) => {
        const href = viewAddress(view, view === 'settings' && place !== 'map' ? place : '');
        const go = (event: MouseEvent): void => {
          if (!onGo || view !== 'settings' || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          history.replaceState(null, '', href);
          onGo(place);
        };
        return (
          <a key={place} href={href} onClick={go} {...(place === current ? { 'aria-current': 'page' } : {})}>
            {t(key)}
            {waiting[place] ? <b class="count">{waiting[place]}</b> : null}
          </a>
        );
      })}
    </nav>
  );
}
