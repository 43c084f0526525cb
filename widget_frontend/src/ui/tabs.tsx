import { useEffect, useRef } from 'preact/hooks';

export interface Tab {
  key: string;
  title: string;
}

interface TabsProps {
  label: string;
  tabs: Tab[];
  current: string;
  /** The id of the panel that the tabs change. */
  controls: string;
  onChoose: (key: string) => void;
}

/** More of them would fill the screen before anything else comes. */
const MOST_TABS = 12;

/** Tabs that arrow keys walk through; a list to choose from when they are very many. */
export function Tabs(props: TabsProps) {
  return props.tabs.length > MOST_TABS ? <Choice {...props} /> : <Row {...props} />;
}

function Choice({ label, tabs, current, onChoose }: TabsProps) {
  return (
    <select class="choice" id={`tab-${current}`} aria-label={label} value={current} onChange={(event) => { onChoose(event.currentTarget.value); }}>
      {tabs.map((tab) => <option key={tab.key} value={tab.key}>{tab.title}</option>)}
    </select>
  );
}

function Row({ label, tabs, current, controls, onChoose }: TabsProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (row.current) showChosen(row.current);
  }, [current]);
  const walk = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.findIndex((tab) => tab.key === current);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onChoose(next.key);
    row.current?.querySelectorAll('button')[tabs.indexOf(next)]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={row} onKeyDown={walk}>
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          id={`tab-${tab.key}`}
          aria-controls={controls}
          aria-selected={tab.key === current}
          tabIndex={tab.key === current ? 0 : -1}
          onClick={() => { onChoose(tab.key); }}
        >
          {tab.title}
        </button>
      ))}
    </div>
  );
}

/** Left free beside a tab that was scrolled to. */
const ROOM_PX = 8;

/** Where the tabs do not fit, the chosen one is scrolled to; the page itself stays where it is. */
function showChosen(row: HTMLElement): void {
  const tab = row.querySelector<HTMLElement>('[aria-selected="true"]');
  if (!tab) return;
  const left = tab.offsetLeft - row.offsetLeft - ROOM_PX;
  const right = left + tab.offsetWidth + 2 * ROOM_PX;
  if (left < row.scrollLeft) row.scrollLeft = left;
  else if (right > row.scrollLeft + row.clientWidth) row.scrollLeft = right - row.clientWidth;
}
