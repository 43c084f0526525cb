import { ApiError } from '../api/client';
import type { ApiClient } from '../api/client';
import { errorIdOf, sentenceOf, troubleOf } from '../api/trouble';
import type { Trouble } from '../api/trouble';
import type { Catalog, Change, FunnelDocument, FunnelState, GateMode, Problem, Status, VersionHead } from '../api/types';
import { t } from '../i18n/translate';
import { TransferStore } from '../transfer/store';
import { Watched } from '../ui/watched';
import { shownDocument } from './model';

/** What became of an action, in a sentence. */
export interface Notice {
  text: string;
  isFault: boolean;
}

/** The settings page's state. Edits show at once and are kept as a draft one after another. */
export class EditorStore {
  readonly catalog = new Watched<Catalog | null>(null);
  readonly status = new Watched<Status | null>(null);
  readonly state = new Watched<FunnelState | null>(null);
  readonly pipelineId = new Watched('');
  readonly trouble = new Watched<Trouble | null>(null);
  readonly errorId = new Watched('');
  readonly saving = new Watched<'idle' | 'saving' | 'saved'>('idle');
  /** The last thing to tell: a success or a refusal in a sentence. */
  readonly notice = new Watched<Notice | null>(null);
  readonly transfer: TransferStore;
  private wanted: FunnelDocument | null = null;
  private keeping: Promise<void> | null = null;

  constructor(private readonly api: ApiClient) {
    this.transfer = new TransferStore(api);
  }

  async start(): Promise<void> {
    this.trouble.value = null;
    // The strip stands above the map: known first, it pushes nothing down.
    const status = this.readStatus();
    try {
      const catalog = await this.api.get<Catalog>('/catalog');
      const main = catalog.pipelines.find((pipeline) => pipeline.is_main) ?? catalog.pipelines[0];
      await this.open(this.pipelineId.value || (main?.id ?? ''));
      await status;
      this.catalog.value = catalog;
    } catch (error) {
      this.trouble.value = troubleOf(error);
      this.errorId.value = errorIdOf(error);
    }
  }

  async open(pipelineId: string): Promise<void> {
    await this.keeping;
    this.transfer.close();
    this.pipelineId.value = pipelineId;
    this.state.value = null;
    this.notice.value = null;
    this.state.value = await this.api.get<FunnelState>(this.path);
  }

  /** The strip's figures; a page without them is still of use. */
  async readStatus(): Promise<void> {
    this.status.value = await this.api.get<Status>('/status').catch(() => this.status.value);
  }

  edit(change: (document: FunnelDocument) => FunnelDocument): void {
    const state = this.state.value;
    if (!state) return;
    const document = change(shownDocument(state));
    this.show({ draft: { ...(state.draft ?? NEW_DRAFT), document } });
    this.wanted = document;
    this.keeping ??= this.keepAll().finally(() => {
      this.keeping = null;
    });
  }

  async discard(): Promise<void> {
    await this.keeping;
    await this.attempt(async () => {
      await this.api.send('DELETE', `${this.path}/draft`);
      await this.reread();
    });
  }

  async propose(template: string | null): Promise<void> {
    await this.keeping;
    await this.attempt(async () => {
      this.state.value = await this.api.send<FunnelState>('POST', `${this.path}/propose`, { body: { template } });
    });
  }

  async publish(note: string): Promise<void> {
    await this.keeping;
    await this.attempt(async () => {
      const headers = { 'If-Match': String(this.state.value?.draft?.revision ?? '*') };
      const made = await this.api.send<{ number: number; deals_reread: number }>('POST', `${this.path}/publish`, { body: { note }, headers });
      await this.reread();
      this.tell(t('editor.published', { number: made.number, n: made.deals_reread }));
    });
  }

