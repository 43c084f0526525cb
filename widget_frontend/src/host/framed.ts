import type { Session } from '../api/types';
import { HostError, asLanguage, asTheme } from './bridge';
import type { HostBridge, HostContext, Language, Theme } from './bridge';

const PATIENCE_MS = 20_000;

interface SessionMessage extends Session {
  type: 'stepgate:session';
  deal_id?: string | number;
  language?: string;
  theme?: string;
}

/** Our page in a frame inside the CRM; the archive's script is on the other side. */
export class FramedHost implements HostBridge {
  readonly language: Language;
  readonly theme: Theme;
  readonly skin = 'square';
  private waiting: { resolve: (context: HostContext) => void; reject: (error: HostError) => void }[] = [];
  private lastHeight = 0;

  constructor(
    private readonly parentOrigin: string,
    query: URLSearchParams,
    private readonly page: Window = window,
  ) {
    this.language = asLanguage(query.get('language'));
    this.theme = asTheme(query.get('theme'));
    page.addEventListener('message', (event) => {
      this.receive(event);
    });
  }

  connect(): Promise<HostContext> {
    return this.ask('stepgate:ready');
  }

  async renew(): Promise<Session> {
    return (await this.ask('stepgate:renew')).session;
  }

  resize(height: number): void {
    if (Math.abs(height - this.lastHeight) < 1) return;
    this.lastHeight = height;
    this.tell({ type: 'stepgate:resize', height: Math.ceil(height) });
  }

  openDeal(dealId: string): void {
    this.tell({ type: 'stepgate:open_deal', deal_id: dealId });
  }

  private ask(type: string): Promise<HostContext> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new HostError('host_silent'));
      }, PATIENCE_MS);
      const settle = { resolve, reject };
      this.waiting.push({
        resolve: (context) => {
          clearTimeout(timer);
          settle.resolve(context);
        },
        reject: (error) => {
          clearTimeout(timer);
          settle.reject(error);
        },
      });
      this.tell({ type });
    });
  }

  private tell(message: Record<string, unknown>): void {
    this.page.parent.postMessage(message, this.parentOrigin);
  }

  private receive(event: MessageEvent): void {
    if (event.source !== this.page.parent || event.origin !== this.parentOrigin) return;
    const message = event.data as { type?: unknown; code?: unknown } | null;
    if (message?.type === 'stepgate:session') this.accept(event.data as SessionMessage);
    if (message?.type === 'stepgate:session_error') this.refuse(String(message.code ?? 'no_session'));
  }

  private accept(message: SessionMessage): void {
    const { token, expires_at, user, account } = message;
    const context: HostContext = {
      session: { token, expires_at, user, account },
      dealId: String(message.deal_id ?? ''),
      language: asLanguage(message.language ?? this.language),
      theme: asTheme(message.theme ?? this.theme),
    };
    for (const one of this.waiting.splice(0)) one.resolve(context);
  }

  private refuse(code: string): void {
    for (const one of this.waiting.splice(0)) one.reject(new HostError(code));
  }
}

/**
 * The origin of the page that frames us. The server's frame-ancestors lets only the account's own origins
 * frame this page, so the address's word is good where the browser has no ancestorOrigins.
 */
export function parentOriginOf(page: Window): string {
  const ancestors = page.location.ancestorOrigins as DOMStringList | undefined;
  return ancestors?.[0] ?? new URLSearchParams(page.location.search).get('origin') ?? '';
}
