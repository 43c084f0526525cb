import { avatar, h } from '../dom.js';
import { money, shortDate, t } from '../i18n.js';
import { userById } from '../state.js';

/** A lead on the board. `onMenu(button)` opens "move to…", the way without a mouse. */
export function drawTile(lead, onMenu) {
  const owner = userById(lead.responsible_user_id);
  const name = lead.name.trim() || t('noName');
  return h('li', { data: { lead: lead.id } },
    h('div', { class: 'tile', draggable: 'true' },
      h('div', { class: 'tile__row' }, h('span', {}, lead.contact_name || lead.company?.name || '—'),
        h('time', {}, shortDate(lead.updated_at))),
      h('a', { class: 'tile__name', href: `#/leads/${lead.id}`, draggable: 'false' }, name),
      h('div', { class: 'tile__foot' },
        lead.price ? h('span', { class: 'price' }, money(lead.price)) : null,
        h('span', { class: 'tags', title: lead.tags.join(', ') }, lead.tags.slice(0, 1).map((tag) => h('span', { class: 'chip' }, tag)),
          lead.tags.length > 1 ? h('span', { class: 'chip chip--more' }, `+${lead.tags.length - 1}`) : null),
        lead.has_task ? null : h('span', { class: 'tile__notask', title: t('noTask') }),
        avatar(owner)),
      h('button', {
        class: 'tile__move', type: 'button', 'aria-label': `${t('moveTo')} ${name}`, 'aria-haspopup': 'menu',
        on: { click: (event) => onMenu(event.currentTarget) },
      }, '⋯')));
}
