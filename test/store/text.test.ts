import { expect, it } from 'vitest';
import { fullTextQuery } from '../../src/fhir/search/full-text-query.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';
import { textSuite } from '../runtime/text-suite.ts';

textSuite('node:sqlite', async () => memoryDatabase());

it.each([
  ['(bone OR liver) and metastases', '(("bone" OR "liver") AND "metastases")'],
  ['Bone-dry', '"bone dry"'],
  ['a b or c not d', '(("a" AND "b") OR ("c" NOT "d"))'],
  ['"or else" card*', '("or else" AND "card" *)'],
  // Nothing in a word is an operator of the index.
  ['narrative:x', '"narrative x"'],
  ['a^2 {b} -c +d', '(((("a 2" AND "b") AND "c") AND "d"))'.slice(1, -1)],
])('%s asks the index for %s', (asked, query) => {
  expect(fullTextQuery(asked)).toBe(query);
});

it.each([
  '',
  ' ',
  '(',
  ')',
  '()',
  'a or',
  'or a',
  'not a',
  'and',
  'a and and b',
  '"open',
  '-',
  '(a',
  'a)',
  '""',
])('%j does not read as a query', (asked) => {
  expect(fullTextQuery(asked)).toBeUndefined();
});
