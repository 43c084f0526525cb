/**
 * What the settings form keeps. A `custom` field keeps JSON or a number; a plain text is dropped without a word.
 * https://www.amocrm.ru/developers/content/integrations/custom_settings
 */
export function saveSettings(form) {
  const settings = {};
  for (const input of form.querySelectorAll('.widget_settings_block__fields [name]')) {
    if (!input.dataset.custom) settings[input.name] = input.value;
    else if (isJson(input.value)) settings[input.name] = input.value;
  }
  return settings;
}

function isJson(text) {
  try {
    const parsed = JSON.parse(text);
    return typeof parsed === 'object' || typeof parsed === 'number';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
