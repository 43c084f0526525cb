import type { Messages } from '../translate';

export const shared = {
  'time.today': 'today at {time}',
  'time.yesterday': 'yesterday at {time}',
  'time.onDay': '{day}, {time}',
  'unit.s': '{n} s',
  'unit.min': '{n} min',
  'unit.h': '{n} h',
  'unit.days': { one: '{shown} day', other: '{shown} days' },
  'optional': 'optional',
  'or': 'or',
  'loading': 'Loading…',
  'close': 'Close',
  'cancel': 'Cancel',
  'error.bodyPlain': 'Try again in a minute. If it stays so, ask your admin.',
  'error.offline': 'No connection. We will catch up as soon as it is back.',
  'grade.A': 'The client did it before our eyes',
  'grade.B': 'The client wrote or spoke to us',
  'grade.C': 'A technical trace: a field, a tag, a page opened',
  'grade.D': 'A manager’s word',
} satisfies Messages;
