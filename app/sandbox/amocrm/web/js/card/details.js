import { patch } from '../api.js';
import { LOST, chooseStage } from '../board/moving.js';
import { fill, h } from '../dom.js';
import { dateTime, t } from '../i18n.js';
import { pipelineById, stageOf, state } from '../state.js';
import { attempt } from '../toast.js';
import { inputOf, shownIn, typedInto } from './inputs.js';

/** The left part of the card: stage, owner, fields, tags, contacts. It never overwrites what is being typed. */
export class Details {
  constructor(card, act, show, reread) {
    this.card = card;
    this.act = act;
    this.show = show;
    this.inputs = [];
    this.stage = h('button', { class: 'stage', type: 'button', 'aria-haspopup': 'menu', on: { click: () => chooseStage(this.card, this.stage, reread) } });
    this.way = h('div', { class: 'stages', role: 'img' });
    this.meta = h('p', { class: 'small muted' });
    this.tags = h('div', { class: 'tags-edit' });
    this.contacts = h('div', {});
    this.node = h('section', { class: 'details', 'aria-label': t('paneLead') },
      this.name(), this.stage, this.way, this.meta, this.price(), this.responsible(), h('h2', {}, t('fieldsTitle')), card.fields.map((field) => this.field(field)),
      h('h2', {}, t('tags')), this.tags, h('h2', {}, t('contacts')), this.contacts);
    this.update(card);
  }

  /** `read(card)` is the value to show, `write(value)` keeps what was typed. */
  bind(input, read, write) {
    input.addEventListener('change', async () => {
      if (!(await write(input.value.trim()))) input.value = read(this.card);
    });
    this.inputs.push(() => { if (input !== document.activeElement) input.value = read(this.card); });
    return input;
  }

  edit(form) {
    return attempt(async () => this.show(await patch(`/sandbox/api/leads/${this.card.id}`, form)));
  }

  name() {
    const input = h('textarea', { class: 'details__name', rows: 1, 'aria-label': t('leadName'), placeholder: t('noName') });
    const fit = () => { input.style.height = 'auto'; input.style.height = `${input.scrollHeight + 2}px`; };
    input.addEventListener('input', fit);
    input.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); input.blur(); } });
    this.bind(input, (card) => card.name, (name) => this.edit({ name }));
    this.inputs.push(fit);
    new ResizeObserver(fit).observe(input);
    return input;
  }

  price() {
    const input = h('input', { type: 'number', min: '0', step: '1' });
    return h('label', { class: 'line' }, h('span', {}, t('price')), this.bind(input, (card) => String(card.price), (value) => this.edit({ price: Number(value) || 0 })));
  }

  responsible() {
    const input = h('select', {}, state.users.map((user) => h('option', { value: user.id, disabled: user.is_active === false }, user.name)));
    return h('label', { class: 'line' }, h('span', {}, t('responsible')),
      this.bind(input, (card) => String(card.responsible_user_id), (id) => this.edit({ responsible_user_id: Number(id) })));
  }

  field(field) {
    const input = inputOf(field);
    input.disabled = field.is_api_only;
    if (field.is_api_only) input.title = t('apiOnly');
    const read = (card) => shownIn(field, card.fields.find((one) => one.id === field.id)?.values.join(', ') || '');
    return h('label', { class: 'line' }, h('span', {}, field.name),
      this.bind(input, read, async (text) => Boolean(await this.act('field', { field_id: field.id, value: typedInto(field, text) }))));
  }

  update(card) {
    this.card = card;
    const stage = stageOf(card.pipeline_id, card.status_id);
    this.stage.style.setProperty('--stage', stage?.color || '');
    fill(this.stage, h('span', { class: 'stage__name' }, stage?.name || '?'), h('span', { 'aria-hidden': 'true' }, '▾'));
    this.drawWay(card);
    fill(this.meta, [t('onStageSince', { date: dateTime(card.stage_since) }), card.source ? t('sourceIs', { name: card.source }) : '',
      card.loss_reason ? t('lostBecause', { name: card.loss_reason.name }) : ''].filter(Boolean).join('. '));
    for (const refresh of this.inputs) refresh();
    this.drawTags();
    fill(this.contacts, card.contacts.length ? card.contacts.map(contactBlock) : h('p', { class: 'muted' }, t('noContacts')));
  }

  /** How far along its pipeline the lead stands; a lost one stands nowhere. */
  drawWay(card) {
    const way = pipelineById(card.pipeline_id)?.statuses.filter((stage) => stage.type === 0 && stage.id !== LOST) || [];
    const at = way.findIndex((stage) => stage.id === card.status_id);
    this.way.hidden = at < 0;
    this.way.setAttribute('aria-label', t('stagesLabel', { n: at + 1, of: way.length }));
    fill(this.way, way.map((stage, place) => h('i', { class: place === at ? 'here' : place < at ? 'passed' : '', style: { '--stage': stage.color } })));
  }

  drawTags() {
    if (this.tags.contains(document.activeElement) && document.activeElement.value) return;
    const input = h('input', { placeholder: t('addTag'), 'aria-label': t('addTag'), on: { keydown: (event) => {
      const name = input.value.trim();
      if (event.key !== 'Enter' || !name) return;
      event.preventDefault();
      input.value = '';
      this.act('tag', { name });
    } } });
    fill(this.tags, this.card.tags.map((name) => h('span', { class: 'chip' }, name, h('button', {
      class: 'chip__off', type: 'button', 'aria-label': t('removeTag', { name }), on: { click: () => this.act('tag', { name, remove: true }) },
    }, '✕'))), input);
  }

  /** An integration has moved the lead: let it be seen. */
  flash() {
    this.stage.classList.remove('stage--returned');
    void this.stage.offsetWidth;
    this.stage.classList.add('stage--returned');
  }
}

function contactBlock(contact) {
  return h('div', { class: 'contact' }, h('strong', {}, contact.name),
    contact.phones.map((phone) => h('div', {}, phone)), contact.emails.map((mail) => h('div', {}, mail)),
    h('div', { class: 'small muted' }, t('openDeals', { n: contact.open_lead_ids.length })));
}
