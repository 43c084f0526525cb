import { patch } from '../api.js';
import { fill, h } from '../dom.js';
import { money, t } from '../i18n.js';
import { chooseStage } from '../board/moving.js';
import { get } from '../api.js';
import { pipelineById, stageOf } from '../state.js';
import { attempt } from '../toast.js';

/** The top of a card: its name, its price and where it stands. `redone` takes the fresh card. */
export function drawHead(holder, lead, redone) {
  const stage = stageOf(lead.pipeline_id, lead.status_id);
  const name = h('input', { class: 'card__name', value: lead.name, placeholder: t('noName'), 'aria-label': t('leadName'), on: { change: () => attempt(async () => {
    redone(await patch(`/sandbox/api/leads/${lead.id}`, { name: name.value.trim() }));
  }) } });
  const button = h('button', { type: 'button', class: 'stages__now', id: 'stage-button', 'aria-haspopup': 'menu', on: { click: () => {
    chooseStage(lead, button, async () => redone(await get(`/sandbox/api/leads/${lead.id}`)));
  } } }, h('span', { class: 'dot', style: { '--stage': stage.color } }), stage.name, ' ▾');
  fill(holder,
    h('a', { href: '#/leads', class: 'card__back', 'aria-label': t('backToBoard'), title: t('backToBoard') }, '←'),
    h('div', { class: 'card__title' }, name, h('span', { class: 'muted small' }, `№ ${lead.id} · ${money(lead.price)}`)),
    h('div', { class: 'stages' }, button, bar(lead, stage)));
}

/** The way through the pipeline: passed stages in the stage's colour. */
function bar(lead, stage) {
  const steps = pipelineById(lead.pipeline_id).statuses.filter((each) => each.type !== 1 && each.id !== 143);
  const at = steps.indexOf(stage);
  return h('div', { class: 'stages__bar', 'aria-hidden': 'true', style: { '--stage': stage.color } },
    steps.map((_, number) => h('span', { class: number <= at ? 'on' : '' })));
}
