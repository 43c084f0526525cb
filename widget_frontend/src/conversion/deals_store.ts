import type { ApiClient } from '../api/client';
import { errorIdOf, troubleOf } from '../api/trouble';
import type { Trouble } from '../api/trouble';
import type { ReportDeal, ReportDeals } from '../api/types';
import { Watched } from '../ui/watched';
import type { Drill } from './view';

/** The deals behind one figure, read page by page. */
export class DealsStore {
  readonly deals = new Watched<ReportDeal[] | null>(null);
  readonly next = new Watched<string | null>(null);
  readonly isLoading = new Watched(false);
  readonly trouble = new Watched<Trouble | null>(null);
  readonly errorId = new Watched('');
  private asking: AbortController | null = null;
  private question = '';

  constructor(private readonly api: ApiClient) {}

  /** Show another list; `filters` is the report's own question. */
  async open(filters: string, drill: Drill): Promise<void> {
    const query = new URLSearchParams(filters);
    query.set('segment_key', drill.segmentKey);
    query.set('step_key', drill.stepKey);
    query.set('state', drill.state);
    this.question = query.toString();
    this.deals.value = null;
    this.next.value = null;
    await this.read('');
  }

  async more(): Promise<void> {
    if (this.next.value && !this.isLoading.value) await this.read(this.next.value);
  }

  async again(): Promise<void> {
    await this.read(this.next.value ?? '');
  }

  private async read(after: string): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.isLoading.value = true;
    this.trouble.value = null;
    try {
      const path = `/reports/deals?${this.question}${after ? `&after=${encodeURIComponent(after)}` : ''}`;
      const page = await this.api.get<ReportDeals>(path, { signal: asking.signal });
      this.deals.value = [...(after ? (this.deals.value ?? []) : []), ...page.deals];
      this.next.value = page.next;
      this.isLoading.value = false;
    } catch (error) {
      if (asking.signal.aborted) return;
      this.isLoading.value = false;
      this.errorId.value = errorIdOf(error);
      this.trouble.value = troubleOf(error);
    }
  }
}
