import type { HostBridge } from '../host/bridge';
import type { TokenSource } from './client';
import type { Session } from './types';

const LEAD_MS = 60_000;
const LEAST_MS = 5_000;
/** Timers cannot wait longer than 24 days; a day is plenty. */
const MOST_MS = 86_400_000;

/** Milliseconds until a session should be renewed: a minute before its end, never at once, daily at least. */
export function renewDelay(expiresAt: string, now: number): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, Date.parse(expiresAt) - now - LEAD_MS));
}

/** Keeps one living session in memory; nothing is stored in the browser. */
export class SessionKeeper implements TokenSource {
  private renewing: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private session: Session,
    private readonly host: HostBridge,
    private readonly fetcher: typeof fetch = fetch.bind(globalThis),
  ) {
    this.schedule();
  }

  token(): string {
    return this.session.token;
  }

  /** Renew once for all who ask at the same time: by ourselves, else through the host. */
  renew(): Promise<void> {
    this.renewing ??= this.replace().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async replace(): Promise<void> {
    const renewed = this.host.isProofNeeded ? null : await this.renewOwn();
    this.session = renewed ? { ...this.session, ...renewed } : await this.host.renew();
    this.schedule();
  }

  private async renewOwn(): Promise<Partial<Session> | null> {
    const headers = { Authorization: `Bearer ${this.session.token}` };
    const init: RequestInit = { method: 'POST', headers, credentials: 'omit' };
    const response = await this.fetcher('/api/v1/session/renew', init).catch(() => null);
    return response?.ok ? ((await response.json()) as Partial<Session>) : null;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        // A refusal shows itself at the next call, which gets a 401.
        this.renew().catch(() => undefined);
      },
      renewDelay(this.session.expires_at, Date.now()),
    );
  }
}
