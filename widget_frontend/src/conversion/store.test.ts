import { describe, expect, it } from 'vitest';

import { ApiClient } from '../api/client';
import type { Memory } from './memory';
import { ConversionStore } from './store';

const catalog = { pipelines: [{ id: '1', title: 'Продажи', is_main: true, stages: [] }], fields: [], users: [], loss_reasons: [], unseen: [], read_at: '' };
const report = { deals: 3, segments: [{ key: 'a', title: 'Срочно', deals: 3, steps: [] }], truth_gap: [], bottleneck: null };
const refusal = (status: number, code: string): Response => Response.json({ error: { code, sentence: '', problems: [], id: 'e' } }, { status });

/** A memory without a browser; `pages` counts how deep we are. */
class PlainMemory implements Memory {
  words = '';
  pages = 0;
  read(): URLSearchParams {
    return new URLSearchParams(this.words);
  }
  recall(): URLSearchParams {
    return this.read();
  }
  write(words: URLSearchParams, isOwnPage: boolean): void {
    this.words = words.toString();
    if (isOwnPage) this.pages += 1;
  }
  back(): boolean {
    if (this.pages === 0) return false;
    this.pages -= 1;
    return true;
  }
  onTravel(): () => void {
    return () => undefined;
  }
}

function storeWith(answer: (url: string) => Response, memory = new PlainMemory()): { store: ConversionStore; memory: PlainMemory; asked: string[] } {
  const asked: string[] = [];
  const tokens = { token: () => 't', renew: () => Promise.resolve() };
  const api = new ApiClient(tokens, (url) => {
    if (url.includes('/catalog')) return Promise.resolve(Response.json(catalog));
    asked.push(url);
    return Promise.resolve(answer(url));
  });
  return { store: new ConversionStore(api, memory), memory, asked };
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

describe('the panel’s state', () => {
  it('begins where the memory left off', async () => {
    const memory = new PlainMemory();
    memory.words = 'pipeline=1&period=30&order=any&as=table';
    const { store, asked } = storeWith(() => Response.json(report), memory);
    await store.start();
    expect(asked[0]).toContain('order=any');
    expect(store.view.value.isTable).toBe(true);
  });

  it('keeps every choice', async () => {
    const { store, memory } = storeWith(() => Response.json(report));
    await store.start();
    store.change({ preset: '90' });
    store.look({ tab: 'a' });
    expect(memory.words).toBe('pipeline=1&period=90&tab=a');
  });

  it('shows what can be changed instead of an error when the question was odd', async () => {
    const { store } = storeWith((url) => (url.includes('segment_key') ? refusal(404, 'segment_unknown') : Response.json(report)));
    await store.start();
    store.change({ segmentKey: 'gone' });
    await settled();
    expect(store.choiceFault.value?.text).toBe('panel.noSegment');
    expect(store.trouble.value).toBeNull();
    store.cure({ text: 'panel.noSegment', cure: 'everything' });
    await settled();
    expect(store.choiceFault.value).toBeNull();
    expect(store.filters.value?.segmentKey).toBe('');
  });

  it('keeps the figures when newer ones do not come', async () => {
    let isDown = false;
    const { store } = storeWith(() => (isDown ? refusal(503, 'unavailable') : Response.json(report)));
    await store.start();
    isDown = true;
    await store.load(true);
    expect(store.report.value).not.toBeNull();
    expect(store.trouble.value).toBe('server');
  });

  it('goes back from a list to the page before, unless the filters are others by now', async () => {
    const { store, memory } = storeWith(() => Response.json(report));
    await store.start();
    const drill = { segmentKey: 'a', stepKey: 's', state: 'dropped' as const };
    store.openDeals(drill);
    expect(memory.words).toContain('step=s');
    store.closeDeals();
    expect(memory.pages).toBe(0);
    store.openDeals(drill);
    store.change({ order: 'any' });
    store.closeDeals();
    expect(store.view.value.drill).toBeNull();
    expect(memory.words).toBe('pipeline=1&order=any');
  });
});
