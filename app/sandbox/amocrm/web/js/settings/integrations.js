import { actAs, currentUserId, post } from '../api.js';
import { fill, h } from '../dom.js';
import { t } from '../i18n.js';
import { remember } from '../preferences.js';
import { reopen } from '../router.js';
import { drawRail, drawShell } from '../shell.js';
import { loadIntegrations, state, userById } from '../state.js';
import { attempt, toast } from '../toast.js';
import { enterArea } from '../widgets/runtime.js';
import { openSettings } from './modal.js';

/** The list of integrations: upload, install, set up, switch off. */
export async function openIntegrations(holder, _params, current) {
  await loadIntegrations();
  if (!current()) return undefined;
  const redraw = () => draw(holder, redraw);
  redraw();
  await enterArea({ area: 'settings', page: 'widgetsSettings' });
  return undefined;
}

function draw(holder, redraw) {
  const user = userById(currentUserId());
  fill(holder, h('div', { class: 'page settings' }, h('h1', {}, t('integrations')),
    user.is_admin ? null : notAdmin(user),
    state.integrations.length ? h('ul', { class: 'integrations' }, state.integrations.map((each) => row(each, user.is_admin, redraw)))
      : h('p', { class: 'notice' }, t('noIntegrations'))));
  drawRail();
}

function notAdmin(user) {
  const admin = state.users.find((each) => each.is_admin && each.is_active);
  return h('p', { class: 'notice notice--row' }, h('span', {}, t('integrationsLead', { name: user.name })),
    admin ? h('button', { type: 'button', on: { click: () => { actAs(admin.id); remember('user', admin.id); drawShell(); reopen(); } } }, t('switchToAdmin')) : null);
}

function row(integration, isAdmin, redraw) {
  const logo = integration.has_archive
    ? h('img', { src: `/widgets/${integration.code}/images/logo_small.png?v=${encodeURIComponent(integration.version)}`, alt: '', width: '54', height: '54' })
    : h('span', { class: 'integration__blank' });
  const about = integration.has_archive ? t('widgetVersion', integration) : t('noArchive');
  const buttons = isAdmin ? [
    h('button', { type: 'button', class: integration.installed ? '' : 'primary', data: { open: integration.code }, on: { click: () => openSettings(integration, redraw) } }, t(integration.installed ? 'settings' : 'install')),
    uploadButton(integration, redraw),
  ] : null;
  return h('li', { class: 'integration' }, logo,
    h('div', { class: 'integration__text' }, h('h2', {}, integration.name), h('p', { class: 'muted small' }, about),
      h('span', { class: `chip ${integration.installed ? 'chip--on' : ''}` }, t(integration.installed ? 'installed' : 'notInstalled'))),
    h('div', { class: 'integration__buttons' },
      integration.installed && integration.advanced_title ? h('a', { class: 'button', href: `#/settings/widget/${integration.code}` }, t('ownPage')) : null, buttons));
}

function uploadButton(integration, redraw) {
  const input = h('input', { type: 'file', accept: '.zip', class: 'visually-hidden', tabindex: '-1', on: { change: () => attempt(async () => {
    const form = new FormData();
    form.append('archive', input.files[0]);
    const { version } = await post(`/sandbox/api/integrations/${integration.client_id}/archive`, form);
    await loadIntegrations();
    redraw();
    toast(t('uploaded', { version }));
  }) } });
  return h('span', {}, input, h('button', { type: 'button', on: { click: () => input.click() } }, t('upload')));
}
