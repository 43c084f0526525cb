import { expect, test } from 'vitest';

import type { Catalog } from '../api/types';
import { kindsOf, ruleText, subjectChoices } from './words';

function catalog(unseen: Catalog['unseen']): Catalog {
  return { pipelines: [], fields: [], users: [], loss_reasons: [], unseen, read_at: '' };
}

test('what the CRM never shows is not offered', () => {
  expect(kindsOf(catalog(['tag']), 'call')).not.toContain('tag');
  expect(subjectChoices(catalog(['tag'])).map(([subject]) => subject)).toEqual(['source', 'price']);
  expect(kindsOf(catalog([]), 'call')).toContain('tag');
  expect(subjectChoices(catalog([])).map(([subject]) => subject)).toContain('tag');
});

test('a rule that names it already keeps its word, so that it can be read and changed', () => {
  expect(kindsOf(catalog(['tag']), 'tag')).toContain('tag');
  expect(subjectChoices(catalog(['tag']), 'tag').map(([subject]) => subject)).toContain('tag');
  expect(ruleText([{ subject: 'tag', operator: 'equals', value: 'vip' }], catalog(['tag']))).not.toContain('tag ');
});
