import type { ApiClient } from '../api/client';
import { errorIdOf, troubleOf } from '../api/trouble';
import type { Trouble } from '../api/trouble';
import type { AccountSettings, Objection, Objections, ParkedLane, ParkedLanes, SettingsChange } from '../api/types';
import { Watched } from '../ui/watched';

/** What an account chose, what was set aside in it, and what its managers object to. */
export class AccountStore {
  readonly settings = new Watched<AccountSettings | null>(null);
  readonly parked = new Watched<ParkedLanes | null>(null);
  readonly objections = new Watched<Objections | null>(null);
  readonly trouble = new Watched<Trouble | null>(null);
  readonly errorId = new Watched('');
  /** Open objections, for the badge beside their page. */
  readonly waiting = new Watched(0);

  constructor(private readonly api: ApiClient) {}

  /** The account's page. */
  open(): Promise<void> {
    return this.attempt(async () => {
      const [settings, parked] = await Promise.all([
        this.api.get<AccountSettings>('/settings'),
        this.api.get<ParkedLanes>('/lanes/parked'),
      ]);
      this.settings.value = settings;
      this.parked.value = parked;
    });
  }

  /** The objections' page: those that wait, or those that were answered. */
  openObjections(state: Objection['state']): Promise<void> {
    return this.attempt(async () => {
      this.take(await this.api.get<Objections>(`/objections?state=${state}`));
    });
  }

  /** How many wait; a page without the badge is still of use. */
  async count(): Promise<void> {
    const found = await this.api.get<Objections>('/objections?state=open').catch(() => null);
    if (found) this.waiting.value = found.open_count;
  }

  async answer(objection: Objection, note: string): Promise<void> {
    await this.api.send('POST', `/objections/${encodeURIComponent(objection.id)}/close`, { body: { note } });
    this.take(await this.api.get<Objections>('/objections?state=open'));
  }

  async change(changes: SettingsChange): Promise<void> {
    this.settings.value = await this.api.send<AccountSettings>('PATCH', '/settings', { body: changes });
  }

  async retry(lane: ParkedLane): Promise<void> {
    await this.free(lane, 'retry');
  }

  async drop(lane: ParkedLane): Promise<void> {
    await this.free(lane, 'drop');
  }

  private async free({ entity, entity_id }: ParkedLane, verb: 'retry' | 'drop'): Promise<void> {
    await this.api.send('POST', `/lanes/${entity}/${encodeURIComponent(entity_id)}/${verb}`);
    this.parked.value = await this.api.get<ParkedLanes>('/lanes/parked');
  }

  private take(found: Objections): void {
    this.objections.value = found;
    this.waiting.value = found.open_count;
  }

  private async attempt(action: () => Promise<void>): Promise<void> {
    this.trouble.value = null;
    try {
      await action();
    } catch (error) {
      this.trouble.value = troubleOf(error);
      this.errorId.value = errorIdOf(error);
    }
  }
}
