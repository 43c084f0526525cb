import { describe, expect, it } from 'vitest';

import type { HostBridge } from '../host/bridge';
import { SessionKeeper, renewDelay } from './session';
import type { Session } from './types';

const far = '2126-11-16T12:00:00Z';

function aSession(token: string): Session {
  const user = { id: '5', name: 'Мария', is_admin: true };
  return { token, expires_at: far, user, account: { title: 'A', crm: 'x', language: 'ru', timezone: 'Europe/Moscow', has_lock: false } };
}

function hostGiving(token: string): { host: HostBridge; asked: () => number } {
  let asked = 0;
  const renew = (): Promise<Session> => {
    asked += 1;
    return Promise.resolve(aSession(token));
  };
  const nothing = (): void => undefined;
  const connect = () => Promise.reject(new Error('not here'));
  return { host: { language: 'ru', theme: 'auto', connect, renew, resize: nothing, openDeal: nothing }, asked: () => asked };
}

describe('renewal', () => {
  it('comes a minute before the end, never at once', () => {
    const now = Date.parse('2026-11-16T12:00:00Z');
    expect(renewDelay('2026-11-16T12:10:00Z', now)).toBe(540_000);
    expect(renewDelay('2026-11-16T12:00:10Z', now)).toBe(5_000);
    expect(renewDelay('2026-11-16T11:00:00Z', now)).toBe(5_000);
    expect(renewDelay(far, now)).toBe(86_400_000);
  });

  it('asks our server in vain for nothing where only a proof of the host renews', async () => {
    const { host, asked } = hostGiving('host');
    const keeper = new SessionKeeper(aSession('old'), { ...host, isProofNeeded: true }, () => Promise.reject(new Error('asked')));
    await keeper.renew();
    expect(keeper.token()).toBe('host');
    expect(asked()).toBe(1);
    keeper.stop();
  });

  it('is done by ourselves when the server allows it', async () => {
    const { host, asked } = hostGiving('host');
    const keeper = new SessionKeeper(aSession('old'), host, () => Promise.resolve(Response.json(aSession('new'))));
    await keeper.renew();
    expect(keeper.token()).toBe('new');
    expect(asked()).toBe(0);
    keeper.stop();
  });

  it('goes through the host when the server refuses, once for all who wait', async () => {
    const { host, asked } = hostGiving('host');
    const keeper = new SessionKeeper(aSession('old'), host, () => Promise.resolve(new Response(null, { status: 401 })));
    await Promise.all([keeper.renew(), keeper.renew(), keeper.renew()]);
    expect(keeper.token()).toBe('host');
    expect(asked()).toBe(1);
    keeper.stop();
  });
});
