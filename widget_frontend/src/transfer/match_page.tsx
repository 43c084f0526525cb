import { useEffect, useRef, useState } from 'preact/hooks';

import type { MatchState, MatchTarget } from '../api/types';
import { t } from '../i18n/translate';
import { useWatched } from '../ui/watched';
import { BringForm } from './bring_form';
import { MatchList } from './match_list';
import { answered, isGuess, isLonely, spotsOf, withChoice, withGuesses, withoutLonely } from './model';
import type { Spot } from './model';
import type { TransferStore } from './store';

/** With more choices than that in all its rows the page would be slow to draw. */
const MANY_OPTIONS = 6_000;

interface MatchPageProps {
  store: TransferStore;
  seen: MatchState;
  onDone: () => void;
}

/** A file beside the account: what is what, and what would stay out. Nothing is kept before the last button. */
export function MatchPage({ store, seen, onDone }: MatchPageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isBusy = useWatched(store.isBusy);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const choose = (spot: Spot, target: string): void => {
    void store.choose(withChoice(store.chosen.value, spot, target), answered(seen, spot, target));
  };
  const isLazy = spotsOf(seen).length * Math.max(seen.targets.fields.length, seen.targets.stages.length) > MANY_OPTIONS;
  const shared = { doubtful: store.doubtful, targetsOf: (spot: Spot) => targetsOf(seen, spot), isLazy, onChoose: choose };
  const alone = (list: Spot['list']): Spot[][] => spotsOf(seen).filter((spot) => spot.list === list).map((spot) => [spot]);
  return (
    <section class="transfer stack" aria-busy={isBusy}>
      <header class="row wide">
        <h2 ref={heading} tabIndex={-1}>{t('transfer.heading')}</h2>
        <button type="button" class="link" onClick={() => { store.close(); }}>{t('transfer.back')}</button>
      </header>
      <About seen={seen} fileName={store.fileName} />
      <Undecided store={store} seen={seen} />
      <MatchList title="transfer.stages" groups={alone('stages')} {...shared} />
      <MatchList title="transfer.otherStages" groups={alone('other_stages')} {...shared} />
      <MatchList title="transfer.fields" groups={fieldGroups(seen)} {...shared} />
      <MatchList title="transfer.people" groups={alone('people')} {...shared} />
      <People store={store} seen={seen} />
      <MatchList title="transfer.sources" groups={alone('sources')} {...shared} />
      <BringForm store={store} seen={seen} onDone={onDone} />
    </section>
  );
}

function fieldGroups(seen: MatchState): Spot[][] {
  return seen.fields.map((row) => [
    { list: 'fields' as const, row, field: '' },
    ...row.choices.map((choice) => ({ list: 'fields' as const, row: choice, field: row.name })),
  ]);
}

function targetsOf(seen: MatchState, { list, field }: Spot): MatchTarget[] {
  if (list === 'sources') return named(seen.targets.sources);
  if (field) return named(seen.fields.find(({ name }) => name === field)?.options ?? []);
  return seen.targets[list];
}

function named(titles: string[]): MatchTarget[] {
  return titles.map((title) => ({ id: title, title, group: '' }));
}

function About({ seen: { origin, segments, steps, gates }, fileName }: { seen: MatchState; fileName: string }) {
  const version = origin.version === null ? '' : t('transfer.fromVersion', { n: origin.version });
  const from = origin.account && origin.pipeline
    ? t('transfer.from', { account: origin.account, pipeline: origin.pipeline, version })
    : t('transfer.fromFile', { name: fileName });
  const holds = t('transfer.holds', {
    segments: t('transfer.segments', { n: segments }),
    steps: t('transfer.steps', { n: steps }),
    gates: t('transfer.gates', { n: gates }),
  });
  return <p class="muted">{[from, holds, origin.is_same_account && t('transfer.sameAccount')].filter(Boolean).join(' ')}</p>;
}

/** How much waits for a look, and the two answers for all of it at once. */
function Undecided({ store, seen }: { store: TransferStore; seen: MatchState }) {
  const spots = spotsOf(seen);
  const [guesses, lonely] = [spots.filter(isGuess).length, spots.filter(isLonely).length];
  const n = guesses + lonely;
  const what = [guesses && t('transfer.guesses', { n: guesses }), lonely && t('transfer.lonely', { n: lonely })].filter(Boolean);
  return (
    <div class={n ? 'notice wait undecided' : 'notice undecided'}>
      <p role="status">{n ? t('transfer.open', { n, what: what.join(t('transfer.and')) }) : t('transfer.allFound')}</p>
      {n > 0 && (
        <div class="row wide">
          {guesses > 0 && (
            <button type="button" class="link" onClick={() => void store.choose(withGuesses(store.chosen.value, seen))}>{t('transfer.takeGuesses')}</button>
          )}
          {lonely > 0 && (
            <button type="button" class="link" onClick={() => void store.choose(withoutLonely(store.chosen.value, seen))}>{t('transfer.leaveLonely')}</button>
          )}
        </div>
      )}
    </div>
  );
}

/** Access is no part of the map: it comes over only when it is asked for. */
function People({ store, seen }: { store: TransferStore; seen: MatchState }) {
  const wishes = useWatched(store.wishes);
  const [isAsked, ask] = useState(wishes.with_people);
  if (!seen.people.some((row) => row.sees_all)) return null;
  const change = (on: boolean): void => {
    ask(on);
    void store.wish({ with_people: on });
  };
  return (
    <label class="check">
      <input type="checkbox" checked={isAsked} onChange={(event) => { change(event.currentTarget.checked); }} />
      {t('transfer.withPeople')}
    </label>
  );
}
