import { loadModule } from './amd.js';
import { currentPlace, setPlace } from './globals.js';
import { createSystemWidget } from './widget.js';
import { getLang, t } from '../i18n.js';
import { loadIntegrations, state } from '../state.js';
import { h } from '../dom.js';

/**
 * Runs the widgets of an area the way the CRM does: render, then bind_actions and init, each of which has to
 * answer true; destroy on leaving. https://www.amocrm.ru/developers/content/integrations/script_js
 */
const packages = new Map();
const instances = new Map();
let running = [];
let visit = 0;

/**
 * The widget of an integration, constructed once a page load: the vendor tells widgets to keep track of
 * the area they are in by themselves, so a leftover of the card before must show here too.
 */
async function instanceOf(integration) {
  const key = `${integration.code}@${integration.version}@${getLang()}`;
  if (!instances.has(key)) {
    const pack = await packageOf(integration, key);
    const factory = await loadModule(`${pack.path}/script.js?v=${encodeURIComponent(pack.version)}`);
    const system = createSystemWidget(pack);
    Object.setPrototypeOf(factory.prototype, system);
    const made = new factory();
    instances.set(key, { widget: made, pack });
  }
  const found = instances.get(key);
  found.pack.installed = integration.installed;
  found.widget.set_settings(integration.settings || {});
  return found;
}

async function packageOf(integration, key) {
  if (!packages.has(key)) packages.set(key, await readPackage(integration));
  return packages.get(key);
}

async function readPackage(integration) {
  const path = `/widgets/${integration.code}`;
  const version = `?v=${encodeURIComponent(integration.version || '0')}`;
  const manifest = await readJson(`${path}/manifest.json${version}`);
  const locales = manifest.widget.locale;
  const lang = locales.includes(getLang()) ? getLang() : locales[0];
  const i18n = await readJson(`${path}/i18n/${lang}.json${version}`);
  const title = i18nText(i18n, manifest.widget.name) || integration.name;
  return {
    code: integration.code,
    clientId: integration.client_id,
    version: String(manifest.widget.version),
    settings: integration.settings || {},
    installed: integration.installed,
    area: '',
    panelHolder: null,
    path, manifest, i18n, title,
  };
}

async function readJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

export function i18nText(i18n, key) {
  return key.split('.').reduce((value, part) => value?.[part], i18n);
}

/** The manifest and texts of an integration's archive. */
export async function describe(integration) {
  return (await instanceOf(integration)).pack;
}

function wants(pack, location) {
  return pack.manifest.locations.some((name) => name.replace(/-[01]$/, '') === location);
}

/**
 * Enter an area. `panel` is the right column's element or null; `card` is {id, values} on a card.
 * Resolves when each widget of the area has started or failed.
 */
export async function enterArea({ area, page, card = null, panel = null, only = null }) {
  leaveArea();
  visit += 1;
  const mine = visit;
  setPlace(page, 'leads', card);
  await loadIntegrations();
  if (mine !== visit) return;
  const list = state.integrations.filter((i) => i.has_archive && i.installed && (!only || i.code === only));
  for (const integration of list) await startSafely(integration, area, panel, () => mine === visit);
  window.jQuery(document).trigger('page:changed');
}

async function startSafely(integration, area, panel, current) {
  try {
    const found = await instanceOf(integration);
    const everywhere = wants(found.pack, 'everywhere') || found.pack.manifest.widget.init_once;
    if (!current() || !(wants(found.pack, area) || everywhere)) return;
    start(found, area, wants(found.pack, area) ? panel : null);
  } catch (error) {
    console.debug('widget', integration.code, error);
    if (current() && panel) panel.append(h('p', { class: 'notice notice--bad' }, t('widgetFailed', { name: integration.name, why: error.message })));
  }
}

function start(found, area, panel) {
  const { widget, pack } = found;
  pack.area = area;
  pack.panelHolder = panel;
  running.push(found);
  for (const name of ['render', 'bind_actions', 'init']) {
    const run = widget.callbacks[name];
    const answer = typeof run === 'function' ? run.call(widget.callbacks) : undefined;
    if (answer === true) continue;
    panel?.querySelector(`.card-widgets__widget-${CSS.escape(pack.code)}`)?.remove();
    console.debug(`widget ${pack.code}: ${name} answered`, answer, '(true is needed), the widget is not shown');
    return;
  }
}

/** Call `destroy` of every widget that was started here. */
export function leaveArea() {
  visit += 1;
  const leaving = running;
  running = [];
  for (const { widget, pack } of leaving) {
    try {
      widget.callbacks.destroy?.();
    } catch (error) {
      console.debug('widget', pack.code, 'destroy', error);
    }
    pack.panelHolder = null;
  }
}

/** Call one callback of one widget (`settings`, `onSave`, `advancedSettings` …) in an area of its own. */
export async function callWidget(integration, area, page, name, ...args) {
  const found = await instanceOf(integration);
  if (area && currentPlace().area !== page) setPlace(page, 'leads', null);
  if (area) found.pack.area = area;
  return found.widget.callbacks[name]?.(...args);
}
