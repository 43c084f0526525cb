import { post } from '/js/api.js';
import { openCard } from '/js/card.js';
import { el } from '/js/dom.js';
import { openSlider } from '/js/slider.js';
import { t } from '/js/texts.js';
import { trying } from '/js/toast.js';

const input = (name, label, type = 'text') => el('label', {}, label, el('input', { class: 'field', name, type, autocomplete: 'off' }));

/** The form of a new deal. */
export function openNewDeal(categoryId) {
  const slider = openSlider(t('new_deal'), { width: 520 });
  const create = async (event) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.target));
    const made = await trying(() => post('/deals', { ...form, amount: Number(form.amount) || 0, category_id: categoryId }));
    if (!made) return;
    slider.close();
    openCard(made.id);
  };
  const fields = [input('title', t('title')), input('amount', t('amount'), 'number'), input('contact_name', t('contact_name')), input('phone', t('phone'), 'tel')];
  const form = el('form', { class: 'panel pairs', onsubmit: create }, el('h2', {}, t('new_deal')), fields, el('button', { class: 'button main' }, t('create')));
  slider.sheet.append(el('div', { class: 'card' }, form));
  form.querySelector('input').focus();
}
