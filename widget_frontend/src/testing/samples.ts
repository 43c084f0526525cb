import type { CardTrial, Checklist, ChecklistItem, Fact, Forward, Need, ReportStep, Stop, Trigger } from '../api/types';

/** Whole objects with believable values; a test names only what it is about. */

export function aFact(changes: Partial<Fact> = {}): Fact {
  return {
    kind: 'call',
    direction: 'outgoing',
    seconds: 252,
    subject: '',
    subject_title: '',
    text: '',
    channel: '',
    author: '',
    grade: 'B',
    occurred_at: '2026-11-14T07:31:00Z',
    recorded_at: '2026-11-14T07:31:20Z',
    is_dated: true,
    ...changes,
  };
}

export function aTrigger(changes: Partial<Trigger> = {}): Trigger {
  return { kind: 'call', direction: null, least_seconds: 0, subject: '', value: '', contains: '', ...changes };
}

export function aNeed(changes: Partial<Need> = {}): Need {
  return {
    kind: 'call',
    direction: 'incoming',
    least_seconds: 0,
    subject: '',
    subject_title: '',
    value: '',
    contains: '',
    words: 'входящий звонок',
    ...changes,
  };
}

export function anItem(changes: Partial<ChecklistItem> = {}): ChecklistItem {
  return {
    key: 'opened',
    title: 'Клиент открыл КП',
    request: 'Открыть коммерческое предложение',
    state: 'unmet',
    reason: 'no_evidence',
    grade: null,
    accepts: 'D',
    is_optional: false,
    met_at: null,
    hint: 'Анна, в КП на второй странице расчёт под ваши 40 мест.',
    objections: [{ says: 'Дорого', answer: 'Понимаю. С чем сравниваете?' }],
    opens: { stage_id: '40', stage_title: 'КП отправлено', mode: 'enforce' },
    needs: [
      aNeed({ least_seconds: 60, words: 'входящий звонок от 1 минуты' }),
      aNeed({ kind: 'message', words: 'сообщение клиента' }),
    ],
    after: null,
    before: [],
    within_hours: null,
    conditions: [],
    facts: [],
    ...changes,
  };
}

export function aStop(changes: Partial<Stop> = {}): Stop {
  return {
    log_id: 'log-1',
    action: 'move_back',
    state: 'done',
    from_stage_title: 'Классификация',
    to_stage_title: 'КП отправлено',
    moved_by: 'Иван Петров',
    occurred_at: '2026-11-16T09:04:00Z',
    decided_at: '2026-11-16T09:04:02Z',
    missing: [{ key: 'opened', title: 'Клиент открыл КП', request: 'Открыть коммерческое предложение' }],
    is_contested: false,
    objection: null,
    ...changes,
  };
}

export function aChecklist(changes: Partial<Checklist> = {}): Checklist {
  const met = anItem({ key: 'answered', title: 'Клиент ответил на звонок', state: 'met', reason: 'proven', grade: 'B', met_at: '2026-11-14T07:31:00Z', facts: [aFact()] });
  return {
    revision: 'r1',
    as_of: '2026-11-16T09:05:00Z',
    stale: false,
    stale_reason: null,
    backfill: null,
    deal: { id: '7', title: 'ООО «Ромашка»', pipeline_id: '1', stage_id: '30', stage_title: 'Классификация' },
    segment: { key: 'choosing', title: 'Выбирают' },
    version: 3,
    met: 1,
    total: 2,
    next_key: 'opened',
    items: [met, anItem()],
    stop: null,
    waiting: null,
    forward: null,
    lock_trial: null,
    ...changes,
  };
}

export function aForward(changes: Partial<Forward> = {}): Forward {
  return { stage_id: '60', stage_title: 'Счёт', state: 'ready', text: '', ...changes };
}

export function aCardTrial(changes: Partial<CardTrial> = {}): CardTrial {
  return { trial_id: 't1', stage_title: 'Счёт', state: 'waiting', outcome: null, code: '', text: '', is_yours: true, ...changes };
}

export function aStep(changes: Partial<ReportStep> = {}): ReportStep {
  return {
    key: 's',
    title: 'Клиент открыл КП',
    position: 0,
    done: 98,
    claimed: 139,
    entered: 149,
    dropped: 51,
    step_rate: 98 / 149,
    step_interval: [0.58, 0.73],
    rate: 98 / 210,
    rate_of: 210,
    median_seconds: 18_000,
    is_optional: false,
    ...changes,
  };
}
