import { describe, expect, it } from 'vitest';

import type { Catalog, Change, FunnelDocument } from '../api/types';
import { tellChanges } from './changes';
import { newCheckpoint } from './edits';

const segment = { key: 'all', title: 'Все', conditions: [], checkpoints: [], gates: [] };
const opened = { ...newCheckpoint(segment), key: 'opened', title: 'Клиент открыл КП' };
const after: FunnelDocument = { format: 1, segments: [{ ...segment, checkpoints: [opened] }] };
const catalog = {
  pipelines: [{ id: '1', stages: [{ id: '40', title: 'КП отправлено' }] }],
} as unknown as Catalog;

function told(...changes: Partial<Change>[]): string[] {
  const whole = changes.map((change): Change => ({ kind: 'changed', path: '', before: null, after: null, ...change }));
  return tellChanges(whole, after, catalog, '1').flatMap(({ lines }) => lines);
}

describe('what changed between two versions', () => {
  it('names a gate by its stage and its mode in words', () => {
    expect(told({ path: 'segments.all.gates.40.mode', before: 'shadow', after: 'enforce' })).toEqual([
      'Стадия «КП отправлено»: было «только смотреть», стало «возвращать»',
    ]);
  });

  it('tells steps that came, went and were renamed', () => {
    expect(
      told(
        { kind: 'added', path: 'segments.all.checkpoints.opened', after: opened },
        { kind: 'removed', path: 'segments.all.checkpoints.gone', before: { ...opened, title: 'Клиент оплатил' } },
        { path: 'segments.all.checkpoints.opened.title', before: 'КП отправлено', after: opened.title },
      ),
    ).toEqual([
      'Новый шаг «Клиент открыл КП»',
      'Убрали шаг «Клиент оплатил»',
      'Шаг «КП отправлено» теперь называется «Клиент открыл КП»',
    ]);
  });

  it('says once that a step is proven otherwise, however much of its proof differs', () => {
    const path = 'segments.all.checkpoints.opened.proof';
    expect(told({ path: `${path}.triggers` }, { path: `${path}.combine` })).toEqual(['Шаг «Клиент открыл КП»: подтверждается иначе']);
  });

  it('tells segments that came, went and changed places', () => {
    expect(
      told(
        { kind: 'added', path: 'segments.new', after: { ...segment, title: 'Тендер' } },
        { kind: 'removed', path: 'segments.old', before: { ...segment, title: 'Срочно' } },
        { kind: 'moved', path: 'segments' },
      ),
    ).toEqual(['Новый сегмент «Тендер»', 'Убрали сегмент «Срочно»', 'Сегменты проверяются в другом порядке']);
  });

  it('tells once what changed alike in several segments', () => {
    const two: FunnelDocument = { format: 1, segments: [segment, { ...segment, key: 'urgent', title: 'Срочно' }] };
    const mode = { kind: 'changed' as const, before: 'shadow', after: 'warn' };
    const changes = ['all', 'urgent'].map((key) => ({ ...mode, path: `segments.${key}.gates.40.mode` }));
    expect(tellChanges(changes, two, catalog, '1').map(({ segments }) => segments)).toEqual([['Все', 'Срочно']]);
  });

  it('says nothing of what a person cannot see', () => {
    expect(told({ path: 'format', before: 1, after: 2 }, { kind: 'moved', path: 'segments.all.gates' })).toEqual([]);
  });
});
