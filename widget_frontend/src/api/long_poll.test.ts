import { describe, expect, it } from 'vitest';

import { ApiError } from './client';
import { pollDelay, startPolling } from './long_poll';

describe('waiting after failures', () => {
  it('doubles and stops growing at a quarter of a minute', () => {
    expect([1, 2, 3, 4, 5, 9].map(pollDelay)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });
});

describe('polling', () => {
  it('asks again as soon as an answer came, until it is stopped', async () => {
    let asked = 0;
    await new Promise<void>((resolve) => {
      const stop = startPolling({
        ask: () => {
          asked += 1;
          if (asked === 3) {
            stop();
            resolve();
          }
          return Promise.resolve();
        },
        onError: () => undefined,
      });
    });
    await Promise.resolve();
    expect(asked).toBe(3);
  });

  it('gives up when asking again would change nothing', async () => {
    let asked = 0;
    const seen = await new Promise((resolve) => {
      startPolling({
        ask: () => {
          asked += 1;
          return Promise.reject(new ApiError(403, 'forbidden', ''));
        },
        onError: resolve,
      });
    });
    await Promise.resolve();
    expect(seen).toMatchObject({ status: 403 });
    expect(asked).toBe(1);
  });

  it('tries at once when the network is back', async () => {
    let asked = 0;
    await new Promise<void>((resolve) => {
      const stop = startPolling({
        ask: () => {
          asked += 1;
          if (asked === 1) return Promise.reject(new ApiError(0, 'offline', ''));
          stop();
          resolve();
          return Promise.resolve();
        },
        onError: () => {
          queueMicrotask(() => globalThis.dispatchEvent(new Event('online')));
        },
      });
    });
    expect(asked).toBe(2);
  });
});
