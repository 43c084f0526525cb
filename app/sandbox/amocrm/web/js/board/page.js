import { currentUserId, get } from '../api.js';
import { fill, h } from '../dom.js';
import { clock, money, t } from '../i18n.js';
import { remember, preference } from '../preferences.js';
import { loadAccount, pipelineById, stageOf, state, userById } from '../state.js';
import { onChange, onState, readSettled } from '../stream.js';
import { toast } from '../toast.js';
import { enterArea } from '../widgets/runtime.js';
import { Columns, PAGE } from './columns.js';
import { makeDraggable } from './drag.js';
import { flyFrom, placeOf } from './flight.js';
import { chooseStage, moveLead, robotMove, robotName } from './moving.js';

/** The board of a pipeline. */
export async function openBoard(holder, _params, current) {
  const wanted = preference('pipeline', 0);
  if (pipelineById(wanted)) state.pipelineId = wanted;
  const board = new Board(holder);
  await board.load();
  if (!current()) return undefined;
  board.draw();
  const stops = [onChange((change) => board.hear(change)), onState((now) => { if (now === 'again') board.reload(); })];
  await enterArea({ area: 'llist', page: 'leads-pipeline' });
  return () => stops.forEach((stop) => stop());
}

class Board {
  constructor(holder) {
    this.holder = holder;
    this.columns = null;
  }

  async load() {
    const line = state.pipelineId;
    const touches = (change) => change.pipeline_id === line || change.old_pipeline_id === line;
    const { stages } = await readSettled(() => get(`/sandbox/api/board/${line}?limit=${PAGE}`), touches);
    this.columns = new Columns(stages, state.pipelineId, (lead, button) => {
      chooseStage(lead, button, (statusId) => this.movedByMe(lead, statusId));
    });
    makeDraggable(this.columns.element, (leadId, statusId) => this.dropped(leadId, statusId));
  }

  async reload() {
    await loadAccount();
    await this.load();
    this.draw();
  }

  draw() {
    const select = h('select', { 'aria-label': t('pipeline'), on: { change: () => {
      state.pipelineId = Number(select.value);
      remember('pipeline', state.pipelineId);
      this.reload();
    } } }, state.pipelines.map((line) => h('option', { value: line.id }, line.name)));
    select.value = String(state.pipelineId);
    this.sum = h('span', { class: 'board__sum' });
    this.drawSum();
    fill(this.holder, h('div', { class: 'board' },
      h('div', { class: 'board__head' }, h('h1', { class: 'visually-hidden' }, t('leads')), select, this.sum,
        h('a', { class: 'button board__new', href: '#/leads/0', 'aria-label': t('newLead') }, '+', h('span', {}, t('newLead')))),
      this.columns.element));
    this.columns.showFirstFilled();
  }

  drawSum() {
    const { n, sum } = this.columns.totals();
    this.sum.textContent = `${t('dealsCount', { n })} · ${money(sum)}`;
  }

  async dropped(leadId, statusId) {
    const found = this.columns.find(leadId);
    if (!found || !(await moveLead(found.lead, statusId))) return;
    this.movedByMe(found.lead, statusId);
  }

  /** My own move is shown at once, unless the stream has already told more of this lead. */
  movedByMe(lead, statusId) {
    const now = this.columns.find(lead.id);
    if (now?.lead !== lead || now.column.id === statusId) return;
    this.columns.mark(lead.id, '');
    this.columns.take(lead.id, lead.status_id, lead.price);
    this.columns.put({ ...lead, status_id: statusId });
    this.drawSum();
  }

  hear(change) {
    const shown = this.columns.find(change.lead_id);
    const here = change.lead && change.pipeline_id === this.columns.pipelineId;
    if (here && shown?.column.id === change.status_id) this.columns.renew(change.lead);
    else if (shown || change.type === 'status_lead') this.carry(change, here);
    else if (here && change.type.startsWith('add_')) this.columns.put(change.lead);
    this.drawSum();
  }

  /** A lead that somebody else has moved, or that is gone. */
  carry(change, here) {
    const from = placeOf(this.columns.tileOf(change.lead_id));
    this.columns.mark(change.lead_id, '');
    if (this.columns.find(change.lead_id) || change.old_pipeline_id === this.columns.pipelineId) {
      this.columns.take(change.lead_id, change.old_status_id, change.lead?.price || 0);
    }
    if (!here) return;
    this.columns.put(change.lead);
    const tile = this.columns.tileOf(change.lead_id);
    flyFrom(tile, from);
    if (change.by !== currentUserId() || change.origin === 'api') this.announce(change);
  }

  /** Say who moved it. What an integration has put back stays marked until it is moved again. */
  announce(change) {
    const robot = robotMove(change);
    const who = robot ? robotName() : userById(change.by)?.name || t('robot');
    const stage = stageOf(change.pipeline_id, change.status_id);
    toast(t(robot?.back ? 'movedBack' : 'movedBy', { who, stage: stage?.name || '?' }), robot ? 'robot' : '');
    if (robot?.back) this.columns.mark(change.lead_id, t('returnedHere', { who, time: clock(change.at) }));
  }
}
