import type { ApiClient } from '../api/client';
import { ApiError } from '../api/client';
import type { Status } from '../api/types';
import { Watched } from '../ui/watched';

export type StepState = 'done' | 'doing' | 'waiting' | 'failed';
/** What the administrator has to do before we can go on. */
export type Fault = 'reconnect' | 'pay' | 'rights_needed' | 'wait' | 'offline';

export interface Progress {
  catalog: StepState;
  places: StepState;
  map: StepState;
  past: StepState;
}

const FAULTS = new Set<string>(['reconnect', 'pay', 'rights_needed'] satisfies Fault[]);
const LOOK_EVERY_MS = 1_000;
/** So often we look whether the server finishes by itself before we ask for it. */
const LOOKS = 6;
/** What was done can be read before the CRM takes the page away. */
const READING_MS = 1_500;

/** How far each step is; the one that the server works at comes before those that wait for it. */
export function progressOf(status: Status | null, isFaulty: boolean): Progress {
  const isRead = Boolean(status?.crm.catalog_read_at);
  const isHeard = isRead && status?.hooks.state === 'ok';
  const now: StepState = isFaulty ? 'failed' : 'doing';
  const pastNow: StepState = status?.backfill?.state === 'done' ? 'done' : 'doing';
  return {
    catalog: isRead ? 'done' : now,
    map: isRead ? 'done' : 'waiting',
    places: isHeard ? 'done' : isRead ? now : 'waiting',
    past: isHeard && status.backfill ? pastNow : 'waiting',
  };
}

/** The first minute of an account: watches what the server does, helps it on, and tells the CRM at the end. */
export class InstallStore {
  readonly status = new Watched<Status | null>(null);
  readonly fault = new Watched<Fault | null>(null);
  readonly isDone = new Watched(false);

  constructor(
    private readonly api: ApiClient,
    private readonly finish: () => void,
    private readonly pause: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  async run(): Promise<void> {
    this.fault.value = null;
    try {
      for (let look = 0; look < LOOKS; look++) {
        if (await this.isReady()) return;
        await this.pause(LOOK_EVERY_MS);
      }
      await this.api.send('POST', '/setup');
      await this.isReady();
    } catch (error) {
      this.fault.value = faultOf(error);
    }
  }

  /** Leave the rest to the server, which tries again by itself. */
  end(): void {
    this.fault.value = null;
    this.isDone.value = true;
    this.finish();
  }

  private async isReady(): Promise<boolean> {
    this.status.value = await this.api.get<Status>('/status');
    if (progressOf(this.status.value, false).places !== 'done') return false;
    this.isDone.value = true;
    await this.pause(READING_MS);
    this.finish();
    return true;
  }
}

function faultOf(error: unknown): Fault {
  if (!(error instanceof ApiError)) return 'reconnect';
  if (error.isOffline) return 'offline';
  return FAULTS.has(error.code) ? (error.code as Fault) : 'wait';
}
