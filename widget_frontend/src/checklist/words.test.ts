import { describe, expect, it } from 'vitest';

import { aChecklist, aFact, aStop, anItem } from '../testing/samples';
import { missingText, staleText } from './rare_words';
import { learntLate } from './step_more';
import { factLine, factText, reasonText } from './words';

const now = new Date('2026-11-16T12:00:00Z');

describe('a fact in words', () => {
  it('says how long a talk was and who called', () => {
    expect(factText(aFact())).toBe('Разговор 4 мин 12 с');
    expect(factText(aFact({ direction: 'incoming', seconds: 120 }))).toBe('Клиент позвонил, разговор 2 мин');
    expect(factText(aFact({ seconds: 0 }))).toBe('Звонок без разговора');
  });

  it('tells the client’s messages and mails from ours', () => {
    expect(factText(aFact({ kind: 'message', direction: 'incoming' }))).toBe('Сообщение клиента');
    expect(factText(aFact({ kind: 'mail', direction: 'outgoing' }))).toBe('Наше письмо');
  });

  it('quotes a manager’s word with its channel', () => {
    const fact = aFact({ kind: 'manual', channel: 'meeting', text: 'нужно 40 мест до марта' });
    expect(factText(fact)).toBe('Со слов менеджера, на встрече: «нужно 40 мест до марта»');
  });

  it('names a field with its value', () => {
    expect(factText(aFact({ kind: 'field', subject: '11', subject_title: 'Бюджет', text: '400 000' }))).toBe('Бюджет: 400 000');
  });

  it('has a text for every kind, also with nothing known about it', () => {
    for (const kind of ['call', 'message', 'mail', 'form', 'source', 'field', 'task', 'tag', 'note', 'stage', 'manual'] as const) {
      expect(factText(aFact({ kind }))).not.toMatch(/[{}]|card\./);
    }
  });

  it('ends with the moment in the account’s zone', () => {
    expect(factLine(aFact(), now)).toBe('Разговор 4 мин 12 с · 14 ноября, 10:31');
    expect(factLine(aFact({ is_dated: false }), now)).toBe('Разговор 4 мин 12 с · не позднее: 14 ноября, 10:31');
  });

  it('admits that it was learnt late', () => {
    expect(learntLate(aFact(), now)).toBe('');
    expect(learntLate(aFact({ recorded_at: '2026-11-16T06:00:00Z' }), now)).toBe('узнали сегодня в 09:00');
  });
});

describe('why something is not so', () => {
  it('says what proof would be strong enough', () => {
    const item = anItem({ reason: 'grade_too_low', accepts: 'B' });
    expect(reasonText(item)).toBe('Пока есть только слабое подтверждение. Нужно такое: клиент сам написал или поговорил с нами.');
  });

  it('is silent when nothing happened yet', () => {
    expect(reasonText(anItem())).toBe('');
  });

  it('names the missing steps as requests', () => {
    expect(missingText(aStop().missing)).toBe('открыть коммерческое предложение');
    expect(missingText([{ key: 'k', title: 'ТЗ', request: 'ТЗ прислать' }])).toBe('ТЗ прислать');
  });

  it('says how old the data are', () => {
    expect(staleText(aChecklist(), now)).toBe('');
    const stale = aChecklist({ stale: true, stale_reason: 'crm_unavailable' });
    expect(staleText(stale, now)).toBe('CRM сейчас не отвечает. Показываем, как было сегодня в 12:05.');
    expect(staleText(aChecklist({ stale: true, stale_reason: 'new_one' }), now)).toContain('сегодня в 12:05');
  });
});
