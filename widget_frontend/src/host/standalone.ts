import type { Session } from '../api/types';
import { HostError, asLanguage, asTheme } from './bridge';
import type { HostBridge, HostContext, Language, Theme } from './bridge';

/**
 * Our page in a tab of its own, for development and tests: the session's token and the deal come in the
 * address's fragment, which browsers never send to a server.
 */
export class StandaloneHost implements HostBridge {
  readonly language: Language;
  readonly theme: Theme;
  private readonly fragment: URLSearchParams;

  constructor(page: Window = window) {
    this.fragment = new URLSearchParams(page.location.hash.slice(1));
    this.language = asLanguage(this.fragment.get('language'));
    this.theme = asTheme(this.fragment.get('theme'));
  }

  async connect(): Promise<HostContext> {
    const session = await this.renew();
    const dealId = this.fragment.get('deal') ?? '';
    return { session, dealId, language: this.language, theme: this.theme };
  }

  async renew(): Promise<Session> {
    const token = this.fragment.get('token');
    if (!token) throw new HostError('no_host');
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch('/api/v1/session/renew', { method: 'POST', headers }).catch(() => null);
    if (!response?.ok) throw new HostError('no_session');
    return (await response.json()) as Session;
  }

  prove(): Promise<string> {
    return Promise.resolve(this.fragment.get('token') ?? '');
  }

  resize(): void {
    // A tab has its own height.
  }

  openDeal(dealId: string): void {
    location.hash = `deal=${encodeURIComponent(dealId)}`;
  }
}
