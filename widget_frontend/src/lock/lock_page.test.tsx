import { fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';

import { ApiClient } from '../api/client';
import type { Catalog, LockView } from '../api/types';
import { EditorStore } from '../funnel_editor/store';
import { aLock, aLockStage, aTrial } from '../testing/lock_samples';
import { LockPage } from './lock_page';
import { LockStore } from './store';

const USERS = [
  { id: '5', name: 'Мария Ильина', is_admin: true, is_active: true },
  { id: '6', name: 'Иван Петров', is_admin: false, is_active: true },
  { id: '7', name: 'Анна Котова', is_admin: false, is_active: true },
];

/** The page over a server that keeps one lock. */
class Server {
  readonly sent: [string, string, unknown][] = [];
  readonly opened: string[] = [];
  readonly store: LockStore;

  constructor(public lock: LockView) {
    const tokens = { token: () => 't', renew: () => Promise.resolve() };
    const api = new ApiClient(tokens, (url, init) => this.serve(url, init));
    this.store = new LockStore(api, { openAddress: (address) => { this.opened.push(address); } });
    const catalog = { pipelines: [{ id: '1', title: 'Продажи', is_main: true, stages: [] }], users: USERS } as unknown as Catalog;
    const editor = new EditorStore(api);
    editor.pipelineId.value = '1';
    void this.store.open('1');
    render(<LockPage store={this.store} editor={editor} catalog={catalog} />);
  }

  private serve(url: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? 'GET';
    if (method !== 'GET') this.sent.push([method, url, init.body ? JSON.parse(String(init.body)) : null]);
    if (method === 'POST') return Promise.resolve(Response.json(aTrial(), { status: 201 }));
    if (method === 'DELETE') return Promise.resolve(new Response(null, { status: 204 }));
    return Promise.resolve(Response.json(this.lock));
  }
}

const section = (name: RegExp): Promise<HTMLElement> => screen.findByRole('region', { name });

describe('the page of a lock', () => {
  it('says which moves to take away, and opens the roles inside the CRM', async () => {
    const server = new Server(aLock());
    const roles = await section(/Уберите переходы/);
    expect(within(roles).getByRole('rowheader').textContent).toBe('Классификация');
    expect(within(roles).getByRole('cell').textContent).toBe('«КП отправлено»');
    fireEvent.click(within(roles).getByRole('link', { name: 'Открыть права в CRM' }));
    expect(server.opened).toEqual(['https://acme.example/roles/']);
  });

  it('folds a role’s table that is long or wide', async () => {
    const closed = Array.from({ length: 40 }, (_, at) => ({ stage_id: `g${String(at)}`, title: `Счёт ${String(at)}` }));
    const matrix = Array.from({ length: 100 }, (_, at) => ({ stage_id: String(at), title: `Стадия ${String(at)}`, closed }));
    new Server(aLock({ matrix }));
    const roles = await section(/Уберите переходы/);
    expect(within(roles).getAllByRole('rowheader')).toHaveLength(12);
    expect(within(roles).getAllByText('и ещё 35 стадий').length).toBe(12);
    fireEvent.click(within(roles).getByRole('button', { name: 'Показать все 100 стадий' }));
    expect(within(roles).getAllByRole('rowheader')).toHaveLength(100);
  });

  it('starts a trial with the seller who was chosen, and shows what to send', async () => {
    const server = new Server(aLock());
    const trial = await section(/Проверьте на продавце/);
    fireEvent.click(within(trial).getByRole('button', { name: 'Начать проверку' }));
    expect(within(trial).getByRole('alert').textContent).toBe('Выберите продавца: проверка пройдёт от его имени.');
    expect(within(trial).queryByRole('option', { name: 'Мария Ильина' })).toBeNull();
    fireEvent.change(within(trial).getByLabelText('Кто попробует'), { target: { value: '6' } });
    fireEvent.click(within(trial).getByRole('button', { name: 'Начать проверку' }));
    expect(await within(trial).findByText('Ждём, когда Иван Петров нажмёт кнопку. Страница обновится сама.')).toBeTruthy();
    expect(within(trial).getByText(/Откройте пробную сделку https:\/\/acme.example\/deal\/900\//)).toBeTruthy();
    expect(server.sent).toEqual([['POST', '/api/v1/lock/trials', { pipeline_id: '1', stage_id: '40', user_id: '6' }]]);
  });

  it('calls a trial off', async () => {
    const server = new Server(aLock({ trial: aTrial() }));
    fireEvent.click(await screen.findByRole('button', { name: 'Отменить проверку и удалить пробную сделку' }));
    expect(await screen.findByRole('button', { name: 'Начать проверку' })).toBeTruthy();
    expect(server.sent).toEqual([['DELETE', '/api/v1/lock/trials/t1', null]]);
  });

  it('tells by itself how the trial ended', async () => {
    const server = new Server(aLock({ trial: aTrial() }));
    await screen.findByText(/Ждём, когда/);
    server.lock = aLock({
      stages: [aLockStage({ state: 'holds', code: 'refused_for_rights', text: 'CRM не пустила.', checked_at: '2026-11-16T09:05:00Z', checked_by: 'Иван Петров' })],
      trial: aTrial({ state: 'done', outcome: 'holds', text: 'CRM не пустила.' }),
    });
    await server.store.refresh();
    expect(await screen.findByText(/Последняя проверка: «КП отправлено», Иван Петров/)).toBeTruthy();
    expect(screen.getByText('Проверено и держит: 1 из 1.')).toBeTruthy();
    expect(screen.getByText(/Проверено 16 ноября/)).toBeTruthy();
  });

  it('names who got past a lock, with the deal', async () => {
    const leak = { deal_id: '77', title: 'ООО «Ромашка»', url: 'https://acme.example/deal/77/', by: 'Анна Котова', at: '2026-11-16T09:05:00Z' };
    new Server(aLock({ stages: [aLockStage({ state: 'leaks', code: 'moved_by_seller', text: 'Продавец смог.', leak })] }));
    const results = await section(/Что показали/);
    expect(within(results).getByRole('link', { name: 'ООО «Ромашка»' }).getAttribute('href')).toBe(leak.url);
    expect(within(results).getByText(/перенос: Анна Котова/)).toBeTruthy();
  });

  it('takes a gate from the list into the form', async () => {
    new Server(aLock({ stages: [aLockStage({ state: 'leaks' }), aLockStage({ stage_id: '60', title: 'Счёт', state: 'holds' })] }));
    fireEvent.click(await screen.findByRole('button', { name: 'Проверить замок на стадии «Счёт»' }));
    const gate = screen.getByLabelText<HTMLSelectElement>('Какую стадию проверяем');
    await waitFor(() => { expect(gate.value).toBe('60'); });
    expect(document.activeElement).toBe(gate);
  });

  it.each([
    [{ stages: [aLockStage({ mode: 'warn' })] }, 'Запирать пока нечего'],
    [{ plan: { is_enough: false, title: 'Старт' } }, /На тарифе Старт у ролей нет прав на переходы/],
    [{ plan: { is_enough: null, title: '' } }, /CRM нам не говорит/],
    [{ is_supported: false }, 'Эта CRM запирать стадии не умеет'],
  ])('says what stands in the way: %o', async (changes, words) => {
    new Server(aLock(changes));
    expect(await screen.findByText(words)).toBeTruthy();
  });
});
