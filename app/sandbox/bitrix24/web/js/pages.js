/** Which page an address shows. Addresses are the vendor's own where it has them. */
import { showAnalytics, showAppPage, showApps, showMenuPage } from '/js/apps.js';
import { showBoard } from '/js/board.js';
import { openCard } from '/js/card.js';
import { showPhone, showPhoneDeal } from '/js/phone.js';
import { showRoles } from '/js/roles.js';
import { openRoleMatrix, showRoleMatrix } from '/js/role_matrix.js';
import { drawMenu } from '/js/shell.js';
import { closeAll } from '/js/slider.js';
import { showSwitches } from '/js/switches.js';
import { trying } from '/js/toast.js';

const RIGHTS = /^\/crm\/configs\/perms\/?$/;
const CARD = /^\/crm\/deal\/details\/(\d+)\/?$/;
const PAGES = [
  [/^\/crm\/deal\/kanban\/category\/(\d+)\/?$/, (found) => showBoard(Number(found[1]))],
  [/^\/crm\/mobile\/?$/, () => showPhone()],
  [/^\/crm\/mobile\/deal\/(\d+)\/?$/, (found) => showPhoneDeal(Number(found[1]))],
  [/^\/crm\/analytics\/?$/, () => showAnalytics()],
  [RIGHTS, () => showRoleMatrix()],
  [/^\/marketplace\/app\/([^/]+)\/?$/, (found) => showAppPage(decodeURIComponent(found[1]))],
  [/^\/marketplace\/menu\/([^/]+)\/?$/, (found) => showMenuPage(decodeURIComponent(found[1]))],
  [/^\/marketplace\/?$/, () => showApps()],
  [/^\/settings\/switches\/?$/, () => showSwitches()],
  [/^\/settings\/roles\/?$/, () => showRoles()],
];

/** Go to an address of the portal. */
export async function go(path) {
  closeAll();
  if (path !== location.pathname) history.pushState(null, '', path);
  await show(path);
}

/** Draw what an address shows; a deal's address shows its card over the board. */
export async function show(path) {
  drawMenu(path);
  const known = PAGES.map(([pattern, draw]) => [pattern.exec(path), draw]).find(([found]) => found);
  const deal = CARD.exec(path);
  await trying(() => (known ? known[1](known[0]) : showBoard(0)));
  if (deal) openCard(Number(deal[1]));
}

/** An application opens an address in a slider: deals and access rights have one. False when it has none. */
export function openPath(path, closed) {
  if (RIGHTS.test(path)) {
    trying(() => openRoleMatrix(closed));
    return true;
  }
  const deal = CARD.exec(path);
  if (!deal) return false;
  openCard(Number(deal[1]), closed);
  return true;
}

window.addEventListener('popstate', () => {
  closeAll();
  show(location.pathname);
});
