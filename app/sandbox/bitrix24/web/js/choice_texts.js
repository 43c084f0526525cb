/** What each choice of a switch means: [Russian, English] by switch and value. */
export const CHOICES = {
  comment_event_shape: { fields: ['внутри FIELDS', 'inside FIELDS'], flat: ['сверху', 'on top'], random: ['как придётся', 'as it comes'] },
  event_name_case: { upper: ['большие', 'capitals'], mixed: ['вперемешку', 'mixed'] },
  lean_auth: { endpoints: ['с адресами', 'with addresses'], bare: ['короткая', 'short'] },
  history_bad_order: { ignore: ['пропускает', 'is skipped'], refuse: ['отказывает', 'is refused'] },
  refused_move_code: { 0: ['0', '0'], '-': ['-', '-'], ACCESS_DENIED: ['ACCESS_DENIED', 'ACCESS_DENIED'] },
  down: { '': ['нет, отвечает', 'no, it answers'], 500: ['ошибка 500', 'error 500'], 502: ['ошибка 502', 'error 502'], 503: ['ошибка 503', 'error 503'], cut: ['обрыв связи', 'cut off'] },
  lost_write_mode: { 504: ['ошибка 504', 'error 504'], cut: ['обрыв связи', 'cut off'] },
  answered_domain: { auth: ['сервера входа', 'the sign-in server’s'], portal: ['портала', 'the portal’s'] },
  scope_status: { 401: ['401', '401'], 403: ['403', '403'] },
  method_confirm: { '': ['нет', 'no'], waiting: ['ждут', 'they wait'], denied: ['отклонены', 'they were denied'] },
  post_options: { full: ['как обычно', 'as usual'], none: ['нет', 'none'], foreign: ['чужая сделка', 'a foreign deal'] },
};
