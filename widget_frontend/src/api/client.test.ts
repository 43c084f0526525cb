import { describe, expect, it } from 'vitest';

import { ApiClient, ApiError } from './client';

interface Call {
  url: string;
  init: RequestInit;
}

function clientWith(...answers: (Response | Error)[]): { client: ApiClient; calls: Call[]; renewals: () => number } {
  const calls: Call[] = [];
  let renewed = 0;
  const tokens = {
    token: () => `token-${String(renewed)}`,
    renew: () => {
      renewed += 1;
      return Promise.resolve();
    },
  };
  const fetcher = (url: string, init: RequestInit): Promise<Response> => {
    calls.push({ url, init });
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? Response.json({}));
  };
  return { client: new ApiClient(tokens, fetcher), calls, renewals: () => renewed };
}

const refusal = (status: number, code: string): Response => Response.json({ error: { code, sentence: 'Так нельзя.', problems: [], id: 'e-7' } }, { status });

describe('a call', () => {
  it('carries the bearer token, no cookies, and JSON', async () => {
    const { client, calls } = clientWith();
    await client.send('POST', '/x', { body: { a: 1 }, headers: { 'If-Match': '3' } });
    expect(calls[0]?.url).toBe('/api/v1/x');
    expect(calls[0]?.init).toMatchObject({ method: 'POST', credentials: 'omit', body: '{"a":1}' });
    expect(calls[0]?.init.headers).toMatchObject({ Authorization: 'Bearer token-0', 'If-Match': '3' });
  });

  it('is repeated once with another token after a 401', async () => {
    const { client, calls, renewals } = clientWith(refusal(401, 'session_expired'), Response.json({ ok: true }));
    expect(await client.get('/x')).toEqual({ ok: true });
    expect(renewals()).toBe(1);
    expect(calls[1]?.init.headers).toMatchObject({ Authorization: 'Bearer token-1' });
  });

  it('fetches a file as it was sent, with the same token and renewal', async () => {
    const { client, calls } = clientWith(refusal(401, 'session_expired'), new Response('a;b'));
    expect(await (await client.file('/x.csv')).text()).toBe('a;b');
    expect(calls[1]?.init.headers).toMatchObject({ Authorization: 'Bearer token-1' });
  });

  it('says why a file was refused', async () => {
    const { client } = clientWith(refusal(403, 'forbidden'));
    await expect(client.file('/x.csv')).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('fails after a second 401 instead of asking for ever', async () => {
    const { client, calls } = clientWith(refusal(401, 'a'), refusal(401, 'b'));
    await expect(client.get('/x')).rejects.toMatchObject({ status: 401, code: 'b' });
    expect(calls).toHaveLength(2);
  });

  it('tells "nothing new" from news', async () => {
    const { client } = clientWith(new Response(null, { status: 304 }));
    expect(await client.call('GET', '/x')).toEqual({ status: 304, data: null });
  });

  it('turns a refusal into its code, sentence and id', async () => {
    const { client } = clientWith(refusal(422, 'broken'));
    await expect(client.get('/x')).rejects.toMatchObject({ status: 422, code: 'broken', sentence: 'Так нельзя.', id: 'e-7' });
  });

  it('survives an answer that is no JSON', async () => {
    const { client } = clientWith(new Response('<html>', { status: 502 }));
    await expect(client.get('/x')).rejects.toMatchObject({ status: 502, code: 'unexpected' });
  });

  it('says "offline" when nobody answered', async () => {
    const { client } = clientWith(new TypeError('failed to fetch'));
    const error = await client.get('/x').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).isOffline).toBe(true);
  });
});
