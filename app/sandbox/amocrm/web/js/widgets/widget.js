import { currentUserId, post } from '../api.js';
import { state, userById } from '../state.js';
import { onChange } from '../stream.js';
import { control } from './controls.js';
import { currentPlace } from './globals.js';
import { crmPost } from './post_queue.js';
import { renderTemplate } from './template.js';

/**
 * The system object that every widget inherits; method names and shapes are the vendor's.
 * https://www.amocrm.ru/developers/content/web_sdk/mechanics
 * Several widgets live on one page, so each has its own `package`: what its archive says about itself.
 */
export function createSystemWidget(pack) {
  let settings = { ...pack.settings, widget_code: pack.code, widget_active: pack.installed ? 'Y' : 'N' };
  const widget = {
    params: { path: pack.path, widget_code: pack.code, version: pack.version, settings },
    langs: pack.i18n,
    callbacks: {},
    _package: pack,
    system: () => systemData(pack),
    get_settings: () => settings,
    set_settings: (more) => { settings = Object.assign(settings, more); },
    get_install_status: () => (pack.installed ? 'installed' : 'install'),
    get_version: () => pack.version,
    get_accounts_current: () => ({ ...window.APP.constant('account') }),
    get_pipeline_id: () => state.pipelineId,
    get_current_card_contacts_data: async () => (state.card?.contacts || []).map(contactData),
    i18n: (key) => key.split('.').reduce((value, part) => value?.[part], widget.langs),
    set_lang: (langs) => { widget.langs = langs; },
    list_selected: () => ({ count_selected: 0, selected: [] }),
    widgetsOverlay: () => {},
    add_action: (kind, run) => { widget._actions = { ...widget._actions, [kind]: run }; },
    add_source: (kind, run) => { widget._sources = { ...widget._sources, [kind]: run }; },
    crm_post: crmPost,
    render: (what, params) => render(pack, what, params),
    render_template: (what, params) => renderPanel(pack, what, params),
    $authorizedAjax: (options) => authorizedAjax(pack, options),
    listenSocketChannel: (channel, keys, run) => onChange((change) => passToChannel(change, channel, keys, run)),
  };
  return widget;
}

function systemData(pack) {
  const user = userById(currentUserId());
  return {
    area: pack.area,
    amouser_id: String(user.id),
    amouser: user.email,
    subdomain: state.account.subdomain,
  };
}

function contactData(contact) {
  const [first, ...rest] = contact.name.split(' ');
  return { id: contact.id, name: contact.name, first_name: first, last_name: rest.join(' '), phones: contact.phones, emails: contact.emails };
}

function render(pack, what, params = {}) {
  if ('data' in what) return renderTemplate(what.data, params);
  if ('ref' in what) return control(what.ref.replace(/^.*\/(\w+)\.twig$/, '$1'), params);
  const url = `${what.base_path || pack.path}${what.href}${what.v ? `?v=${what.v}` : ''}`;
  const loaded = fetch(url).then((response) => {
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return response.text();
  }).then((source) => ({ render: (values = {}) => renderTemplate(source, { ...params, ...values }) }));
  if (what.promised) return loaded;
  loaded.then(what.load);
  return '';
}

/** The block in the right column: a caption that folds it, and a body. Called again, it replaces itself. */
function renderPanel(pack, what, params = {}) {
  const holder = pack.panelHolder;
  if (!holder) return '';
  const $ = window.jQuery;
  const block = $('<div>').addClass(`card-widgets__widget card-widgets__widget-${pack.code}`).attr('data-code', pack.code);
  const caption = $('<button type="button" aria-expanded="true">')
    .addClass(`card-widgets__widget__caption js-widget-caption ${what.caption?.class_name || ''}`)
    .html(what.caption?.html || $('<span>').text(pack.title).prop('outerHTML'));
  const body = $('<div>').addClass('card-widgets__widget__body js-body-hide').attr('id', `widget_body_${pack.code}`)
    .html((what.body || '') + (what.render ? renderTemplate(what.render, params) : ''));
  caption.on('click', () => {
    const open = caption.attr('aria-expanded') === 'true';
    caption.attr('aria-expanded', String(!open));
    body.prop('hidden', open);
  });
  $(holder).find(`.card-widgets__widget-${pack.code}`).remove();
  $(holder).append(block.append(caption, body));
  return block.html();
}

/** $.ajax with a fresh one-time token of this person for this integration in X-Auth-Token. */
function authorizedAjax(pack, options) {
  const $ = window.jQuery;
  const answer = $.Deferred();
  // Nothing is handed back to the promise: a refused request is told to the widget and to nobody else.
  post(`/sandbox/api/integrations/${pack.clientId}/disposable_token`).then(({ token }) => {
    $.ajax({ ...options, headers: { ...options.headers, 'X-Auth-Token': token } })
      .then((...args) => answer.resolve(...args), (...args) => answer.reject(...args));
  }, (error) => { answer.reject({ status: error.status || 0, responseText: error.message }, 'error', error.message); });
  return answer.promise();
}

function passToChannel(change, channel, keys, run) {
  const channels = [`leads:card:${change.lead_id}`, 'leads:events', `leads:pipeline:${change.pipeline_id}`];
  if (!change.lead_id || !channels.includes(channel)) return;
  const message = { body: change.type, payload: change, data: { params: change } };
  if ((keys || []).every((key) => key in message)) run(message);
}
