/** What a frame may ask its parent, one command each. */
import { post } from '/js/api.js';
import { el } from '/js/dom.js';
import { freshTokens, initData, showApp } from '/js/frame.js';
import { openPath } from '/js/pages.js';
import { openSlider } from '/js/slider.js';
import { refreshStore, store } from '/js/store.js';
import { t } from '/js/texts.js';
import { toast, trying } from '/js/toast.js';

const WIDEST = '100%';
const asks = (what) => (frame, params, reply) => {
  toast(t('asks', { what: `${what} ${JSON.stringify(params)}` }));
  reply(true);
};

function resize(frame, { width, height }, reply) {
  if (Number(height) > 0) frame.iframe.style.height = `${Number(height)}px`;
  if (width && width !== WIDEST && Number(width) > 0) frame.iframe.style.width = `${Number(width)}px`;
  reply({ width: frame.iframe.offsetWidth, height: frame.iframe.offsetHeight });
}

async function installFinish(frame, params, reply) {
  await trying(() => post(`/apps/${frame.clientId}/install_finish`));
  await refreshStore();
  reply({ result: true });
  toast(t('installed_toast'));
  document.dispatchEvent(new CustomEvent('apps-changed'));
  await frame.again();
}

function openApplication(frame, params, reply) {
  const given = params && typeof params === 'object' ? params : {};
  const { bx24_width: width, bx24_title: title, bx24_label: label, ...options } = given;
  const slider = openSlider(title || frame.title || '', { width: Number(width) || 0, closed: () => reply({}) });
  const host = el('div', { class: 'app-page' });
  slider.sheet.append(host);
  return showApp(host, { clientId: frame.clientId, title: title || frame.title, options, close: () => slider.close(), label });
}

function path(frame, params, reply) {
  const wanted = new URL(String(params.path || params), location.origin).pathname;
  const opened = openPath(wanted, () => reply({ result: 'close' }));
  if (!opened) reply({ result: 'error', errorCode: 'PATH_NOT_AVAILABLE' });
}

function selectUser(frame, params, reply) {
  const slider = openSlider(t('pick_user'), { width: 420, closed: (chosen) => chosen && reply(chosen) });
  const people = store.users.filter((user) => user.is_active);
  const buttons = people.map((user) => {
    const chosen = { id: String(user.id), name: user.name, position: user.position, photo: '', url: '', sub: false, sup: false };
    return el('button', { class: 'button', type: 'button', onclick: () => slider.close(params?.mult ? [chosen] : chosen) }, user.name);
  });
  slider.sheet.append(el('div', { class: 'card rows' }, el('h2', {}, t('pick_user')), buttons));
}

const option = (where, kept) => async (frame, { name, value }, reply) => {
  await trying(() => post(`/apps/${frame.clientId}/${where}`, { name, value }));
  frame.form.init[kept] = { ...frame.form.init[kept], [name]: value };
  reply(true);
};

export const commands = {
  getInitData: (frame, params, reply) => reply(initData(frame)),
  refreshAuth: async (frame, params, reply) => reply(await freshTokens(frame)),
  setInstall: (frame, params, reply) => reply(true),
  setInstallFinish: installFinish,
  setAppOption: option('options', 'APP_OPTIONS'),
  setUserOption: option('user_options', 'USER_OPTIONS'),
  resizeWindow: resize,
  reloadWindow: () => location.reload(),
  setTitle: (frame, { title }, reply) => {
    document.title = String(title);
    reply(true);
  },
  setScroll: (frame, { scroll }, reply) => {
    const box = frame.iframe.closest('.sheet') || document.getElementById('page');
    box.scrollTop = Number(scroll) || 0;
    reply({ scroll: box.scrollTop });
  },
  openApplication,
  closeApplication: (frame) => frame.close && frame.close(),
  openPath: path,
  selectUser,
  selectAccess: asks('selectAccess'),
  selectCRM: asks('selectCRM'),
  imCallTo: asks('imCallTo'),
  imPhoneTo: asks('imPhoneTo'),
  imOpenMessenger: asks('imOpenMessenger'),
  imOpenHistory: asks('imOpenHistory'),
  getInterface: (frame, params, reply) => reply({ command: frame.reload ? ['reloadData'] : [], event: [] }),
  placementBindEvent: (frame, { event }, reply, callback) => {
    frame.events.set(event, callback);
    reply(true);
  },
  reloadData: async (frame, params, reply) => {
    if (!frame.reload) return;
    await frame.reload();
    reply({});
  },
};
