import { useEffect } from 'preact/hooks';

import type { Catalog, LockView } from '../api/types';
import { PipelineSelect } from '../funnel_editor/pipeline_select';
import type { EditorStore } from '../funnel_editor/store';
import { t } from '../i18n/translate';
import { Blank } from '../ui/blank';
import { TroubleBlank } from '../ui/trouble';
import { useWatched } from '../ui/watched';
import { held, lockable } from './model';
import { ResultsStep } from './results_step';
import { RolesStep } from './roles_step';
import type { LockStore } from './store';
import { TrialStep } from './trial_step';

const READ_EVERY_MS = 3_000;

interface LockPageProps {
  store: LockStore;
  editor: EditorStore;
  catalog: Catalog | null;
}

/** The CRM itself refuses what the client has not earned: what to set there, a trial, and what trials showed. */
export function LockPage({ store, editor, catalog }: LockPageProps) {
  const pipelineId = useWatched(editor.pipelineId);
  const [state, trouble] = [useWatched(store.state), useWatched(store.trouble)];
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void store.refresh();
    }, READ_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [store]);
  if (trouble) return <TroubleBlank trouble={trouble} errorId={store.errorId.value} onRetry={() => void store.open(pipelineId)} />;
  const pipeline = catalog?.pipelines.find(({ id }) => id === pipelineId);
  return (
    <div class="account lock">
      <div class="row wide">
        <h2 class="big">{t('nav.lock')}</h2>
        {catalog && catalog.pipelines.length > 1 && <PipelineSelect store={editor} catalog={catalog} />}
      </div>
      {catalog && pipeline && state ? (
        <Steps key={pipelineId} state={state} store={store} catalog={catalog} pipeline={pipeline} />
      ) : (
        <p class="muted">{t('loading')}</p>
      )}
    </div>
  );
}

export interface StepProps {
  state: LockView;
  store: LockStore;
  catalog: Catalog;
  pipeline: Catalog['pipelines'][number];
}

function Steps(props: StepProps) {
  const { state } = props;
  if (!state.is_supported) return <Blank title="lock.unsupportedTitle" body="lock.unsupportedBody" />;
  if (!lockable(state.stages).length) return <Blank title="lock.emptyTitle" body="lock.emptyBody" />;
  return (
    <>
      <header>
        <p>{t('lock.lead')}</p>
        <p class="tally"><b>{t('lock.tally', { ...held(state) })}</b></p>
        <PlanNotice plan={state.plan} />
      </header>
      <RolesStep {...props} />
      <TrialStep {...props} />
      <ResultsStep {...props} />
    </>
  );
}

function PlanNotice({ plan }: { plan: LockView['plan'] }) {
  if (plan.is_enough) return null;
  if (plan.is_enough === null) return <p class="small muted">{t('lock.planUnknown')}</p>;
  return (
    <p class="notice stop" role="status">
      {plan.title ? t('lock.planNo', { title: plan.title }) : t('lock.planNoUnnamed')}
    </p>
  );
}
