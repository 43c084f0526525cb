import { post } from '../api.js';
import { fill, h } from '../dom.js';
import { dateTime, t } from '../i18n.js';
import { userById } from '../state.js';
import { attempt } from '../toast.js';

const DAY_S = 86400;

/** Where the manager writes a note or plans a task. */
export function composer(act) {
  const text = h('textarea', { rows: 2, placeholder: t('notePlaceholder'), 'aria-label': t('notePlaceholder') });
  const run = async (path, more = {}) => {
    const words = text.value.trim();
    if (!words) { text.focus(); return; }
    if (await act(path, { text: words, ...more })) text.value = '';
  };
  const form = h('form', { class: 'composer', on: { submit: (event) => { event.preventDefault(); run('note'); } } }, text,
    h('div', { class: 'composer__row' }, h('button', { type: 'submit' }, t('addNote')),
      h('button', { type: 'button', on: { click: () => run('task', { complete_till: Math.floor(Date.now() / 1000) + DAY_S }) } }, t('addTask'))));
  return form;
}

/** Open tasks of the lead, each to be completed with its result; done ones are folded away. */
export class Tasks {
  constructor(show) {
    this.show = show;
    this.node = h('section', { class: 'tasks', 'aria-label': t('tasks') });
  }

  update(tasks) {
    if (this.node.contains(document.activeElement)) return;
    const open = tasks.filter((task) => !task.is_completed);
    const done = tasks.filter((task) => task.is_completed);
    this.node.hidden = !tasks.length;
    fill(this.node, h('h2', {}, t('tasks')), open.map((task) => this.open(task)),
      done.map((task) => h('p', { class: 'small muted task--done' }, `✓ ${task.text}${task.result ? `: ${task.result}` : ''}`)));
  }

  open(task) {
    const result = h('input', { placeholder: t('taskResult'), 'aria-label': t('taskResult') });
    const late = task.complete_till < Date.now() / 1000;
    return h('form', { class: 'task', data: { task: task.id }, on: { submit: (event) => { event.preventDefault(); this.complete(task, result.value.trim()); } } },
      h('div', {}, h('span', { class: 'task__text' }, task.text), ' ',
        h('span', { class: `small ${late ? 'late' : 'muted'}` }, [t('taskDue', { date: dateTime(task.complete_till) }), userById(task.responsible_user_id)?.name].filter(Boolean).join(', '))),
      h('div', { class: 'composer__row' }, result, h('button', { type: 'submit' }, t('completeTask'))));
  }

  complete(task, result) {
    document.activeElement?.blur();
    return attempt(async () => this.show(await post(`/sandbox/api/tasks/${task.id}/complete`, { result })));
  }
}
