/** Pages by address: `#/leads`, `#/leads/12`, `#/settings/integrations` … */
const routes = [];
let current = null;

export function route(pattern, open) {
  const source = pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)');
  routes.push({ match: new RegExp(`^${source}$`), open });
}

/** `open(params)` of a page answers a function that is called on leaving it. */
async function go() {
  const path = location.hash.replace(/^#/, '').split('?')[0] || '/leads';
  const ticket = {};
  const leave = current?.leave;
  current = ticket;
  leave?.();
  for (const { match, open } of routes) {
    const found = match.exec(path);
    if (!found) continue;
    const leaveNew = await open(found.groups || {}, () => current === ticket);
    if (current === ticket) ticket.leave = leaveNew;
    else leaveNew?.();
    return;
  }
  location.hash = '#/leads';
}

export function startRouter() {
  addEventListener('hashchange', go);
  return go();
}

/** Open the current page anew: after a change of user, language or integrations. */
export function reopen() {
  return go();
}
