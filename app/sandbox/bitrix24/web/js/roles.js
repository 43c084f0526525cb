import { patch, put } from '/js/api.js';
import { el, fill } from '/js/dom.js';
import { drawBar } from '/js/shell.js';
import { refreshStore, store } from '/js/store.js';
import { t } from '/js/texts.js';
import { toast, trying } from '/js/toast.js';

/** Rights of people, mandatory fields and robots of stages. */
export async function showRoles() {
  await refreshStore();
  drawBar(t('roles'));
  fill(document.getElementById('page'), el('div', { class: 'grid' }, store.users.map(person), store.funnels.flatMap((funnel) => funnel.stages.map((stage) => stagePanel(funnel, stage)))));
}

async function saving(run) {
  if (!(await trying(run))) return;
  await refreshStore();
  toast(t('saved'));
}

function person(user) {
  const save = (changes) => saving(() => patch(`/users/${user.id}`, changes));
  const tick = (name) => el('label', {}, el('input', { type: 'checkbox', checked: user[name], onchange: (event) => save({ [name]: event.target.checked }) }), ' ', t(name));
  const sees = el('select', { class: 'field', value: user.sees, onchange: (event) => save({ sees: event.target.value }) }, ['all', 'own', 'none'].map((word) => el('option', { value: word }, t(`sees_${word}`))));
  const give = (event) => saving(() => put(`/users/${user.id}/role`, { role_id: Number(event.target.value) }));
  const roles = [{ id: 0, name: t('role_none') }, ...store.roles].map((role) => el('option', { value: role.id }, role.name));
  const role = el('select', { class: 'field', value: user.role_id, onchange: give }, roles);
  return el('section', { class: 'panel pairs' }, el('h2', {}, user.name), el('div', { class: 'checks' }, tick('is_admin'), tick('is_active')), el('label', {}, t('sees'), sees), el('label', {}, t('role'), role));
}

function stagePanel(funnel, stage) {
  const required = el('input', { class: 'field', value: stage.required.join(', '), onchange: (event) => saving(() => patch(`/stages/${encodeURIComponent(stage.id)}`, { required: words(event.target.value) })) });
  const target = stage.robots.find((robot) => robot.kind === 'move')?.value || '';
  const others = funnel.stages.filter((other) => other.id !== stage.id);
  const set = (event) => {
    const robots = event.target.value ? [{ kind: 'move', value: event.target.value }] : [];
    return saving(() => put(`/stages/${encodeURIComponent(stage.id)}/robots`, { robots }));
  };
  const robot = el('select', { class: 'field', value: target, onchange: set }, el('option', { value: '' }, t('robot_none')), others.map((other) => el('option', { value: other.id }, other.name)));
  return el('section', { class: 'panel pairs' }, el('h2', {}, `${funnel.name}: ${stage.name}`), el('label', {}, t('required'), required), el('label', {}, `${t('robots')}: ${t('robot_move')}`, robot));
}

const words = (text) => text.split(',').map((word) => word.trim()).filter(Boolean);
