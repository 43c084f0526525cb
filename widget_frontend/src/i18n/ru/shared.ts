import type { Messages } from '../translate';

export const shared = {
  'time.today': 'сегодня в {time}',
  'time.yesterday': 'вчера в {time}',
  'time.onDay': '{day}, {time}',
  'unit.s': '{n} с',
  'unit.min': '{n} мин',
  'unit.h': '{n} ч',
  'unit.days': { one: '{shown} день', few: '{shown} дня', many: '{shown} дней', other: '{shown} дня' },
  'optional': 'по желанию',
  'or': 'или',
  'loading': 'Загружаем…',
  'close': 'Закрыть',
  'cancel': 'Отмена',
  'error.bodyPlain': 'Попробуйте ещё раз через минуту. Если не поможет, позовите администратора.',
  'error.offline': 'Нет связи. Обновим сами, как только она появится.',
  'grade.A': 'Клиент сделал это у нас на глазах',
  'grade.B': 'Клиент сам написал или поговорил с нами',
  'grade.C': 'Технический след: поле, метка, открытие',
  'grade.D': 'Со слов менеджера',
} satisfies Messages;
