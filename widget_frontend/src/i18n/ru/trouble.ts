import type { Messages } from '../translate';

/** Texts of all pages that the card needs only when something is missing, old or out of order. */
export const trouble = {
  'nav.label': 'Разделы',
  'nav.settings': 'Карта шагов',
  'nav.panel': 'Конверсия',
  'nav.lock': 'Замок',
  'nav.objections': 'Возражения',
  'nav.account': 'Настройки',
  'retry': 'Попробовать ещё раз',
  'error.title': 'Не получилось загрузить',
  'error.body': 'Попробуйте ещё раз через минуту. Если не поможет, покажите администратору код {id}.',
  'error.noRightsTitle': 'Здесь нужны права администратора',
  'error.noRightsBody': 'Попросите администратора аккаунта: он откроет доступ или сделает это сам.',
  'error.sessionTitle': 'Не узнали вас',
  'error.sessionBody': 'Обновите страницу CRM. Если не поможет, попросите администратора переустановить Stepgate.',
  'error.hostTitle': 'Откройте эту страницу из CRM',
  'error.hostBody': 'Stepgate узнаёт вас через CRM, поэтому сам по себе не откроется.',
  'stale.crm_unavailable': 'CRM сейчас не отвечает. Показываем, как было {when}.',
  'stale.reauth_required': 'Связь с CRM прервана. Показываем, как было {when}. Администратору нужно подключить Stepgate заново.',
  'stale.other': 'Данные на {when}. Обновим, как только сможем.',
  'backfill.partial': 'Читаем историю сделок: {share}. Цифры и отметки ещё добавятся.',
  'backfill.starting': 'Читаем историю сделок. Цифры и отметки ещё добавятся.',
} satisfies Messages;
