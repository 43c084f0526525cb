import { fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';

import { ApiClient } from '../api/client';
import type { Checklist, Forward } from '../api/types';
import type { HostBridge } from '../host/bridge';
import { aCardTrial, aChecklist, aForward } from '../testing/samples';
import { Card } from './card';
import { ChecklistStore } from './store';

interface Sent {
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

/** A card over a server whose next state comes when the test lets it. */
class Stage {
  readonly sent: Sent[] = [];
  told = 0;
  answer: Response = Response.json({});
  private release: (list: Checklist) => void = () => undefined;

  constructor(private list: Checklist) {
    const tokens = { token: () => 't', renew: () => Promise.resolve() };
    const api = new ApiClient(tokens, (url, init) => this.serve(url, init));
    const host = { prove: () => Promise.resolve('portal fresh'), dealChanged: () => { this.told += 1; } };
    render(<Card store={new ChecklistStore(api, '7', undefined, host as unknown as HostBridge)} />);
  }

  /** What the server holds from now on; the open card hears of it. */
  becomes(changes: Partial<Checklist>): void {
    this.list = { ...this.list, revision: `${this.list.revision}+`, ...changes };
    this.release(this.list);
  }

  private serve(url: string, init: RequestInit): Promise<Response> {
    if (init.method === 'POST') {
      this.sent.push({ path: url, headers: init.headers as Record<string, string>, body: init.body });
      return Promise.resolve(this.answer);
    }
    if (!url.includes('after=')) return Promise.resolve(Response.json(this.list));
    return new Promise((resolve) => { this.release = (list) => { resolve(Response.json(list)); }; });
  }
}

const shown = (forward: Forward | null, more: Partial<Checklist> = {}): Stage => new Stage(aChecklist({ forward, ...more }));
const button = (): Promise<HTMLElement> => screen.findByRole('button', { name: /«Счёт»/ });

describe('the way forward', () => {
  it('is one button that names the stage, and sends the deal there', async () => {
    const stage = shown(aForward());
    fireEvent.click(await screen.findByRole('button', { name: 'Перевести на «Счёт»' }));
    await waitFor(() => {
      expect(stage.sent.map(({ path, body }) => [path, body])).toEqual([['/api/v1/deals/7/forward', '{"stage_id":"60"}']]);
    });
  });

  it('says that the deal is on its way and takes no second press', async () => {
    const stage = shown(aForward({ state: 'moving' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Переводим на «Счёт»…' }));
    expect((await button()).getAttribute('aria-disabled')).toBe('true');
    expect(stage.sent).toEqual([]);
  });

  it('tells everybody when the deal has arrived, also the page around', async () => {
    const stage = shown(aForward({ state: 'moving' }));
    await button();
    stage.becomes({ forward: null, deal: { ...aChecklist().deal, stage_id: '60', stage_title: 'Счёт' } });
    await waitFor(() => { expect(screen.getAllByText('Готово: сделка на стадии «Счёт».')).toHaveLength(2); });
    expect(screen.queryByRole('button', { name: /«Счёт»/ })).toBeNull();
    expect(stage.told).toBe(1);
  });

  it('knows a deal that has arrived also when the way was open once more in between', async () => {
    const stage = shown(aForward({ state: 'moving' }));
    await button();
    stage.becomes({ forward: aForward() });
    await screen.findByRole('button', { name: 'Перевести на «Счёт»' });
    stage.becomes({ forward: null, deal: { ...aChecklist().deal, stage_id: '60', stage_title: 'Счёт' } });
    await waitFor(() => { expect(screen.getAllByText('Готово: сделка на стадии «Счёт».')).toHaveLength(2); });
  });

  it('says what the CRM minded and may be pressed again', async () => {
    shown(aForward({ state: 'refused', text: 'Заполните поле «Сумма» и нажмите ещё раз.' }));
    await waitFor(() => { expect(screen.getAllByText(/Заполните поле «Сумма»/)).toHaveLength(2); });
    expect((await button()).getAttribute('aria-disabled')).toBe('false');
  });

  it('tells of a press that came too late in the server’s words', async () => {
    const stage = shown(aForward());
    const error = { code: 'not_satisfied', sentence: 'Договорённость устарела: уточните дату оплаты.', problems: [], id: 'e' };
    stage.answer = Response.json({ error }, { status: 409 });
    fireEvent.click(await button());
    expect((await screen.findByRole('alert')).textContent).toBe(error.sentence);
  });

  it('takes the place of the praise when nothing is owed any more', async () => {
    shown(aForward(), { next_key: null });
    expect(await screen.findByRole('heading', { name: 'Клиент сделал все шаги' })).toBeTruthy();
    expect(screen.queryByText(/Можно смело двигать/)).toBeNull();
  });
});

describe('a trial deal', () => {
  it('shows nothing but the trial, and proves anew who presses', async () => {
    const stage = new Stage(aChecklist({ lock_trial: aCardTrial() }));
    stage.answer = Response.json({ ...aCardTrial(), state: 'done', outcome: 'holds', code: 'refused_for_rights' });
    const press = await screen.findByRole('button', { name: 'Попробовать перенести на «Счёт»' });
    expect(screen.queryByText('Открыть коммерческое предложение')).toBeNull();
    fireEvent.click(press);
    expect(await screen.findByText('CRM не пустила на «Счёт». Так и нужно: замок держит.')).toBeTruthy();
    expect(stage.sent.map(({ path, headers }) => [path, headers['X-Auth-Token']])).toEqual([
      ['/api/v1/lock/trials/t1/attempt', 'portal fresh'],
    ]);
  });

  it('asks nothing of who was not asked to try', async () => {
    new Stage(aChecklist({ lock_trial: aCardTrial({ is_yours: false }) }));
    expect(await screen.findByText(/с клиентом она не связана/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Попробовать/ })).toBeNull();
  });

  it('says in the server’s words that nobody tried', async () => {
    new Stage(aChecklist({ lock_trial: aCardTrial({ state: 'done', code: 'cancelled', text: 'Проверка отменена.' }) }));
    expect(await screen.findByText('Проверка отменена.')).toBeTruthy();
  });

  it.each([
    ['leaks', 'CRM пустила на «Счёт»: замок пока не держит.'],
    ['defeated', 'На этот раз замок не подействовал: администратор увидит почему.'],
    ['unknown', 'Понять, держит ли замок, не получилось.'],
  ] as const)('tells in human words that it ended as %s', async (outcome, words) => {
    new Stage(aChecklist({ lock_trial: aCardTrial({ state: 'done', outcome }) }));
    expect(await screen.findByText(words)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Попробовать/ })).toBeNull();
  });
});
