import { fill, h } from '../dom.js';
import { t } from '../i18n.js';
import { loadIntegrations, state } from '../state.js';
import { callWidget, describe, enterArea, i18nText } from '../widgets/runtime.js';

/**
 * The page of one widget under Settings: the system leaves a holder, the widget draws in it.
 * https://www.amocrm.ru/developers/content/web_sdk/settings
 */
export async function openAdvanced(holder, { code }, current) {
  await loadIntegrations();
  const integration = state.integrations.find((each) => each.code === code && each.installed);
  if (!integration) {
    location.hash = '#/settings/integrations';
    return undefined;
  }
  const pack = await describe(integration);
  if (!current()) return undefined;
  const title = i18nText(pack.i18n, pack.manifest.advanced?.title || '') || pack.title;
  fill(holder, h('div', { class: 'advanced' },
    h('header', { class: 'advanced__head' }, h('h1', {}, title), h('span', { class: 'muted' }, pack.title), h('a', { href: '#/settings/integrations' }, t('integrations'))),
    h('div', { id: 'work-area', class: 'work-area' }, h('div', { id: 'list_page_holder', class: 'list_page_holder' }))));
  await enterArea({ area: 'advanced_settings', page: `advanced-settings:${code}`, only: code });
  if (current()) await callWidget(integration, 'advanced_settings', `advanced-settings:${code}`, 'advancedSettings');
  return undefined;
}
