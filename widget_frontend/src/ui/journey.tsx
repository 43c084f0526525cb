import { createContext } from 'preact';
import type { ComponentChild } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { HostBridge } from '../host/bridge';
import { addMessages, t } from '../i18n/translate';
import type { Ready, Texts } from './boot';

/** A page of ours that others of ours lead to. */
export interface View {
  texts: Texts;
  skeleton: () => ComponentChild;
  /** `section` is the part of it that was asked for, empty for its beginning. */
  draw: (ready: Ready, section: string) => ComponentChild;
}

export type Views = Record<string, () => Promise<View>>;
export type Go = (view: string, section?: string) => void;

const Way = createContext<Go | null>(null);
const Host = createContext<HostBridge | null>(null);

/** How to go to another page in the same frame; null where each page has an address to go to. */
export function useWay(): Go | null {
  return useContext(Way);
}

/** The page around ours. */
export function useHost(): HostBridge | null {
  return useContext(Host);
}

interface JourneyProps {
  ready: Ready;
  /** The page to begin with: its texts are there already. */
  first: View;
  views: Views;
  /** The page that this person has to see in its place. */
  instead?: string | undefined;
}

interface Stop {
  draw: () => ComponentChild;
  /** Going to the page that is open already begins it anew. */
  number: number;
}

/**
 * Our pages taking turns in one frame. A CRM that opens a page by a post gives it no address: a link to
 * another page would lead out of the session, so the next page is drawn here with the session that there is.
 */
export function Journey({ ready, first, views, instead }: JourneyProps) {
  const [stop, setStop] = useState<Stop>({ draw: instead ? first.skeleton : () => first.draw(ready, ''), number: 0 });
  const [isLost, setLost] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  // A page's stores live as long as the page is shown.
  const drawn = useMemo(() => stop.draw(), [stop]);
  const arrive = async (load: () => Promise<View>, section: string): Promise<void> => {
    const view = await load();
    addMessages(await view.texts[ready.context.language]());
    setStop((before) => ({ draw: () => view.draw(ready, section), number: before.number + 1 }));
    setLost(false);
    requestAnimationFrame(() => { place.current?.focus({ preventScroll: true }); });
  };
  const go: Go = (name, section = '') => {
    const load = views[name];
    if (load) arrive(load, section).catch(() => { setLost(true); });
  };
  useEffect(() => {
    if (instead) go(instead);
  }, [instead]);
  return (
    <Host.Provider value={ready.host}>
      <Way.Provider value={go}>
        {isLost && <p class="notice stop" role="alert">{t('error.bodyPlain')}</p>}
        <div key={stop.number} ref={place} class="journey" tabIndex={-1}>{drawn}</div>
      </Way.Provider>
    </Host.Provider>
  );
}
