import { put } from '/js/api.js';
import { el, fill } from '/js/dom.js';
import { drawBar } from '/js/shell.js';
import { openSlider } from '/js/slider.js';
import { refreshStore, store } from '/js/store.js';
import { t } from '/js/texts.js';
import { toast, trying } from '/js/toast.js';

const WORDS = ['ANY', 'INHERIT', 'BLOCKED'];
const CHOSEN = 'CHOSEN';

/** The page of access rights, at the vendor's own address. */
export async function showRoleMatrix() {
  await refreshStore();
  drawBar(t('rights'));
  fill(document.getElementById('page'), el('div', { class: 'rows' }, matrix()));
}

/** The same in a slider: an application has opened its address. */
export async function openRoleMatrix(closed) {
  const slider = openSlider(t('rights'), { closed });
  await refreshStore();
  slider.sheet.append(el('div', { class: 'card rows' }, el('h2', {}, t('rights')), matrix()));
}

function matrix() {
  if (!store.user.is_admin) return el('p', { class: 'empty' }, t('rights_for_admins'));
  return store.roles.map((role) => el('section', { class: 'panel rows', 'data-role': role.id }, el('h2', {}, role.name), el('p', { class: 'quiet-text' }, t('rights_members', { names: members(role) })), store.funnels.map((funnel) => funnelPart(role, funnel))));
}

const members = (role) => store.users.filter((user) => role.members.includes(user.id)).map((user) => user.name).join(', ') || '–';

function funnelPart(role, funnel) {
  const whole = { id: `#${funnel.id}`, name: t('rights_whole') };
  const head = el('tr', {}, el('th', { scope: 'col' }, t('rights_from')), el('th', { scope: 'col' }, t('rights_to')));
  const rows = [whole, ...funnel.stages].map((start) => line(role, funnel, start));
  return el('div', { class: 'rows' }, el('h3', {}, `${funnel.name}: ${t('rights_move')}`), el('table', { class: 'matrix' }, el('thead', {}, head), el('tbody', {}, rows)));
}

function line(role, funnel, start) {
  const row = el('tr', { 'data-from': start.id });
  const draw = () => fill(row, el('th', { scope: 'row' }, start.name), el('td', {}, choice(), targets()));
  const save = async (allowed) => {
    const answer = await trying(() => put(`/roles/${role.id}/moves`, { key: start.id, allowed }));
    if (answer) {
      role.moves = answer.moves;
      toast(t('saved'));
    }
    draw();
  };
  const told = () => role.moves[start.id];
  const word = () => WORDS.find((each) => told().includes(each)) || CHOSEN;
  const others = funnel.stages.filter((stage) => stage.id !== start.id);

  function choice() {
    const own = start.id.startsWith('#') ? WORDS.filter((each) => each !== 'INHERIT') : WORDS;
    const options = [...own, CHOSEN].map((each) => el('option', { value: each }, t(`rights_${each.toLowerCase()}`)));
    const change = (event) => save(event.target.value === CHOSEN ? others.map((stage) => stage.id) : [event.target.value]);
    return el('select', { class: 'field', 'aria-label': start.name, value: word(), onchange: change }, options);
  }

  function targets() {
    if (word() !== CHOSEN) return null;
    const ticks = others.map((stage) => {
      const change = (event) => save(event.target.checked ? [...told(), stage.id] : told().filter((each) => each !== stage.id));
      const box = el('input', { type: 'checkbox', checked: told().includes(stage.id), 'data-to': stage.id, 'aria-label': `${start.name} → ${stage.name}`, onchange: change });
      return el('label', {}, box, ' ', stage.name);
    });
    return el('div', { class: 'checks' }, ticks);
  }

  draw();
  return row;
}
