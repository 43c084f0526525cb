import { openBoard } from './board/page.js';
import { openCard } from './card/page.js';
import { fill, h } from './dom.js';
import { setLang, t } from './i18n.js';
import { applyTheme, followSystemTheme, preference } from './preferences.js';
import { route, startRouter } from './router.js';
import { openAdvanced } from './settings/advanced.js';
import { openFaults } from './settings/faults.js';
import { openIntegrations } from './settings/integrations.js';
import { drawRail, drawShell, startPreferences, view } from './shell.js';
import { loadAccount } from './state.js';
import { openStream } from './stream.js';
import { installWidgetHost } from './widgets/index.js';
import { leaveArea } from './widgets/runtime.js';

/** Open a page in the holder; when it fails, say so there and offer to try again. */
function page(open) {
  return async (params, current) => {
    leaveArea();
    drawRail();
    view().scrollTop = 0;
    try {
      return await open(view(), params, current);
    } catch (error) {
      console.debug('page', error);
      if (current()) showFailure(error);
      return undefined;
    }
  };
}

function showFailure(error) {
  fill(view(), h('div', { class: 'page' }, h('p', { class: 'notice notice--bad', role: 'alert' }, t('pageFailed', { why: error.message })),
    h('p', {}, h('button', { type: 'button', on: { click: () => location.reload() } }, t('tryAgain')))));
}

async function start() {
  applyTheme(preference('theme', 'auto'));
  followSystemTheme();
  setLang(preference('lang', 'ru'));
  await loadAccount();
  startPreferences();
  installWidgetHost();
  drawShell();
  await openStream();
  route('/leads', page(openBoard));
  route('/leads/:id', page(openCard));
  route('/settings/integrations', page(openIntegrations));
  route('/settings/widget/:code', page(openAdvanced));
  route('/settings/faults', page(openFaults));
  await startRouter();
}

start().catch((error) => {
  console.debug('start', error);
  fill(document.getElementById('app'), h('p', { class: 'notice notice--bad', role: 'alert' }, t('pageFailed', { why: error.message })));
});
