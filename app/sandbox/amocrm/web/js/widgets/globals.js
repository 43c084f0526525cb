import { currentUserId } from '../api.js';
import { getLang } from '../i18n.js';
import { state, userById } from '../state.js';
import { toast } from '../toast.js';

/**
 * The global object that widgets read: where we are, who is here, which card is open.
 * https://www.amocrm.ru/developers/content/web_sdk/env_variables
 */
const place = { area: '', entity: '', card: false };

/** Tell widgets where the person is. `card` is false or {id, values}. */
export function setPlace(area, entity, card) {
  place.area = area;
  place.entity = entity;
  place.card = card ? { id: card.id, model: cardModel(card.values || {}) } : false;
  window.APP.data.current_card = place.card;
  window.APP.data.is_card = Boolean(card);
  window.APP.data.current_entity = entity;
}

function cardModel(values) {
  const attributes = { ...values };
  return { attributes, get: (key) => attributes[key], set: (key, value) => { attributes[key] = value; }, toJSON: () => ({ ...attributes }) };
}

export function currentPlace() {
  return place;
}

export function installApp() {
  const app = {
    get lang_id() { return getLang(); },
    data: { current_card: false, current_entity: '', is_card: false, current_view: { get $el() { return window.jQuery('#view'); } }, current_list: false },
    widgets: { list: {} },
    getBaseEntity: () => place.entity,
    isCard: () => Boolean(place.card),
    getWidgetsArea: () => place.area,
    getV3WidgetsArea: () => place.area,
    constant: (key) => constants[key]?.(),
    notifications: notifications(),
    router: { navigate: (url) => { location.hash = url.replace(/^\/?(leads)\/detail\//, '#/leads/'); } },
    sdk: { setCallingStatus: () => {}, showUserStatus: () => Object.fromEntries(state.users.map((u) => [u.id, { id: String(u.id), online: u.id === currentUserId() }])) },
  };
  window.APP = app;
  window.AMOCRM = app;
}

const constants = {
  user: () => {
    const user = userById(currentUserId());
    return { id: user.id, name: user.name, login: user.email, email: user.email, lang: getLang(), is_admin: user.is_admin ? 'Y' : 'N' };
  },
  user_rights: () => ({ is_admin: Boolean(userById(currentUserId()).is_admin) }),
  account: () => ({ id: state.account.id, name: state.account.name, subdomain: state.account.subdomain, language: getLang(), currency: 'RUB', timezone: 'Europe/Moscow', users: Object.fromEntries(state.users.map((u) => [u.id, u.name])) }),
  managers: () => Object.fromEntries(state.users.map((u) => [u.id, { id: String(u.id), title: u.name, login: u.email, active: u.is_active !== false, is_admin: u.is_admin ? 'Y' : 'N', group: 'group_0' }])),
  groups: () => ({ group_0: getLang() === 'ru' ? 'Отдел продаж' : 'Sales' }),
  task_types: () => ({}),
};

function notifications() {
  const line = (message) => [message.header, message.text].filter(Boolean).join(': ');
  return {
    show_message: (message) => toast(line(message)),
    show_message_error: (message) => toast(line(message), 'bad'),
    add_error: (message) => toast(line(message), 'bad'),
    add_call: (message) => toast(line(message)),
  };
}
