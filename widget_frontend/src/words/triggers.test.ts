import { describe, expect, it } from 'vitest';

import { aTrigger } from '../testing/samples';
import { describeNeeds, describeTrigger } from './triggers';

const untitled = (): string => '';

describe('a trigger in words', () => {
  it('says from whom and from what length a call counts', () => {
    expect(describeTrigger(aTrigger({ least_seconds: 40 }), untitled)).toBe('разговор от 40 с');
    expect(describeTrigger(aTrigger({ direction: 'incoming', least_seconds: 60 }), untitled)).toBe('входящий звонок от 1 мин');
    expect(describeTrigger(aTrigger({ direction: 'outgoing' }), untitled)).toBe('исходящий звонок с ответом');
  });

  it('names the field and its value', () => {
    const field = aTrigger({ kind: 'field', subject: '501' });
    expect(describeTrigger(field, () => 'Бюджет')).toBe('заполненное поле «Бюджет»');
    expect(describeTrigger({ ...field, value: 'да' }, () => 'Бюджет')).toBe('поле «Бюджет»: «да»');
    expect(describeTrigger(field, untitled)).toBe('заполненное поле');
  });

  it('has words for every kind', () => {
    for (const kind of ['call', 'message', 'mail', 'form', 'source', 'field', 'task', 'tag', 'note', 'stage', 'manual'] as const) {
      expect(describeTrigger(aTrigger({ kind }), untitled)).not.toMatch(/proof\.|[{}]/);
    }
  });
});

describe('needs in words', () => {
  it('are joined by "or", or by "and" when all are needed, and told once', () => {
    const call = aTrigger({ least_seconds: 40 });
    const message = aTrigger({ kind: 'message', direction: 'incoming' });
    expect(describeNeeds([call, message, message], 'any', untitled)).toBe('разговор от 40 с или сообщение клиента');
    const tasks = ['подтверд', 'соглас'].map((contains) => aTrigger({ kind: 'task', contains }));
    expect(describeNeeds([...tasks, message], 'any', untitled)).toBe(
      'выполненная задача со словами «подтверд…», «соглас…» в результате или сообщение клиента',
    );
    expect(describeNeeds(tasks, 'all', untitled)).toMatch(/«подтверд…» в результате и .*«соглас…» в результате/);
    expect(describeNeeds([call, message], 'all', untitled)).toBe('разговор от 40 с и сообщение клиента');
    expect(describeNeeds([aTrigger({ kind: 'manual' })], 'any', untitled)).toBe('');
  });
});
