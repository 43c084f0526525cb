import { post } from './api.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { openDialog, openMenu } from './overlay.js';
import { pipelineById, state } from './state.js';
import { attempt } from './toast.js';

export const WON = 142;
export const LOST = 143;

/** Put a lead into a stage as the person does; a lost one is asked for its reason first. */
export async function moveLead(lead, pipelineId, statusId) {
  const form = { pipeline_id: pipelineId, status_id: statusId };
  if (statusId === LOST && state.lossReasons.length) {
    const reason = await askReason();
    if (reason === null) return null;
    form.loss_reason_id = reason;
  }
  let card = null;
  await attempt(async () => { card = await post(`/sandbox/api/leads/${lead.id}/move`, form); });
  return card;
}

/** The reason's id, 0 for none, null when the person thought better of it. */
function askReason() {
  return new Promise((resolve) => {
    let answer = null;
    openDialog(t('lossTitle'), (close) => {
      const select = h('select', {}, h('option', { value: 0 }, t('withoutReason')),
        state.lossReasons.map((reason) => h('option', { value: reason.id }, reason.name)));
      return h('form', { on: { submit: (event) => { event.preventDefault(); answer = Number(select.value); close(); } } },
        h('label', {}, t('lossReason'), select),
        h('div', { class: 'dialog__foot' }, h('button', { type: 'button', on: { click: close } }, t('cancel')),
          h('button', { class: 'primary', type: 'submit' }, t('closeLead'))));
    }, () => resolve(answer));
  });
}

/** The menu of a lead's stages; `onMoved(card)` is called when the server agreed. */
export function openStageMenu(anchor, lead, onMoved) {
  const stages = pipelineById(lead.pipeline_id)?.statuses || [];
  openMenu(anchor, t('moveTo'), stages.map((stage) => ({
    label: stage.name,
    colour: stage.color,
    current: stage.id === lead.status_id,
    run: async () => {
      if (stage.id === lead.status_id) return;
      const card = await moveLead(lead, lead.pipeline_id, stage.id);
      if (card) onMoved(card);
    },
  })));
}

/** How a change by an integration reads: null for one by a person, else {back, stage}. */
export function robotMove(change) {
  if (change.origin !== 'api' || change.type !== 'status_lead' || !change.lead) return null;
  const stages = pipelineById(change.pipeline_id)?.statuses || [];
  const place = (id) => stages.findIndex((stage) => stage.id === id);
  return { back: place(change.status_id) < place(change.old_status_id), stage: stages[place(change.status_id)]?.name || '' };
}
