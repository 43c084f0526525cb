import type { Session } from '../api/types';
import { HostError, asLanguage } from './bridge';
import type { HostBridge, HostContext, Language, Theme } from './bridge';
import type { Opening } from './posted';

const PATIENCE_MS = 10_000;
const CRM = 'bitrix24';

interface FreshAuth {
  AUTH_ID?: string;
}

interface OpenedPath {
  result?: string;
}

/**
 * Our page in a frame of a portal. The portal's side of the frame takes texts such as
 * `openPath:{"path":"/crm/"}:key:sid` and answers `key:{...}`; what it does not know it never answers.
 *
 * https://apidocs.bitrix24.com/sdk/bx24-js-sdk/index.html
 */
export class Bitrix24Host implements HostBridge {
  readonly language: Language;
  /** The portal tells no theme, and has a light one around the frame. */
  readonly theme: Theme = 'light';
  readonly skin = 'round';
  readonly isProofNeeded = true;
  /** Until the browser says so the portal shows our places to nobody and sends no events. Said once. */
  readonly finishInstall?: () => void;
  private readonly waiting = new Map<string, (answer: unknown) => void>();
  private lastHeight = 0;
  private asked = 0;

  constructor(
    private readonly opening: Opening,
    private readonly page: Window = window,
    private readonly fetcher: typeof fetch = fetch.bind(globalThis),
  ) {
    this.language = asLanguage(opening.language);
    let isSaid = false;
    if (opening.installs) {
      this.finishInstall = () => {
        if (!isSaid) this.tell('setInstallFinish');
        isSaid = true;
      };
    }
    page.addEventListener('message', (event) => {
      this.receive(event);
    });
  }

  connect(): Promise<HostContext> {
    const { session, deal_id: dealId } = this.opening;
    return Promise.resolve({ session, dealId, language: this.language, theme: this.theme });
  }

  /** The portal gives the viewer's fresh token, the server asks the vendor whose it is. */
  async renew(): Promise<Session> {
    const headers = { 'X-Auth-Token': await this.prove() };
    const query = new URLSearchParams({ crm: CRM, deal_id: this.opening.deal_id, language: this.language });
    const response = await this.fetcher(`/api/v1/session?${query.toString()}`, {
      method: 'POST',
      headers,
      credentials: 'omit',
    }).catch(() => null);
    if (!response?.ok) throw new HostError(response ? `refused_${String(response.status)}` : 'no_session');
    return (await response.json()) as Session;
  }

  /** A token of the viewer that the portal made just now, with what tells the server where to ask whose it is. */
  async prove(): Promise<string> {
    const answer = (await this.ask('refreshAuth')) as FreshAuth | null;
    if (!answer?.AUTH_ID) throw new HostError('no_session');
    return `${this.opening.proof_head} ${answer.AUTH_ID}`.trim();
  }

  resize(height: number): void {
    const whole = Math.ceil(height);
    if (whole === this.lastHeight) return;
    this.lastHeight = whole;
    this.tell('resizeWindow', { width: '100%', height: whole });
  }

  openDeal(dealId: string): void {
    this.tell('openPath', { path: `/crm/deal/details/${encodeURIComponent(dealId)}/` });
  }

  /**
   * The portal shows some of its pages over ours and says of the others that it has none such; what it says
   * of an address in the phone's application, or when the page is closed, is no matter.
   *
   * https://apidocs.bitrix24.com/sdk/bx24-js-sdk/additional-functions/bx24-open-path.html
   */
  openAddress(address: string): void {
    const url = new URL(address, this.opening.origin);
    const elsewhere = (): void => {
      this.page.open(url.href, '_blank', 'noopener');
    };
    if (url.origin !== this.opening.origin) {
      elsewhere();
      return;
    }
    this.ask('openPath', { path: url.pathname + url.search }).then(
      (answer) => {
        if ((answer as OpenedPath | null)?.result === 'error') elsewhere();
      },
      () => undefined,
    );
  }

  /**
   * The card around our tab is read anew.
   *
   * https://apidocs.bitrix24.com/api-reference/widgets/ui-interaction/crm/index.html
   */
  dealChanged(): void {
    this.tell('reloadData');
  }

  private ask(command: string, params?: Record<string, unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const key = this.tell(command, params);
      const timer = setTimeout(() => {
        this.waiting.delete(key);
        reject(new HostError('host_silent'));
      }, PATIENCE_MS);
      this.waiting.set(key, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  private tell(command: string, params?: Record<string, unknown>): string {
    const key = `stepgate${String(++this.asked)}`;
    const parts = [command, params ? JSON.stringify(params) : '', key, appSidOf(this.page)];
    this.page.parent.postMessage(parts.filter(Boolean).join(':'), this.opening.origin);
    return key;
  }

  private receive(event: MessageEvent): void {
    if (event.source !== this.page.parent || event.origin !== this.opening.origin) return;
    if (typeof event.data !== 'string') return;
    const end = event.data.indexOf(':');
    const key = end < 0 ? event.data : event.data.slice(0, end);
    const settle = this.waiting.get(key);
    if (!settle) return;
    this.waiting.delete(key);
    settle(end < 0 ? null : parsed(event.data.slice(end + 1)));
  }
}

/** The id of our frame stands in the address that the portal posted to, in older pages in the window's name. */
function appSidOf(page: Window): string {
  return new URLSearchParams(page.location.search).get('APP_SID') ?? page.name.split('|')[2] ?? '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
