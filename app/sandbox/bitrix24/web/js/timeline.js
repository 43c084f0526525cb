import { post } from '/js/api.js';
import { el } from '/js/dom.js';
import { plain } from '/js/shell.js';
import { moment, t } from '/js/texts.js';

/** What happened around a deal, newest first. */
export function timeline(deal, act) {
  const entries = deal.timeline.map((entry) => (entry.kind === 'stage' ? stage(entry) : entry.kind === 'activity' ? activity(entry, act) : comment(entry)));
  return el('div', { class: 'timeline', id: 'timeline' }, entries.length ? entries : el('p', { class: 'empty' }, t('nothing')));
}

const when = (at) => el('time', { datetime: new Date(at * 1000).toISOString() }, moment(at));

function stage({ at, from, to }) {
  const text = from ? t('moved_from_to', { from, to }) : t('created_in', { to });
  return el('article', { class: 'entry stage' }, el('header', {}, el('span', {}, text), when(at)));
}

function comment({ at, title, text, author }) {
  return el('article', { class: 'entry' }, el('header', {}, el('h3', {}, title || author), when(at)), el('p', { class: 'text' }, plain(text)));
}

function activity(entry, act) {
  const done = () => act(() => post(`/activities/${entry.id}/complete`));
  const kind = `entry ${entry.incoming ? 'incoming' : ''} ${entry.completed ? '' : 'open'}`;
  return el(
    'article',
    { class: kind, 'data-provider': entry.provider },
    el('header', {}, el('h3', {}, entry.title), when(entry.at)),
    entry.duration === undefined ? null : el('p', { class: 'quiet-text' }, entry.failed_code === '200' ? t('talk', { seconds: entry.duration }) : t('missed')),
    entry.text ? el('p', { class: 'text' }, entry.text) : null,
    entry.transcript ? el('p', { class: 'text' }, entry.transcript) : null,
    entry.deadline ? el('p', { class: 'quiet-text' }, t('deadline', { when: moment(entry.deadline) })) : null,
    entry.messages ? el('div', { class: 'said' }, entry.messages.map((said) => el('p', { class: said.incoming ? 'incoming' : '' }, `${said.author}: ${said.text}`))) : null,
    entry.layout ? blocks(entry.layout) : null,
    entry.completed ? null : el('div', {}, el('button', { class: 'button quiet', type: 'button', onclick: done }, t('complete'))),
  );
}

/** The body of an activity that an application has drawn: its texts and links in their order. */
function blocks(layout) {
  const found = Object.values(layout.body?.blocks || {});
  return el('div', { class: 'rows' }, found.map((block) => el('div', { class: 'block' }, pieces(block))));
}

function pieces(block) {
  const { type, properties = {} } = block || {};
  if (type === 'withTitle') return [el('span', { class: 'quiet-text' }, properties.title || ''), ...pieces(properties.block)];
  if (type === 'lineOfBlocks') return Object.values(properties.blocks || {}).flatMap(pieces);
  const value = properties.value ?? properties.text ?? '';
  const text = typeof value === 'object' ? value[document.documentElement.lang] || Object.values(value)[0] : value;
  return [el(properties.bold ? 'b' : 'span', {}, String(text ?? ''))];
}
