import { describe, expect, it } from 'vitest';

import type { HostContext } from './bridge';
import { FramedHost, parentOriginOf } from './framed';

const CRM = 'https://example.crm.test';

interface Sent {
  message: Record<string, unknown>;
  target: string;
}

/** A page inside a frame, with the parent that it would talk to. */
function framed(query = 'language=en&theme=dark'): { host: FramedHost; sent: Sent[]; hear: (data: unknown, origin?: string, source?: unknown) => void } {
  const sent: Sent[] = [];
  const parent = {
    postMessage: (message: Record<string, unknown>, target: string) => {
      sent.push({ message, target });
    },
  };
  let listener: (event: unknown) => void = () => undefined;
  const page = {
    parent,
    addEventListener: (_type: string, heard: (event: unknown) => void) => {
      listener = heard;
    },
  };
  const host = new FramedHost(CRM, new URLSearchParams(query), page as unknown as Window);
  return {
    host,
    sent,
    hear: (data, origin = CRM, source = parent) => {
      listener({ data, origin, source });
    },
  };
}

const session = {
  type: 'stepgate:session',
  token: 't',
  expires_at: '2026-11-16T12:10:00Z',
  user: { id: '5', name: 'Мария', is_admin: false },
  account: { title: 'A', crm: 'x', language: 'ru', timezone: 'Europe/Moscow', has_lock: false },
  deal_id: 7,
};

describe('the handshake', () => {
  it('tells the parent alone that we are ready and takes its session', async () => {
    const { host, sent, hear } = framed();
    const meeting = host.connect();
    expect(sent).toEqual([{ message: { type: 'stepgate:ready' }, target: CRM }]);
    hear(session);
    expect(await meeting).toMatchObject({ dealId: '7', language: 'en', theme: 'dark', session: { token: 't' } });
  });

  it('hears nobody else', async () => {
    const { host, hear } = framed();
    let context: HostContext | null = null;
    const meeting = host.connect().then((got) => {
      context = got;
    });
    hear({ ...session, token: 'evil' }, 'https://evil.test');
    hear({ ...session, token: 'evil' }, CRM, {});
    hear(null);
    hear('stepgate:session');
    await Promise.resolve();
    expect(context).toBeNull();
    hear(session);
    await meeting;
    expect(context).toMatchObject({ session: { token: 't' } });
  });

  it('says why the host gave none', async () => {
    const { host, hear } = framed();
    const meeting = host.connect();
    hear({ type: 'stepgate:session_error', code: 'refused_401' });
    await expect(meeting).rejects.toMatchObject({ code: 'refused_401' });
  });
});

describe('messages to the host', () => {
  it('tell a height once and in whole pixels', () => {
    const { host, sent } = framed();
    host.resize(400.2);
    host.resize(400.4);
    host.resize(500);
    expect(sent.map(({ message }) => message['height'])).toEqual([401, 500]);
  });

  it('ask for another session', async () => {
    const { host, sent, hear } = framed();
    const renewal = host.renew();
    expect(sent[0]?.message).toEqual({ type: 'stepgate:renew' });
    hear({ ...session, token: 'new' });
    expect((await renewal).token).toBe('new');
  });
});

describe('the parent’s origin', () => {
  it('is what the browser says, else what the address says', () => {
    const place = (ancestors: string[] | undefined, search: string): Window =>
      ({ location: { ancestorOrigins: ancestors, search } }) as unknown as Window;
    expect(parentOriginOf(place(['https://a.test'], '?origin=https%3A%2F%2Fb.test'))).toBe('https://a.test');
    expect(parentOriginOf(place(undefined, '?origin=https%3A%2F%2Fb.test'))).toBe('https://b.test');
    expect(parentOriginOf(place([], ''))).toBe('');
  });
});
