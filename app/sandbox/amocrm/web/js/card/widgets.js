import { h } from '../dom.js';
import { t } from '../i18n.js';

/** The right column of a card: widgets draw their blocks into `.widgets__list`. */
export function widgetColumn() {
  return h('aside', { class: 'widgets', 'aria-label': t('paneWidgets') },
    h('div', { class: 'widgets__list card-widgets' }), h('p', { class: 'widgets__none small muted' }, t('noWidgets')));
}
