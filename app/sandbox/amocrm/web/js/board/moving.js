import { post } from '../api.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { openDialog, openMenu } from '../overlay.js';
import { pipelineById, stageOf, state } from '../state.js';
import { attempt } from '../toast.js';

export const LOST = 143;

/** Ask where a lead goes and put it there. `done(statusId)` follows a success. */
export function chooseStage(lead, button, done) {
  const stages = pipelineById(lead.pipeline_id).statuses.filter((stage) => stage.type !== 1);
  openMenu(button, t('moveTo'), stages.map((stage) => ({
    label: stage.name,
    colour: stage.color,
    current: stage.id === lead.status_id,
    run: () => moveLead(lead, stage.id, done),
  })));
}

/** Move a lead as the person at the page; a lost one is asked for its reason. Resolves to false when refused. */
export async function moveLead(lead, statusId, done = () => {}) {
  if (statusId === lead.status_id) return false;
  if (statusId === LOST && state.lossReasons.length) return askReason(lead, done);
  return send(lead, { status_id: statusId, pipeline_id: lead.pipeline_id }, done);
}

async function send(lead, body, done) {
  return attempt(async () => {
    await post(`/sandbox/api/leads/${lead.id}/move`, body);
    done(body.status_id);
  });
}

function askReason(lead, done) {
  return new Promise((answer) => {
    let chosen = false;
    openDialog(t('lossReason'), (close) => {
      const choose = (reason) => async () => {
        chosen = true;
        close();
        answer(await send(lead, { status_id: LOST, pipeline_id: lead.pipeline_id, loss_reason_id: reason }, done));
      };
      return h('div', { class: 'reasons' },
        state.lossReasons.map((reason) => h('button', { type: 'button', on: { click: choose(reason.id) } }, reason.name)),
        h('button', { type: 'button', class: 'bare', on: { click: choose(null) } }, t('noReason')));
    }, () => { if (!chosen) answer(false); });
  });
}

/** What an integration did: null for a move by a person, else {back, stage} with the stage's name. */
export function robotMove(change) {
  if (change.origin !== 'api' || change.type !== 'status_lead' || !change.lead) return null;
  const stage = stageOf(change.pipeline_id, change.status_id);
  const was = stageOf(change.old_pipeline_id, change.old_status_id);
  return { back: Boolean(stage && was && stage.sort < was.sort), stage: stage?.name || '' };
}

/** Who moved it, as far as an account can tell: the one installed integration, or one of them. */
export function robotName() {
  const installed = state.integrations.filter((each) => each.installed);
  return installed.length === 1 ? installed[0].name : t('integration');
}
