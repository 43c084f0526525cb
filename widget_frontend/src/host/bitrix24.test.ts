import { describe, expect, it } from 'vitest';

import { Bitrix24Host } from './bitrix24';
import { takeOpening } from './posted';
import type { Opening } from './posted';

const PORTAL = 'https://acme.bitrix24.com';
const opening: Opening = {
  session: {
    token: 't',
    expires_at: '2026-11-16T12:10:00Z',
    user: { id: '17', name: 'Мария', is_admin: false },
    account: { title: 'acme', crm: 'bitrix24', language: 'ru', timezone: 'Europe/Moscow', has_lock: false },
  },
  deal_id: '9021',
  language: 'ru',
  origin: PORTAL,
  installs: false,
  proof_head: 'https://oauth.bitrix.info/rest/',
};

interface Asked {
  url: string;
  token: string | null;
}

/** A page in a portal's frame, its parent, and the server that it asks for a session. */
function framed(more: Partial<Opening> = {}, search = '?DOMAIN=acme.bitrix24.com&APP_SID=5f') {
  const sent: { text: string; target: string }[] = [];
  const parent = {
    postMessage: (text: string, target: string) => {
      sent.push({ text, target });
    },
  };
  let listener: (event: unknown) => void = () => undefined;
  const opened: string[] = [];
  const page = {
    parent,
    open: (address: string) => {
      opened.push(address);
    },
    name: 'acme.bitrix24.com|1|77',
    location: { search },
    addEventListener: (_type: string, heard: (event: unknown) => void) => {
      listener = heard;
    },
  };
  const asked: Asked[] = [];
  const fetcher = (url: string, init: RequestInit): Promise<Response> => {
    asked.push({ url, token: new Headers(init.headers).get('X-Auth-Token') });
    return Promise.resolve(new Response(JSON.stringify({ ...opening.session, token: 'new' })));
  };
  const host = new Bitrix24Host({ ...opening, ...more }, page as unknown as Window, fetcher as typeof fetch);
  const hear = (data: unknown, origin = PORTAL, source: unknown = parent) => {
    listener({ data, origin, source });
  };
  return { host, sent, hear, asked, opened };
}

describe('the opening', () => {
  it('is taken out of the page', () => {
    const tag = document.head.appendChild(document.createElement('meta'));
    tag.name = 'stepgate-opening';
    tag.content = JSON.stringify(opening);
    expect(takeOpening()).toEqual(opening);
    expect(tag.isConnected).toBe(false);
    expect(takeOpening()).toBeNull();
  });
});

describe('a page in a portal', () => {
  it('has its session from the start', async () => {
    const { host, sent } = framed();
    expect(host.skin).toBe('round');
    expect(await host.connect()).toMatchObject({ dealId: '9021', language: 'ru', theme: 'light', session: { token: 't' } });
    expect(sent).toEqual([]);
  });

  it('tells the portal once that the installation is done, and not before it is', async () => {
    const { host, sent } = framed({ installs: true });
    await host.connect();
    expect(sent).toEqual([]);
    host.finishInstall?.();
    host.finishInstall?.();
    expect(sent).toEqual([{ text: 'setInstallFinish:stepgate1:5f', target: PORTAL }]);
    expect(framed().host.finishInstall).toBeUndefined();
  });

  it('keeps the frame as high as itself, and opens deals', () => {
    const { host, sent } = framed({}, '');
    host.resize(400.2);
    host.resize(400.6);
    host.openDeal('5');
    expect(sent.map(({ text }) => text)).toEqual([
      'resizeWindow:{"width":"100%","height":401}:stepgate1:77',
      'openPath:{"path":"/crm/deal/details/5/"}:stepgate2:77',
    ]);
  });

  it('proves its viewer anew with the token that the portal gives', async () => {
    const { host, sent, hear, asked } = framed();
    const renewal = host.renew();
    expect(sent[0]?.text).toBe('refreshAuth:stepgate1:5f');
    hear('stepgate1:{"AUTH_ID":"evil"}', 'https://evil.test');
    hear('stepgate1:{"AUTH_ID":"evil"}', PORTAL, {});
    hear({ AUTH_ID: 'evil' });
    hear('another:{"AUTH_ID":"evil"}');
    hear('stepgate1:{"AUTH_ID":"fresh","AUTH_EXPIRES":"3600"}');
    expect((await renewal).token).toBe('new');
    expect(asked).toEqual([
      { url: '/api/v1/session?crm=bitrix24&deal_id=9021&language=ru', token: 'https://oauth.bitrix.info/rest/ fresh' },
    ]);
  });

  it('gives a proof of its viewer for what is done in that name', async () => {
    const { host, hear } = framed();
    const proof = host.prove();
    hear('stepgate1:{"AUTH_ID":"fresh"}');
    expect(await proof).toBe('https://oauth.bitrix.info/rest/ fresh');
  });

  it('shows a page of the portal over ours, and in a tab of its own where the portal has none such', async () => {
    const { host, sent, hear, opened } = framed({}, '');
    host.openAddress(`${PORTAL}/crm/configs/perms/?a=1`);
    host.openAddress('https://elsewhere.test/');
    expect(sent.map(({ text }) => text)).toEqual(['openPath:{"path":"/crm/configs/perms/?a=1"}:stepgate1:77']);
    expect(opened).toEqual(['https://elsewhere.test/']);
    hear('stepgate1:{"result":"error","errorCode":"PATH_NOT_AVAILABLE"}');
    await Promise.resolve();
    await Promise.resolve();
    expect(opened).toEqual(['https://elsewhere.test/', `${PORTAL}/crm/configs/perms/?a=1`]);
  });

  it('has the card around it read anew', () => {
    const { host, sent } = framed({}, '');
    host.dealChanged();
    expect(sent.map(({ text }) => text)).toEqual(['reloadData:stepgate1:77']);
  });

  it('says so when the portal gives none', async () => {
    const { host, hear } = framed();
    const renewal = host.renew();
    hear('stepgate1:nonsense');
    await expect(renewal).rejects.toMatchObject({ code: 'no_session' });
  });
});
