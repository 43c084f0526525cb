import { actAs } from '/js/api.js';
import { boardHears } from '/js/board.js';
import { cardsHear } from '/js/card.js';
import { phoneHears } from '/js/phone.js';
import { bellHears, drawMenu } from '/js/shell.js';
import { show } from '/js/pages.js';
import { refreshStore, store } from '/js/store.js';
import { speak } from '/js/texts.js';
import { trying } from '/js/toast.js';

const FIRST = '/crm/deal/kanban/category/0/';

function listen() {
  const stream = new EventSource('/sandbox/api/stream');
  stream.addEventListener('open', () => {
    document.documentElement.dataset.live = 'yes';
  });
  stream.addEventListener('message', (event) => {
    const change = JSON.parse(event.data);
    if (change.type === 'bell') {
      bellHears(change);
      return;
    }
    boardHears(change);
    cardsHear(change);
    phoneHears(change);
  });
}

async function begin() {
  speak(localStorage.getItem('language') || 'ru');
  const kept = /(?:^|; )sandbox_user=(\d+)/.exec(document.cookie);
  if (kept) actAs(Number(kept[1]));
  try {
    await refreshStore();
  } catch {
    actAs(0);
    document.cookie = 'sandbox_user=; path=/; max-age=0';
    await refreshStore();
  }
  actAs(store.user.id);
  listen();
  document.addEventListener('apps-changed', () => drawMenu(location.pathname));
  if (location.pathname === '/') history.replaceState(null, '', FIRST);
  await show(location.pathname);
}

trying(begin);
