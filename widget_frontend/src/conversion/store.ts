import { errorIdOf, troubleOf } from '../api/trouble';
import type { Trouble } from '../api/trouble';
import type { ApiClient } from '../api/client';
import type { Catalog, ConversionReport } from '../api/types';
import { Watched } from '../ui/watched';
import { firstFilters, isReversed, queryOf } from './model';
import type { Filters } from './model';

/** The panel's state. A new choice replaces the question that is still being answered. */
export class ConversionStore {
  readonly catalog = new Watched<Catalog | null>(null);
  readonly filters = new Watched<Filters | null>(null);
  readonly report = new Watched<ConversionReport | null>(null);
  readonly isLoading = new Watched(true);
  readonly trouble = new Watched<Trouble | null>(null);
  readonly errorId = new Watched('');
  /** Titles of all segments seen so far, so that a chosen one does not hide the others. */
  readonly segments = new Watched<Map<string, string>>(new Map());
  private asking: AbortController | null = null;

  constructor(private readonly api: ApiClient) {}

  async start(): Promise<void> {
    this.trouble.value = null;
    this.isLoading.value = true;
    try {
      const catalog = await this.api.get<Catalog>('/catalog');
      this.catalog.value = catalog;
      const first = catalog.pipelines.find((pipeline) => pipeline.is_main) ?? catalog.pipelines[0];
      this.filters.value ??= firstFilters(first?.id ?? '', new Date());
      await this.load();
    } catch (error) {
      this.fail(error);
    }
  }

  change(changes: Partial<Filters>): void {
    if (!this.filters.value) return;
    if (changes.pipelineId !== undefined) {
      this.segments.value = new Map();
      changes = { ...changes, segmentKey: '' };
    }
    this.filters.value = { ...this.filters.value, ...changes };
    void this.load();
  }

  async load(): Promise<void> {
    const filters = this.filters.value;
    if (!filters || isReversed(filters, new Date())) return;
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.isLoading.value = true;
    try {
      const path = `/reports/conversion?${queryOf(filters, new Date())}`;
      const report = await this.api.get<ConversionReport>(path, { signal: asking.signal });
      this.accept(report);
    } catch (error) {
      if (!asking.signal.aborted) this.fail(error);
    }
  }

  private accept(report: ConversionReport): void {
    const known = new Map(this.segments.value);
    for (const segment of report.segments) known.set(segment.key, segment.title);
    this.segments.value = known;
    this.trouble.value = null;
    this.isLoading.value = false;
    this.report.value = report;
  }

  private fail(error: unknown): void {
    this.isLoading.value = false;
    this.errorId.value = errorIdOf(error);
    this.trouble.value = troubleOf(error);
  }
}
