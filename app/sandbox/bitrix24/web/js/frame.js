/**
 * The parent side of the frame protocol: an application's page in an iframe asks by postMessage, in the text
 * form `command:json:callback:sid` or as an object, and is answered with `callback:json`.
 * https://apidocs.bitrix24.com/sdk/bx24-js-sdk/index.html
 */
import { get, post } from '/js/api.js';
import { el } from '/js/dom.js';
import { commands } from '/js/frame_commands.js';
import { spoken, t } from '/js/texts.js';

const frames = new Map();

/**
 * Show an application inside `host`. `want` has clientId, placement, handler, options, and what the place
 * offers: `reload` (its data changed), `close`, `title`.
 */
export async function showApp(host, want) {
  const query = new URLSearchParams({
    placement: want.placement || 'DEFAULT',
    handler: want.handler || '',
    options: want.options ? JSON.stringify(want.options) : '',
    lang: spoken(),
  });
  let form;
  try {
    form = await get(`/apps/${want.clientId}/form?${query}`);
  } catch (refusal) {
    host.replaceChildren(el('p', { class: 'empty' }, t('frame_failed', { why: refusal.message })));
    return null;
  }
  const address = new URL(form.url).searchParams;
  const sid = address.get('APP_SID') || '';
  const name = [address.get('DOMAIN'), address.get('PROTOCOL'), sid].join('|');
  const iframe = el('iframe', { class: 'app-frame', name, title: want.title || want.clientId, allow: 'clipboard-write' });
  host.replaceChildren(iframe);
  const frame = { ...want, host, iframe, sid, form, address, events: new Map(), again: () => showApp(host, want) };
  frames.set(sid, frame);
  if (form.method === 'GET') iframe.src = form.url;
  else submit(form, name);
  return frame;
}

function submit(form, target) {
  const fields = Object.entries(form.fields).map(([name, value]) => el('input', { type: 'hidden', name, value }));
  const sender = el('form', { method: 'POST', action: form.url, target, hidden: true }, fields);
  document.body.append(sender);
  sender.submit();
  sender.remove();
}

/** `command:params:callback:sid`; the parameters are JSON and may hold colons themselves. */
export function parse(data) {
  if (data && typeof data === 'object') {
    return { command: data.method, params: data.params, callback: data.callback, sid: data.appSid };
  }
  const parts = String(data).split(':');
  if (parts.length < 3) return null;
  const [sid, callback] = [parts.at(-1), parts.at(-2)];
  return { command: parts[0], params: parts.slice(1, -2).join(':'), callback, sid };
}

function valueOf(params) {
  if (typeof params !== 'string') return params;
  try {
    return params ? JSON.parse(params) : {};
  } catch {
    return params;
  }
}

window.addEventListener('message', async (event) => {
  const asked = parse(event.data);
  const frame = asked && frames.get(asked.sid);
  if (!frame || frame.iframe.contentWindow !== event.source) return;
  const reply = (value) => {
    const text = value === undefined ? '' : JSON.stringify(value);
    event.source.postMessage(`${asked.callback}:${text}`, event.origin);
  };
  const run = commands[asked.command];
  // An unknown command is ignored, and whoever waits for its answer waits for ever: so does the vendor's page.
  if (run) await run(frame, valueOf(asked.params), reply, asked.callback);
});

/** Forget frames that left the page. */
export function sweep() {
  for (const [sid, frame] of frames) if (!frame.iframe.isConnected) frames.delete(sid);
}

/** What a frame learns when it asks who it is. */
export function initData(frame) {
  const { fields, init } = frame.form;
  return {
    LANG: frame.address.get('LANG'),
    DOMAIN: frame.address.get('DOMAIN'),
    PROTOCOL: frame.address.get('PROTOCOL'),
    PATH: init.PATH,
    AUTH_ID: fields.AUTH_ID,
    AUTH_EXPIRES: fields.AUTH_EXPIRES,
    REFRESH_ID: fields.REFRESH_ID,
    MEMBER_ID: init.MEMBER_ID,
    FIRST_RUN: init.FIRST_RUN,
    IS_ADMIN: init.IS_ADMIN,
    INSTALL: init.INSTALL,
    USER_OPTIONS: init.USER_OPTIONS,
    APP_OPTIONS: init.APP_OPTIONS,
    PLACEMENT: fields.PLACEMENT,
    PLACEMENT_OPTIONS: fields.PLACEMENT_OPTIONS ? JSON.parse(fields.PLACEMENT_OPTIONS) : {},
  };
}

export const freshTokens = (frame) => post(`/apps/${frame.clientId}/refresh`);
