import { post } from '../api.js';
import { fill, h } from '../dom.js';
import { dateTime, t } from '../i18n.js';
import { attempt } from '../toast.js';

/** Open tasks with a field for how they ended, and one for a new task. */
export function drawTasks(holder, lead, redone) {
  const open = lead.tasks.filter((task) => !task.is_completed);
  fill(holder, open.map((task) => taskRow(task, redone)), newTask(lead, redone));
}

function taskRow(task, redone) {
  const late = task.complete_till * 1000 < Date.now();
  const result = h('input', { placeholder: t('taskResult'), 'aria-label': t('taskResult') });
  const submit = (event) => {
    event.preventDefault();
    document.activeElement?.blur();
    attempt(async () => redone(await post(`/sandbox/api/tasks/${task.id}/complete`, { result: result.value.trim() })));
  };
  return h('form', { class: `task ${late ? 'task--late' : ''}`, on: { submit } },
    h('div', { class: 'task__text' }, h('strong', {}, task.text),
      h('span', { class: 'small' }, t(late ? 'overdue' : 'due', { when: dateTime(task.complete_till) }))),
    result, h('button', { type: 'submit' }, t('complete')));
}

function newTask(lead, redone) {
  const text = h('input', { placeholder: t('addTask'), 'aria-label': t('addTask') });
  return h('form', { class: 'task task--new', on: { submit: (event) => {
    event.preventDefault();
    const words = text.value.trim();
    text.blur();
    if (words) attempt(async () => redone(await post(`/sandbox/api/leads/${lead.id}/task`, { text: words })));
  } } }, text, h('button', { type: 'submit', 'aria-label': t('addTask') }, '+'));
}
