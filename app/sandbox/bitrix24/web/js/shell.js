import { actAs, get } from '/js/api.js';
import { openCard } from '/js/card.js';
import { el, fill } from '/js/dom.js';
import { go } from '/js/pages.js';
import { openSlider } from '/js/slider.js';
import { places, refreshStore, store } from '/js/store.js';
import { moment, speak, spoken, t } from '/js/texts.js';
import { toast, trying } from '/js/toast.js';

function link(path, text, current) {
  const open = (event) => {
    event.preventDefault();
    go(path);
  };
  return el('a', { href: path, 'aria-current': current ? 'page' : null, onclick: open }, text);
}

/** The menu at the left. */
export function drawMenu(path) {
  const is = (start) => path.startsWith(start);
  const own = store.apps.filter((app) => app.present && app.has_pages);
  fill(
    document.getElementById('menu'),
    el('div', { class: 'name' }, store.portal.name),
    el('div', { class: 'part' }, t('part_crm')),
    link('/crm/deal/kanban/category/0/', t('deals'), is('/crm/deal/')),
    link('/crm/mobile/', t('mobile'), is('/crm/mobile/')),
    link('/crm/analytics/', t('analytics'), is('/crm/analytics/')),
    link('/crm/configs/perms/', t('rights'), is('/crm/configs/')),
    el('div', { class: 'part' }, t('part_apps')),
    own.map((app) => link(`/marketplace/app/${app.client_id}/`, app.name, is(`/marketplace/app/${app.client_id}/`))),
    places('LEFT_MENU').map(({ app, place }) => link(`/marketplace/menu/${app.client_id}/`, place.titles[spoken()] || place.title, is(`/marketplace/menu/${app.client_id}/`))),
    link('/marketplace/', t('apps'), path === '/marketplace/'),
    el('div', { class: 'part' }, t('part_sandbox')),
    link('/settings/switches/', t('switches'), is('/settings/switches/')),
    link('/settings/roles/', t('roles'), is('/settings/roles/')),
  );
}

/** The bar above a page: its title, what the page adds, and who works here. */
export function drawBar(title, ...own) {
  fill(document.getElementById('bar'), el('h1', {}, title), own, el('span', { class: 'grow' }), searchField(), bell(), person(), languageButton());
}

function person() {
  const options = store.users.map((user) => {
    const mark = user.is_admin ? ` (${t('admin')})` : user.is_active ? '' : ` (${t('left')})`;
    return el('option', { value: user.id }, user.name + mark);
  });
  const change = async (event) => {
    actAs(Number(event.target.value));
    await refreshStore();
    await go(location.pathname);
  };
  return el('label', {}, el('span', { class: 'hidden-text' }, t('you')), el('select', { class: 'field', id: 'who', value: store.user.id, onchange: change }, options));
}

function languageButton() {
  const change = () => {
    speak(spoken() === 'ru' ? 'en' : 'ru');
    localStorage.setItem('language', spoken());
    go(location.pathname);
  };
  return el('button', { class: 'button quiet', type: 'button', onclick: change }, t('language'));
}

/** Somebody was told something: a person at this page sees it at once. */
export async function bellHears({ user_id: userId, text }) {
  if (userId !== store.user.id) return;
  await trying(refreshStore);
  document.getElementById('bell')?.replaceWith(bell());
  toast(plain(text));
}

function bell() {
  const count = store.notices.length;
  const show = async () => {
    await refreshStore();
    const slider = openSlider(t('notices'), { width: 480 });
    const rows = store.notices.map((notice) => el('div', { class: 'panel' }, el('p', {}, plain(notice.text)), el('time', { class: 'quiet-text' }, moment(notice.at))));
    slider.sheet.append(el('div', { class: 'card' }, el('h2', {}, t('notices')), rows.length ? rows : el('p', { class: 'empty' }, t('no_notices'))));
  };
  return el('button', { class: 'button', type: 'button', id: 'bell', onclick: show }, `${t('notices')}${count ? `: ${count}` : ''}`);
}

/** BB codes left out: the page shows words only. */
export const plain = (text) => text.replace(/\[br\]/gi, '\n').replace(/\[\/?[a-z]+(?:=[^\]]*)?\]/gi, '');

function searchField() {
  const list = el('datalist', { id: 'found' });
  const look = async (event) => {
    const text = event.target.value;
    const chosen = /#(\d+)$/.exec(text);
    if (chosen) {
      event.target.value = '';
      openCard(Number(chosen[1]));
      return;
    }
    const answer = text.length > 1 ? await trying(() => get(`/search?query=${encodeURIComponent(text)}`)) : null;
    fill(list, (answer?.deals || []).map((deal) => el('option', { value: `${deal.title} #${deal.id}` })));
  };
  return el('label', {}, el('span', { class: 'hidden-text' }, t('search')), el('input', { class: 'field', id: 'search', type: 'search', list: 'found', placeholder: t('search'), oninput: look }), list);
}
