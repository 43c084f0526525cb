import type { ApiClient } from '../api/client';
import { errorIdOf, troubleOf } from '../api/trouble';
import type { Trouble } from '../api/trouble';
import type { LockView, LockTrial } from '../api/types';
import type { HostBridge } from '../host/bridge';
import { Watched } from '../ui/watched';

/** The locks of one pipeline: what to set in the CRM, the trial that is under way, what trials showed. */
export class LockStore {
  readonly state = new Watched<LockView | null>(null);
  readonly trouble = new Watched<Trouble | null>(null);
  readonly errorId = new Watched('');
  /** The stage that somebody asked to try; the form takes it over. */
  readonly wanted = new Watched('');
  private pipelineId = '';

  constructor(
    private readonly api: ApiClient,
    readonly host: Pick<HostBridge, 'openAddress'>,
  ) {}

  async open(pipelineId: string): Promise<void> {
    this.pipelineId = pipelineId;
    this.state.value = null;
    this.trouble.value = null;
    try {
      await this.read();
    } catch (error) {
      this.trouble.value = troubleOf(error);
      this.errorId.value = errorIdOf(error);
    }
  }

  /** What is shown stays as it is while nothing newer can be read. */
  async refresh(): Promise<void> {
    if (this.state.value) await this.read().catch(() => undefined);
  }

  async start(stageId: string, userId: string): Promise<void> {
    const body = { pipeline_id: this.pipelineId, stage_id: stageId, user_id: userId };
    const trial = await this.api.send<LockTrial>('POST', '/lock/trials', { body });
    if (this.state.value) this.state.value = { ...this.state.value, trial };
  }

  async cancel({ trial_id: id }: LockTrial): Promise<void> {
    await this.api.send('DELETE', `/lock/trials/${encodeURIComponent(id)}`);
    if (this.state.value) this.state.value = { ...this.state.value, trial: null };
  }

  private async read(): Promise<void> {
    const asked = this.pipelineId;
    const found = await this.api.get<LockView>(`/lock?pipeline_id=${encodeURIComponent(asked)}`);
    if (asked !== this.pipelineId) return;
    this.state.value = found;
  }
}
