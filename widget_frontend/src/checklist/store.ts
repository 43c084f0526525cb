import type { ApiClient } from '../api/client';
import { startPolling } from '../api/long_poll';
import { errorIdOf, troubleOf } from '../api/trouble';
import type { Trouble } from '../api/trouble';
import type { Channel, Checklist, ChecklistItem } from '../api/types';
import type { HostBridge } from '../host/bridge';
import { t } from '../i18n/translate';
import { Watched } from '../ui/watched';
import { newlyMet } from './model';
import { isFreshReturn } from './returns';

export interface VouchBody {
  checkpoint_key: string;
  quote: string;
  happened_on: string;
  channel: Channel;
}

/** A step that was just set aside. */
export interface Waived {
  key: string;
  title: string;
}

/** The state of one deal's card: the newest checklist, what is wrong, and what was announced. */
export class ChecklistStore {
  readonly list = new Watched<Checklist | null>(null);
  readonly trouble = new Watched<Trouble | null>(null);
  readonly errorId = new Watched('');
  readonly announcement = new Watched('');
  /** What the last answer may take back. */
  readonly undo = new Watched<Waived | null>(null);
  /** The stage that the deal was moved on to while the card was open. */
  readonly movedTo = new Watched('');
  private stopPolling: () => void = () => undefined;

  constructor(
    readonly api: ApiClient,
    readonly dealId: string,
    /** What has to be there before a list is drawn. */
    private readonly prepare: (list: Checklist) => Promise<void> = () => Promise.resolve(),
    readonly host?: HostBridge,
  ) {}

  start(): void {
    this.stopPolling();
    this.stopPolling = startPolling({
      ask: (signal) => this.ask(signal),
      onError: (error) => {
        this.fail(error);
      },
    });
  }

  stop(): void {
    this.stopPolling();
  }

  async vouch(body: VouchBody): Promise<void> {
    await this.api.send('POST', `${this.path}/vouch`, { body });
    this.announcement.value = t('card.vouchDone');
    await this.refresh();
  }

  async contest(logId: string, text: string): Promise<void> {
    await this.api.send('POST', `${this.path}/contest`, { body: { log_id: logId, text } });
    await this.refresh();
  }

  async waive({ key, title }: ChecklistItem, reason: string): Promise<void> {
    await this.answer(key, 'will_not_happen', reason);
    this.undo.value = { key, title };
    this.announcement.value = t('card.waived', { step: title });
    await this.refresh();
  }

  async unwaive(key: string): Promise<void> {
    await this.answer(key, null, '');
    this.undo.value = null;
    this.announcement.value = t('card.waiveUndone');
    await this.refresh();
  }

  /** Ask for the deal to be moved on; the card tells how that goes. */
  async moveOn(stageId: string): Promise<void> {
    await this.api.send('POST', `${this.path}/forward`, { body: { stage_id: stageId } });
    await this.refresh();
  }

  history<T>(): Promise<T> {
    return this.api.get<T>(`${this.path}/history`);
  }

  private get path(): string {
    return `/deals/${encodeURIComponent(this.dealId)}`;
  }

  private answer(key: string, answer: 'will_not_happen' | null, reason: string): Promise<unknown> {
    return this.api.send('POST', `${this.path}/answer`, { body: { checkpoint_key: key, answer, reason } });
  }

  private async ask(signal: AbortSignal): Promise<void> {
    const known = this.list.value;
    // A first answer is wanted at once; the next ones hang on the server until there is news.
    const after = known && !this.trouble.value ? `?after=${encodeURIComponent(String(known.revision))}` : '';
    const answer = await this.api.call<Checklist>('GET', `${this.path}/checklist${after}`, { signal });
    this.trouble.value = null;
    if (answer.data) await this.accept(answer.data);
  }

  private async refresh(): Promise<void> {
    await this.accept(await this.api.get<Checklist>(`${this.path}/checklist`));
  }

  private async accept(list: Checklist): Promise<void> {
    await this.prepare(list);
    const before = this.list.value;
    const titles = newlyMet(before, list);
    this.list.value = list;
    if (isFreshReturn(before, list)) this.host?.dealChanged?.();
    if (titles.length) {
      const progress = t('card.live.progress', { met: list.met, total: list.total });
      this.announcement.value = `${titles.map((title) => t('card.live.met', { title })).join('. ')}. ${progress}`;
    }
  }

  private fail(error: unknown): void {
    this.trouble.value = troubleOf(error);
    this.errorId.value = errorIdOf(error);
  }
}
