import { t } from '../i18n/translate';
import { useWay } from './journey';
import { Watched, useWatched } from './watched';

/** Where the admin can go: a view of ours, and a section of it. */
export type Place = 'map' | 'lock' | 'objections' | 'account' | 'panel';

const PLACES = [
  { place: 'map', view: 'settings', key: 'nav.settings' },
  { place: 'panel', view: 'panel', key: 'nav.panel' },
  { place: 'lock', view: 'settings', key: 'nav.lock' },
  { place: 'objections', view: 'settings', key: 'nav.objections' },
  { place: 'account', view: 'settings', key: 'nav.account' },
] as const;

/** Whether this CRM can refuse a move itself, so that a lock has a page; learnt from the server. */
export const isLockable = new Watched(false);

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
  return PLACES.find(({ place, view }) => view === 'settings' && place === section)?.place ?? 'map';
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
  const way = useWay();
  const hasLinks = hasAddresses();
  const hasLock = useWatched(isLockable) || current === 'lock';
  const here = PLACES.find((one) => one.place === current)?.view;
  const goTo = ({ place, view }: (typeof PLACES)[number]): void => {
    if (onGo && view === here) onGo(place);
    else way?.(view, place);
  };
  return (
    <nav class="nav" aria-label={t('nav.label')}>
      {PLACES.filter(({ place }) => place !== 'lock' || hasLock).map((one) => {
        const mark = one.place === current ? ({ 'aria-current': 'page' } as const) : {};
        const name = <>{t(one.key)}{waiting[one.place] ? <b class="count">{waiting[one.place]}</b> : null}</>;
        if (!hasLinks) return <button key={one.place} type="button" onClick={() => { goTo(one); }} {...mark}>{name}</button>;
        const href = viewAddress(one.view, one.view === 'settings' && one.place !== 'map' ? one.place : '');
        const follow = (event: MouseEvent): void => {
          if (!onGo || one.view !== 'settings' || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          history.replaceState(null, '', href);
          onGo(one.place);
        };
        return <a key={one.place} href={href} onClick={follow} {...mark}>{name}</a>;
      })}
    </nav>
  );
}
