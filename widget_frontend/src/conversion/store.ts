import type { ApiClient } from '../api/client';
import { errorIdOf, troubleOf } from '../api/trouble';
import type { Trouble } from '../api/trouble';
import type { Catalog, ConversionReport } from '../api/types';
import { Watched } from '../ui/watched';
import { filtersOf, viewOf, wordsOf } from './address';
import type { Memory } from './memory';
import { isReversed, queryOf } from './model';
import type { Filters } from './model';
import { choiceFaultOf } from './problems';
import type { ChoiceFault } from './problems';
import { FIRST_VIEW } from './view';
import type { Drill, View } from './view';

/** The panel's state. A new choice replaces the question that is still being answered. */
export class ConversionStore {
  readonly catalog = new Watched<Catalog | null>(null);
  readonly filters = new Watched<Filters | null>(null);
  readonly view = new Watched<View>(FIRST_VIEW);
  readonly report = new Watched<ConversionReport | null>(null);
  readonly isLoading = new Watched(true);
  readonly trouble = new Watched<Trouble | null>(null);
  /** What the person can change about his question when the server has no answer to it. */
  readonly choiceFault = new Watched<ChoiceFault | null>(null);
  readonly errorId = new Watched('');
  /** Titles of all segments seen so far, so that a chosen one does not hide the others. */
  readonly segments = new Watched<Map<string, string>>(new Map());
  private asking: AbortController | null = null;
  private wordsAtDrill = '';

  constructor(
    private readonly api: ApiClient,
    private readonly memory: Memory,
  ) {}

  async start(): Promise<void> {
    this.trouble.value = null;
    this.isLoading.value = true;
    try {
      const catalog = await this.api.get<Catalog>('/catalog');
      this.catalog.value = catalog;
      if (!this.filters.value) {
        this.take(this.memory.recall(), catalog);
        this.keep();
      }
      await this.load();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Follow the browser's Back and Forward; the answer stops following. */
  follow(): () => void {
    return this.memory.onTravel(() => {
      const before = this.question();
      if (this.catalog.value) this.take(this.memory.read(), this.catalog.value);
      if (this.question() !== before) void this.load();
    });
  }

  change(changes: Partial<Filters>): void {
    if (!this.filters.value) return;
    if (changes.pipelineId !== undefined) {
      this.segments.value = new Map();
      this.view.value = FIRST_VIEW;
      changes = { ...changes, segmentKey: '' };
    }
    this.filters.value = { ...this.filters.value, ...changes };
    this.keep();
    void this.load();
  }

  look(changes: Partial<View>): void {
    this.view.value = { ...this.view.value, ...changes };
    this.keep();
  }

  openDeals(drill: Drill): void {
    this.wordsAtDrill = this.question();
    this.view.value = { ...this.view.value, drill };
    this.keep(true);
  }

  /** Back to the figures. Filters that were changed over the list stay as they are. */
  closeDeals(): void {
    const isUnchanged = this.wordsAtDrill === this.question();
    if (isUnchanged && this.memory.back()) return;
    this.look({ drill: null });
  }

  /** Ask for the report. Quietly: what is shown stays as it is meanwhile, and also when nothing comes. */
  async load(isQuiet = false): Promise<void> {
    const filters = this.filters.value;
    if (!filters || isReversed(filters, new Date())) return;
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    if (!isQuiet) this.isLoading.value = true;
    try {
      const path = `/reports/conversion?${this.question()}`;
      const report = await this.api.get<ConversionReport>(path, { signal: asking.signal });
      this.accept(report);
    } catch (error) {
      if (!asking.signal.aborted) this.fail(error);
    }
  }

  /** Put right what the server could not answer. */
  cure(fault: ChoiceFault): void {
    const catalog = this.catalog.value;
    if (!catalog) return;
    const { preset, from, to } = filtersOf(new URLSearchParams(), catalog, new Date());
    this.view.value = FIRST_VIEW;
    this.change(fault.cure === 'period' ? { preset, from, to } : filtersOf(new URLSearchParams(), catalog, new Date()));
  }

  /** The report as a spreadsheet. */
  file(): Promise<Blob> {
    return this.api.file(`/reports/conversion.csv?${this.question()}`);
  }

  /** The filters as the server is asked by them. */
  question(): string {
    return this.filters.value ? queryOf(this.filters.value, new Date()) : '';
  }

  private take(words: URLSearchParams, catalog: Catalog): void {
    this.filters.value = filtersOf(words, catalog, new Date());
    this.view.value = viewOf(words);
  }

  private keep(isOwnPage = false): void {
    if (this.filters.value) this.memory.write(wordsOf(this.filters.value, this.view.value), isOwnPage);
  }

  private accept(report: ConversionReport): void {
    const known = new Map(this.segments.value);
    for (const segment of report.segments) known.set(segment.key, segment.title);
    this.segments.value = known;
    this.trouble.value = null;
    this.choiceFault.value = null;
    this.isLoading.value = false;
    this.report.value = report;
  }

  private fail(error: unknown): void {
    this.isLoading.value = false;
    this.errorId.value = errorIdOf(error);
    this.choiceFault.value = choiceFaultOf(error);
    this.trouble.value = this.choiceFault.value ? null : troubleOf(error);
  }
}
