import { escapeHtml } from './template.js';

/** Markup of the system's controls for `render({ref: '/tmpl/controls/<name>.twig'}, params)`. */
export function control(name, params = {}) {
  const draw = controls[name];
  if (!draw) throw new Error(`the sandbox has no control "${name}"`);
  return draw(params);
}

const attrs = (params, base) => [
  `class="${base} ${escapeHtml(params.class_name || '')}"`,
  params.id ? `id="${escapeHtml(String(params.id))}"` : '',
  params.name ? `name="${escapeHtml(params.name)}"` : '',
  params.placeholder ? `placeholder="${escapeHtml(params.placeholder)}"` : '',
  params.disabled ? 'disabled' : '',
].filter(Boolean).join(' ');

const text = (value) => escapeHtml(String(value ?? ''));

function button(params, extra = '') {
  return `<button type="button" ${attrs(params, `button-input ${extra}`)}>${text(params.text)}</button>`;
}

function select(params) {
  const options = (params.items || []).map((item) => {
    const chosen = String(item.id) === String(params.selected) ? ' selected' : '';
    return `<option value="${text(item.id)}"${chosen}>${text(item.option)}</option>`;
  });
  return `<select ${attrs(params, 'control--select')}>${options.join('')}</select>`;
}

const controls = {
  button,
  cancel_button: (params) => button(params, 'button-cancel'),
  delete_button: (params) => button(params, 'button-delete'),
  input: (params) => `<input type="${text(params.type || 'text')}" value="${text(params.value)}" ${attrs(params, 'text-input')}>`,
  textarea: (params) => `<textarea ${attrs(params, 'text-input text-input-textarea')}>${text(params.value)}</textarea>`,
  checkbox: (params) => `<label class="control-checkbox"><input type="checkbox" value="${text(params.value)}" `
    + `${params.checked ? 'checked ' : ''}${attrs(params, '')}> ${text(params.text)}</label>`,
  select,
};