  /** At once, without a draft: a new version in which only this mode differs. */
  async setMode(stageId: string, mode: GateMode, segmentKey: string): Promise<void> {
    await this.attempt(async () => {
      const path = `/pipelines/${encodeURIComponent(this.pipelineId.value)}/gates/${encodeURIComponent(stageId)}/mode`;
      const made = await this.api.send<{ number: number }>('POST', path, { body: { mode, segment_key: segmentKey } });
      await this.reread();
      this.tell(t('editor.modeSet', { number: made.number }));
    });
  }

  /** Once everything that was typed is kept. */
  async settled(): Promise<void> {
    await this.keeping;
  }

  /** A map was brought out of a file: the draft is another one now. */
  async afterImport(): Promise<void> {
    await this.attempt(() => this.reread());
  }

  async versions(): Promise<VersionHead[]> {
    return (await this.api.get<{ versions: VersionHead[] }>(`${this.path}/versions`)).versions;
  }

  /** What differs between a version and another, or the draft when `after` is null, and what the second says. */
  async compare(before: number, after: number | null): Promise<{ changes: Change[]; document: FunnelDocument }> {
    await this.keeping;
    const query = `before=${String(before)}${after === null ? '' : `&after=${String(after)}`}`;
    const [{ changes }, document] = await Promise.all([
      this.api.get<{ changes: Change[] }>(`${this.path}/changes?${query}`),
      after === null ? this.draftDocument() : this.api.get<{ document: FunnelDocument }>(`${this.path}/versions/${String(after)}`).then((found) => found.document),
    ]);
    return { changes, document };
  }

  async restore(number: number): Promise<void> {
    await this.attempt(async () => {
      const made = await this.api.send<{ number: number; deals_reread: number }>('POST', `${this.path}/versions/${String(number)}/restore`);
      await this.reread();
      this.tell(t('editor.published', { number: made.number, n: made.deals_reread }));
    });
  }

  private draftDocument(): FunnelDocument {
    return this.state.value ? shownDocument(this.state.value) : { format: 1, segments: [] };
  }

  private get path(): string {
    return `/pipelines/${encodeURIComponent(this.pipelineId.value)}/funnel`;
  }

  private async keepAll(): Promise<void> {
    this.saving.value = 'saving';
    await this.attempt(async () => {
      while (this.wanted) {
        const body = this.wanted;
        this.wanted = null;
        await this.keep(body);
      }
      this.saving.value = 'saved';
    });
    if (this.saving.value === 'saving') this.saving.value = 'idle';
  }

  private async keep(body: FunnelDocument): Promise<void> {
    const revision = this.state.value?.draft?.revision ?? 0;
    const headers = { 'If-Match': revision ? String(revision) : '*' };
    const kept = await this.api.send<{ revision: number; problems: Problem[] }>('PUT', `${this.path}/draft`, { body, headers });
    const draft = this.state.value?.draft;
    if (draft) this.show({ draft: { ...draft, revision: kept.revision }, problems: kept.problems });
  }

  private show(changes: Partial<FunnelState>): void {
    if (this.state.value) this.state.value = { ...this.state.value, ...changes };
  }

  private async reread(): Promise<void> {
    this.wanted = null;
    this.state.value = await this.api.get<FunnelState>(this.path);
    this.saving.value = 'idle';
    await this.readStatus();
  }

  private tell(text: string): void {
    this.notice.value = { text, isFault: false };
  }

  private async attempt(action: () => Promise<void>): Promise<void> {
    this.notice.value = null;
    try {
      await action();
    } catch (error) {
      this.wanted = null;
      this.notice.value = { text: refusalText(error), isFault: true };
    }
  }
}

const NEW_DRAFT = { revision: 0, updated_at: '', updated_by: '', updated_by_name: '' };

function refusalText(error: unknown): string {
  if (error instanceof ApiError && (error.status === 409 || error.status === 412)) return t('editor.conflict');
  return sentenceOf(error) || t(troubleOf(error) === 'offline' ? 'error.offline' : 'error.bodyPlain');
}
