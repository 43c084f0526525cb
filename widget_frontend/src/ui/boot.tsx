import { render } from 'preact';
import type { ComponentChild } from 'preact';

import { ApiClient } from '../api/client';
import { SessionKeeper } from '../api/session';
import { useTimezone } from '../format/format';
import { findHost } from '../host';
import type { HostBridge, HostContext, Language } from '../host/bridge';
import { useMessages } from '../i18n/translate';
import type { Messages } from '../i18n/translate';
import './base.css';

export interface Ready {
  api: ApiClient;
  context: HostContext;
  host: HostBridge;
}

export type Texts = Record<Language, () => Promise<Messages>>;

export interface Page {
  texts: Texts;
  skeleton: () => ComponentChild;
  draw: (ready: Ready) => ComponentChild;
}

/** Start a page: texts and handshake at the same time, then the view. */
export async function boot(page: Page, root = document.getElementById('app')): Promise<void> {
  if (!root) return;
  render(<main aria-busy="true">{page.skeleton()}</main>, root);
  const host = await findHost();
  dress(host);
  watchHeight(root, host);
  const meeting = host.connect();
  meeting.catch(() => undefined);
  try {
    useMessages(host.language, await page.texts[host.language]());
    const context = await meeting;
    if (context.language !== host.language) useMessages(context.language, await page.texts[context.language]());
    dress(context);
    useTimezone(context.session.account.timezone);
    const api = new ApiClient(new SessionKeeper(context.session, host));
    render(page.draw({ api, context, host }), root);
  } catch (error) {
    const { hostTrouble } = await import('./host_trouble');
    render(await hostTrouble(error, host.language), root);
  }
}

function dress(look: Pick<HostBridge, 'language' | 'theme' | 'skin'>): void {
  document.documentElement.lang = look.language;
  if (look.skin) document.documentElement.dataset['skin'] = look.skin;
  if (look.theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = look.theme;
}

function watchHeight(root: HTMLElement, host: HostBridge): void {
  const observer = new ResizeObserver(() => {
    host.resize(root.getBoundingClientRect().height);
  });
  observer.observe(root);
}
