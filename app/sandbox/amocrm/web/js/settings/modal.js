import { post } from '../api.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { openDialog } from '../overlay.js';
import { loadIntegrations } from '../state.js';
import { attempt, toast } from '../toast.js';
import { callWidget, describe, i18nText } from '../widgets/runtime.js';
import { saveSettings } from './save.js';

/**
 * The window of one integration, with the fields of its manifest and the widget's own additions.
 * https://www.amocrm.ru/developers/content/web_sdk/settings
 */
export async function openSettings(integration, redraw) {
  const pack = integration.has_archive ? await describe(integration) : null;
  openDialog(pack?.title || integration.name, (close) => {
    const body = h('div', { class: 'widget-settings__modal modal-body', id: 'widget_settings_modal' });
    const done = async () => { await loadIntegrations(); close(); redraw(); };
    body.append(form(integration, pack, done));
    if (pack) queueMicrotask(() => callWidget(integration, 'settings', 'widgetsSettings', 'settings', window.jQuery(body), {}));
    return body;
  });
}

function form(integration, pack, done) {
  const fields = pack ? Object.entries(pack.manifest.settings || {}).map(([code, field]) => settingField(integration, pack, code, field)) : [];
  const submit = (event) => {
    event.preventDefault();
    attempt(() => save(integration, event.currentTarget, done));
  };
  return h('form', { class: 'widget_settings_block', on: { submit } },
    h('div', { class: 'widget_settings_block__descr' }, h('p', {}, pack ? i18nText(pack.i18n, pack.manifest.widget.description) : t('grantText'))),
    h('div', { class: 'widget_settings_block__fields', id: 'widget_settings__fields_wrapper' }, fields),
    h('div', { class: 'dialog__foot widget_settings_block__controls' },
      integration.installed ? h('button', { type: 'button', class: 'danger js-widget-uninstall', on: { click: () => attempt(() => uninstall(integration, done)) } }, t('uninstall')) : null,
      h('button', { type: 'submit', class: `primary ${integration.installed ? 'js-widget-save' : 'js-widget-install'}` }, t(integration.installed ? 'save' : 'install'))));
}

/** One setting: a text, a password, or a `custom` one, where the widget draws and a hidden input keeps. */
function settingField(integration, pack, code, field) {
  const kept = integration.settings[code];
  const value = kept === undefined ? '' : typeof kept === 'string' ? kept : JSON.stringify(kept);
  if (field.type === 'custom') {
    return h('div', { class: 'widget_settings_block__item_field' }, h('div', { id: `${pack.code}_custom_content` }),
      h('input', { type: 'hidden', name: code, id: `${pack.code}_custom`, value, data: { custom: '1' } }));
  }
  return h('label', { class: 'widget_settings_block__item_field' }, h('span', { class: 'field__name' }, i18nText(pack.i18n, field.name) || code),
    h('input', { type: field.type === 'pass' ? 'password' : 'text', name: code, value, required: Boolean(field.required) }));
}

/** `onSave` comes first and may answer false or a promise; then the account installs or keeps the settings. */
async function save(integration, element, done) {
  const settings = saveSettings(element);
  if (integration.has_archive && !(await agrees(integration, 'Y', settings))) {
    toast(t('onSaveRefused'), 'bad');
    return;
  }
  const path = `/sandbox/api/integrations/${integration.client_id}/install`;
  const { redirect_status: status } = await post(path, { settings });
  const taken = status >= 200 && status < 400;
  toast(taken ? t('installedNow') : t('installedNoAnswer', { status }), taken ? '' : 'bad');
  if (taken && integration.has_archive && !integration.installed) await installedOnce(integration);
  await done();
}

async function agrees(integration, active, fields) {
  const answer = await callWidget(integration, 'settings', 'widgetsSettings', 'onSave', { active, fields });
  return answer !== false && answer !== undefined;
}

async function installedOnce(integration) {
  try {
    await callWidget(integration, 'settings', 'widgetsSettings', 'onInstall');
  } catch (error) {
    console.debug('onInstall', error);
  }
}

/** On switching off `onSave` is called as well, then `destroy`. */
async function uninstall(integration, done) {
  if (integration.has_archive) {
    await agrees(integration, 'N', integration.settings);
    await callWidget(integration, 'settings', 'widgetsSettings', 'destroy');
  }
  await post(`/sandbox/api/integrations/${integration.client_id}/uninstall`);
  toast(t('uninstalledNow'));
  await done();
}
