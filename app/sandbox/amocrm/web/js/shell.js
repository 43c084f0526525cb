import { actAs, currentUserId, get } from './api.js';
import { fill, h, icon } from './dom.js';
import { getLang, money, setLang, t } from './i18n.js';
import { applyTheme, preference, remember } from './preferences.js';
import { reopen } from './router.js';
import { state } from './state.js';
import { isConnected, onState } from './stream.js';

const ICONS = {
  mark: 'M4 17l5-6 4 4 7-9M15 6h5v5',
  board: 'M4 5h4v14H4zM10 5h4v9h-4zM16 5h4v6h-4z',
  integrations: 'M10 4v4M14 4v4M7 8h10v3a5 5 0 01-10 0zM12 16v4',
  widget: 'M5 5h6v6H5zM13 13h6v6h-6zM13 5h6v6h-6zM5 13h6v6H5z',
  faults: 'M12 3l9 17H3zM12 10v4M12 17v.5',
};
const SEARCH_DELAY_MS = 200;

let forgetLight = () => {};

/** Draw the frame around the pages: the rail, the top bar and the holder `#view`. */
export function drawShell() {
  fill(document.getElementById('app'), h('div', { class: 'shell' },
    h('nav', { class: 'rail', id: 'rail', 'aria-label': t('sections') }), topbar(),
    h('main', { class: 'view', id: 'view', tabindex: '-1' })));
  drawRail();
}

/** The holder of the current page. */
export function view() {
  return document.getElementById('view');
}

/** The links on the left; pages of integrations join them once these are installed. */
export function drawRail() {
  const pages = state.integrations.filter((i) => i.installed && i.advanced_title)
    .map((i) => railLink(`#/settings/widget/${i.code}`, 'widget', i.name, i.advanced_title));
  fill(document.getElementById('rail'),
    h('a', { class: 'rail__mark', href: '#/leads', 'aria-label': state.account.name }, icon(ICONS.mark)),
    railLink('#/leads', 'board', t('leads')), pages, h('span', { class: 'rail__space' }),
    railLink('#/settings/integrations', 'integrations', t('integrations')),
    railLink('#/settings/faults', 'faults', t('faults')));
}

function railLink(href, name, label, title = null) {
  const here = location.hash || '#/leads';
  const current = here === href || (href === '#/leads' && here.startsWith('#/leads'));
  return h('a', { href, title, 'aria-current': current ? 'page' : null }, icon(ICONS[name]), label);
}

function topbar() {
  const light = h('span', { class: 'live' });
  const draw = () => {
    light.dataset.state = isConnected() ? 'on' : 'off';
    light.title = t(isConnected() ? 'liveOn' : 'liveOff');
  };
  draw();
  forgetLight();
  forgetLight = onState(draw);
  return h('header', { class: 'topbar' },
    h('div', { class: 'topbar__account' }, h('strong', {}, state.account.name), h('span', { class: 'small muted' }, t('sandbox'))),
    search(),
    h('div', { class: 'topbar__right' }, light, userSwitch(), langSwitch(), themeSwitch()));
}

function userSwitch() {
  const options = state.users.filter((u) => u.is_active !== false).map((user) => h('option', { value: user.id },
    user.is_admin ? `${user.name} (${t('admin')})` : user.name));
  const select = h('select', { 'aria-label': t('loggedInAs'), id: 'user-switch', on: { change: () => {
    remember('user', Number(select.value));
    actAs(Number(select.value));
    reopen();
  } } }, options);
  select.value = String(currentUserId());
  return h('label', { class: 'topbar__user' }, h('span', { class: 'label' }, t('loggedInAs')), select);
}

function langSwitch() {
  const next = getLang() === 'ru' ? 'en' : 'ru';
  return h('button', { class: 'topbar__small', type: 'button', lang: next, on: { click: () => {
    remember('lang', next);
    setLang(next);
    drawShell();
    reopen();
  } } }, next.toUpperCase());
}

function themeSwitch() {
  return h('button', { class: 'topbar__small', type: 'button', 'aria-label': t('theme'), title: t('theme'), on: { click: () => {
    const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    remember('theme', next);
    applyTheme(next);
    reopen();
  } } }, '◐');
}

export function startPreferences() {
  setLang(preference('lang', 'ru'));
  const known = state.users.find((user) => user.id === preference('user', 0));
  actAs((known || state.users.find((user) => !user.is_admin) || state.users[0]).id);
}

function search() {
  const box = h('div', { class: 'topbar__search' });
  const input = h('input', { type: 'search', placeholder: t('searchPlaceholder'), 'aria-label': t('searchPlaceholder') });
  let timer = 0;
  const close = () => box.querySelector('.found')?.remove();
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => find(box, input.value.trim(), close), SEARCH_DELAY_MS);
  });
  box.addEventListener('keydown', (event) => { if (event.key === 'Escape') { close(); input.focus(); } });
  box.addEventListener('focusout', (event) => { if (!box.contains(event.relatedTarget)) close(); });
  return append(box, input);
}

function append(box, input) {
  box.append(input);
  return box;
}

async function find(box, words, close) {
  close();
  if (words.length < 2) return;
  const { leads } = await get(`/sandbox/api/search?query=${encodeURIComponent(words)}`);
  close();
  const links = leads.map((lead) => h('a', { href: `#/leads/${lead.id}`, on: { click: close } },
    lead.name || t('noName'), h('div', { class: 'small muted' }, `${lead.contact_name || '—'} · ${money(lead.price)}`)));
  box.append(h('div', { class: 'found' }, links.length ? links : h('p', { class: 'muted' }, t('nothingFound'))));
}
