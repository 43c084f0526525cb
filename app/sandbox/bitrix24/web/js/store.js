import { get } from '/js/api.js';

/** What the whole page knows: portal, user, users, roles, funnels, fields, apps, notices. */
export const store = { portal: null, user: null, users: [], roles: [], funnels: [], fields: [], apps: [], notices: [] };

/** Read it all anew. */
export async function refreshStore() {
  Object.assign(store, await get('/bootstrap'));
}

export const funnelOf = (categoryId) => store.funnels.find((funnel) => funnel.id === categoryId);

/** The places of a kind that working applications have taken. */
export function places(code) {
  const working = store.apps.filter((app) => app.present && app.installed);
  return working.flatMap((app) => app.places.filter((place) => place.code === code).map((place) => ({ app, place })));
}
