import { fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';

import { ApiClient } from '../api/client';
import type { Checklist } from '../api/types';
import { aChecklist, aFact, aStop, anItem } from '../testing/samples';
import { Card } from './card';
import { ChecklistStore } from './store';

interface Server {
  list: Checklist;
  status: number;
  sent: { path: string; body: unknown }[];
}

/** A card over a server that answers at once and then holds the line. */
function show(list: Checklist, status = 200): Server {
  const server: Server = { list, status, sent: [] };
  const tokens = { token: () => 't', renew: () => Promise.resolve() };
  const api = new ApiClient(tokens, (url, init) => {
    if (init.method === 'POST') server.sent.push({ path: url, body: JSON.parse(String(init.body)) });
    if (url.includes('after=')) return new Promise<Response>(() => undefined);
    if (server.status !== 200) return Promise.resolve(Response.json({ error: { code: 'x', id: 'e-9' } }, { status: server.status }));
    return Promise.resolve(Response.json(server.list));
  });
  render(<Card store={new ChecklistStore(api, '7')} />);
  return server;
}

describe('the card', () => {
  it('says in one line how far the client is, and what comes next', async () => {
    show(aChecklist());
    expect(await screen.findByRole('heading', { name: 'Клиент сделал 1 шаг из 2' })).toBeTruthy();
    expect(screen.getByRole('heading', { name: 'Открыть коммерческое предложение' })).toBeTruthy();
    expect(screen.getByText(/Подтверждением станет входящий звонок от 1 минуты или сообщение клиента/)).toBeTruthy();
  });

  it('explains a move that was undone and takes an objection to it', async () => {
    const server = show(aChecklist({ stop: aStop() }));
    expect(await screen.findByText('Сделка вернулась на «Классификация».')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Это ошибка' }));
    fireEvent.input(await screen.findByRole('textbox'), { target: { value: 'Клиент звонил на мобильный' } });
    fireEvent.click(screen.getByRole('button', { name: 'Сообщить об ошибке' }));
    await waitFor(() => {
      expect(server.sent).toEqual([{ path: '/api/v1/deals/7/contest', body: { log_id: 'log-1', text: 'Клиент звонил на мобильный' } }]);
    });
  });

  it('asks for the client’s words before it takes a manager’s', async () => {
    const server = show(aChecklist());
    fireEvent.click(await screen.findByRole('button', { name: 'Подтвердить самому' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Подтвердить' }));
    expect(screen.getByRole('alert').textContent).toBe('Напишите хотя бы пару слов клиента.');
    fireEvent.input(screen.getByRole('textbox'), { target: { value: 'КП посмотрели, вопросов нет' } });
    fireEvent.click(screen.getByRole('button', { name: 'Подтвердить' }));
    await waitFor(() => {
      expect(server.sent[0]).toMatchObject({ path: '/api/v1/deals/7/vouch', body: { checkpoint_key: 'opened', channel: 'call' } });
    });
  });

  it('offers no manager’s word where it would prove nothing', async () => {
    show(aChecklist({ items: [anItem({ accepts: 'B' })] }));
    expect(await screen.findByText('Здесь слов менеджера мало: нужен след от самого клиента.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Подтвердить самому' })).toBeNull();
  });

  it('tells foreign words as text', async () => {
    const words = '<img src=x onerror=alert(1)>';
    show(aChecklist({ items: [anItem({ state: 'met', grade: 'D', facts: [aFact({ kind: 'manual', text: words })] })], next_key: null }));
    expect(await screen.findByText((text) => text.includes(words))).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
  });

  it('is glad when nothing is owed', async () => {
    show(aChecklist({ next_key: null }));
    expect(await screen.findByText('Клиент сделал все шаги')).toBeTruthy();
  });

  it.each([
    [{ version: null, segment: null, items: [], next_key: null }, 'Для этой воронки ещё нет шагов клиента'],
    [{ segment: null, items: [], next_key: null }, 'Эта сделка пока вне сегментов'],
    [{ backfill: { state: 'running', done: 40, total: 100 } }, 'Читаем историю сделок: 40%. Цифры и отметки ещё добавятся.'],
    [{ stale: true, stale_reason: 'crm_unavailable' }, /CRM сейчас не отвечает/],
  ])('says what is the matter: %o', async (changes, text) => {
    show(aChecklist(changes));
    expect(await screen.findByText(text)).toBeTruthy();
  });

  it.each([
    [403, 'Эта сделка вам не видна'],
    [404, 'Этой сделки у нас ещё нет'],
    [500, 'Не получилось загрузить'],
  ])('says what to do after a %i', async (status, text) => {
    show(aChecklist(), status);
    expect(await screen.findByText(text)).toBeTruthy();
  });
});
