import { ApiError } from '../api/client';
import type { ApiClient } from '../api/client';
import { sentenceOf, troubleOf } from '../api/trouble';
import type { Chosen, Imported, MatchState } from '../api/types';
import { t } from '../i18n/translate';
import { Watched } from '../ui/watched';
import { NOTHING_CHOSEN, doubtfulIn } from './model';

export const MOST_BYTES = 900_000;

/** What an import asks for beside the pairs. */
export interface Wishes {
  keep_modes: boolean;
  with_people: boolean;
}

/** A file that is being brought into a pipeline. The server keeps nothing of it before the end. */
export class TransferStore {
  readonly seen = new Watched<MatchState | null>(null);
  readonly chosen = new Watched<Chosen>(NOTHING_CHOSEN);
  readonly wishes = new Watched<Wishes>({ keep_modes: false, with_people: false });
  readonly isBusy = new Watched(false);
  readonly fault = new Watched('');
  /** What became of the last import, until it was read. */
  readonly imported = new Watched<Imported | null>(null);
  /** Rows that were open to doubt when the file was read. */
  doubtful: ReadonlySet<string> = new Set();
  fileName = '';
  private text = '';
  private path = '';
  private asked = 0;

  constructor(private readonly api: ApiClient) {}

  save(pipelineId: string, version: number | null): Promise<Blob> {
    return this.api.file(`${pathOf(pipelineId)}/file${version === null ? '' : `?version=${String(version)}`}`);
  }

  async read(file: File, pipelineId: string): Promise<void> {
    this.close();
    if (file.size > MOST_BYTES) {
      this.fault.value = t('transfer.tooLarge');
      return;
    }
    try {
      this.text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    } catch {
      this.fault.value = t('transfer.notText');
      return;
    }
    this.fileName = file.name;
    this.path = pathOf(pipelineId);
    await this.ask((seen) => {
      this.doubtful = doubtfulIn(seen);
    });
  }

  /** Shown at once; the server's answer follows, or what was before when it has none. */
  async choose(chosen: Chosen, shown: MatchState | null = this.seen.value): Promise<void> {
    const before = [this.chosen.value, this.seen.value] as const;
    this.chosen.value = chosen;
    this.seen.value = shown;
    if ((await this.ask()) || this.chosen.value !== chosen) return;
    [this.chosen.value, this.seen.value] = before;
  }

  async wish(wishes: Partial<Wishes>): Promise<void> {
    this.wishes.value = { ...this.wishes.value, ...wishes };
    await this.ask();
  }

  /** Keep the map as the draft; true when that was done. */
  async bring(merged: string[], draftRevision: number): Promise<boolean> {
    this.fault.value = '';
    this.isBusy.value = true;
    try {
      const body = { ...this.body, merged, draft_revision: draftRevision };
      this.imported.value = await this.api.send<Imported>('POST', `${this.path}/file`, { body });
      this.seen.value = null;
      return true;
    } catch (error) {
      this.tell(error);
      await this.ask(undefined, this.fault.value);
      return false;
    } finally {
      this.isBusy.value = false;
    }
  }

  /** What went wrong with a file was read. */
  forget(): void {
    this.fault.value = '';
  }

  close(): void {
    this.asked += 1;
    this.seen.value = null;
    this.imported.value = null;
    this.chosen.value = NOTHING_CHOSEN;
    this.wishes.value = { keep_modes: false, with_people: false };
    this.fault.value = '';
    this.isBusy.value = false;
  }

  private get body(): { file: string; chosen: Chosen } & Wishes {
    return { file: this.text, chosen: this.chosen.value, ...this.wishes.value };
  }

  /** The matching as it stands, true when it came; only the answer to the last question counts. */
  private async ask(first?: (seen: MatchState) => void, fault = ''): Promise<boolean> {
    const number = ++this.asked;
    this.fault.value = fault;
    this.isBusy.value = true;
    try {
      const seen = await this.api.send<MatchState>('POST', `${this.path}/file/match`, { body: this.body });
      if (number !== this.asked) return true;
      first?.(seen);
      this.seen.value = seen;
      return true;
    } catch (error) {
      if (number === this.asked && !fault) this.tell(error);
      return false;
    } finally {
      if (number === this.asked) this.isBusy.value = false;
    }
  }

  private tell(error: unknown): void {
    const lines = error instanceof ApiError ? error.problems.map(({ sentence }) => sentence) : [];
    this.fault.value = lines.join('\n') || sentenceOf(error) || t(troubleOf(error) === 'offline' ? 'error.offline' : 'error.bodyPlain');
  }
}

function pathOf(pipelineId: string): string {
  return `/pipelines/${encodeURIComponent(pipelineId)}/funnel`;
}
