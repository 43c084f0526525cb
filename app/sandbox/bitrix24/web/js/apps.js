import { post } from '/js/api.js';
import { el, fill } from '/js/dom.js';
import { showApp } from '/js/frame.js';
import { go } from '/js/pages.js';
import { drawBar } from '/js/shell.js';
import { places, refreshStore, store } from '/js/store.js';
import { spoken, t } from '/js/texts.js';
import { toast, trying } from '/js/toast.js';

const page = () => document.getElementById('page');
const ANALYTICS = 'CRM_ANALYTICS_MENU';

/** An application's own page, or the page that installs it. */
export async function showAppPage(clientId) {
  const app = store.apps.find((item) => item.client_id === clientId);
  drawBar(app ? app.name : t('apps'));
  if (app && app.present && !app.installed) toast(t('app_finish'));
  const host = el('div', { class: 'app-page' });
  fill(page(), host);
  await showApp(host, { clientId, title: app?.name });
}

/** The page behind an application's own entry of the menu. */
export async function showMenuPage(clientId) {
  const found = places('LEFT_MENU').find(({ app }) => app.client_id === clientId);
  if (!found) return;
  const { app, place } = found;
  const name = place.titles[spoken()] || place.title;
  drawBar(name);
  const host = el('div', { class: 'app-page' });
  fill(page(), host);
  await showApp(host, { clientId: app.client_id, placement: place.code, handler: place.handler, title: name });
}

/** What applications have added to the analytics. */
export async function showAnalytics() {
  const own = places(ANALYTICS);
  drawBar(t('analytics'));
  if (!own.length) {
    fill(page(), el('p', { class: 'empty' }, t('no_analytics')));
    return;
  }
  const host = el('div', { class: 'app-page' });
  const show = ({ app, place }) => showApp(host, { clientId: app.client_id, placement: place.code, handler: place.handler, title: place.title });
  const tabs = own.map((each) => el('button', { class: 'button', type: 'button', onclick: () => show(each) }, each.place.titles[spoken()] || each.place.title));
  fill(page(), own.length > 1 ? el('div', { class: 'actions' }, tabs) : null, host);
  await show(own[0]);
}

/** All applications, and the form of a new one. */
export async function showApps() {
  await refreshStore();
  drawBar(t('apps'));
  const list = store.apps.map(panel);
  fill(page(), el('div', { class: 'grid' }, list.length ? list : el('p', { class: 'empty' }, t('app_none')), newApp()));
}

function panel(app) {
  const state = app.present ? (app.installed ? t('state_ready') : t('state_unfinished')) : t('state_absent');
  const doing = (what, body) => async () => {
    if (await trying(() => post(`/apps/${app.client_id}/${what}`, body))) await again();
  };
  const add = async () => {
    if (!(await trying(() => post(`/apps/${app.client_id}/add`)))) return;
    await refreshStore();
    if (app.has_pages) await go(`/marketplace/app/${app.client_id}/`);
    else await again();
  };
  const clean = el('input', { type: 'checkbox' });
  const remove = async () => {
    if (await trying(() => post(`/apps/${app.client_id}/uninstall`, { clean: clean.checked }))) await again();
  };
  const button = (text, run, kind = '') => el('button', { class: `button ${kind}`, type: 'button', onclick: run }, text);
  const open = () => go(`/marketplace/app/${app.client_id}/`);
  const buttons = app.present
    ? [app.has_pages && button(t('app_open'), open, 'blue'), button(t('app_update'), doing('update')), button(t('app_remove'), remove, 'danger'), el('label', {}, clean, ' ', t('app_clean'))]
    : [button(t('app_add'), add, 'main')];
  const where = app.places.map((place) => `${place.code}: ${place.titles[spoken()] || place.title}`);
  return el(
    'section',
    { class: 'panel' },
    el('h2', {}, app.name),
    el('p', {}, `${t(`kind_${app.kind}`)}, ${state}`),
    el('p', { class: 'quiet-text' }, app.client_id),
    where.length ? el('p', { class: 'quiet-text' }, `${t('app_places')}: ${where.join('; ')}`) : null,
    el('div', { class: 'actions' }, buttons),
  );
}

async function again() {
  await refreshStore();
  await go('/marketplace/');
}

function newApp() {
  const kinds = ['local', 'api', 'market'].map((kind) => el('option', { value: kind }, t(`kind_${kind}`)));
  const input = (name, label, type = 'text') => el('label', {}, label, el('input', { class: 'field', name, type, autocomplete: 'off' }));
  const send = async (event) => {
    event.preventDefault();
    const made = await trying(() => post('/apps', Object.fromEntries(new FormData(event.target))));
    if (!made) return;
    toast(t('app_secret', { secret: made.client_secret }));
    await again();
  };
  return el(
    'form',
    { class: 'panel pairs', onsubmit: send },
    el('h2', {}, t('app_new')),
    input('name', t('app_name')),
    el('label', {}, t('app_kind'), el('select', { class: 'field', name: 'kind' }, kinds)),
    input('handler_url', t('app_handler'), 'url'),
    input('install_url', t('app_install'), 'url'),
    input('client_id', 'client_id'),
    input('client_secret', 'client_secret'),
    el('button', { class: 'button' }, t('add')),
  );
}
