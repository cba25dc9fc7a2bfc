import { describe, expect, it } from 'vitest';
import { indexRows } from '../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { createRepository, UNGUARDED } from '../../src/store/repository.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch } from '../../src/store/search.ts';
import { coded, OBSERVATION_PARAMETERS, quantity, resourceOf } from '../fhir/search/observation.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

const parametersOf = createSearchParameters(OBSERVATION_PARAMETERS);

const STORED: Readonly<Record<string, object>> = {
  a: quantity(1000, 'g'),
  b: quantity(1.4, 'kg'),
  c: quantity(2, 'kg'),
  d: quantity(99.5, '[degF]'),
  e: quantity(7.4, '[pH]'),
  f: { value: 1, unit: 'kg' },
  g: { value: 1, system: 'http://units.example', code: 'kg' },
  h: quantity(5, 'kg', { comparator: '<' }),
};

const filled = async () => {
  const db = memoryDatabase();
  await migrate(db);
  const { versionStatements } = createRepository(db);
  for (const [id, valueQuantity] of Object.entries(STORED)) {
    const resource = resourceOf({ resourceType: 'Observation', id, code: coded('x'), valueQuantity });
    const index = indexRows(resource, parametersOf('Observation'), {
      baseUrl: '',
      isPrivateSystem: () => false,
    });
    const fixed = { deleted: false, method: 'PUT', patient: null, owner: null, uniqueKey: null } as const;
    const rest = { checkedAt: null, content: JSON.stringify(resource), lastUpdated: 1, version: 1 };
    await db.batch(versionStatements({ type: 'Observation', id, ...fixed, ...rest, index }, UNGUARDED));
  }
  return db;
};

const FOUND: readonly (readonly [query: string, ids: string])[] = [
  ['value-quantity=1|http://unitsofmeasure.org|kg', 'a b'],
  ['value-quantity=1.0|http://unitsofmeasure.org|kg', 'a'],
  ['value-quantity=1000|http://unitsofmeasure.org|g', 'a'],
  ['value-quantity=gt1000|http://unitsofmeasure.org|g', 'b c h'],
  ['value-quantity=ge1|http://unitsofmeasure.org|kg', 'a b c h'],
  ['value-quantity=eb1.5|http://unitsofmeasure.org|kg', 'a b'],
  ['value-quantity=ap1500000|http://unitsofmeasure.org|mg', 'b h'],
  ['value-quantity=37.5|http://unitsofmeasure.org|Cel', 'd'],
  ['value-quantity=1|http://unitsofmeasure.org|kg,37.5|http://unitsofmeasure.org|Cel', 'a b d'],
  // Not a unit that is converted: as it is written.
  ['value-quantity=7.4|http://unitsofmeasure.org|[pH]', 'e'],
  // Who names no system asks for what is written, and never meets the base units.
  ['value-quantity=1||kg', 'b f g'],
  ['value-quantity=1000', 'a'],
  ['value-quantity=2000', ''],
  ['value-quantity=1400||g', ''],
  ['value-quantity=1|http://units.example|kg', 'g'],
  ['code-value-quantity=x$1|http://unitsofmeasure.org|kg', 'a b'],
  ['code-value-quantity=x$2000', ''],
  ['code-value-quantity=x$2000|http://unitsofmeasure.org|g', 'c'],
  ['value-quantity:missing=true', ''],
];

describe.each([1000, 0])('quantities in units of UCUM, with at most %i matches collected', (few) => {
  it.each(FOUND)('%s finds "%s"', async (query, ids) => {
    const parsed = parseSearch('Observation', [...new URLSearchParams(query)], parametersOf('Observation'), {
      handling: 'strict',
      now: 0,
      baseUrl: '',
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
    const page = await createSearch(await filled(), few).search(parsed.value.request);
    expect(page.versions.map(({ id }) => id).join(' ')).toBe(ids);
  });

  it('are sorted by what is written, each once', async () => {
    const db = await filled();
    for (const [sort, ids] of [
      ['value-quantity', 'h f g b c e d a'],
      ['-value-quantity', 'a d e h c b g f'],
    ] as const) {
      const parsed = parseSearch('Observation', [['_sort', sort]], parametersOf('Observation'), {
        handling: 'strict',
        now: 0,
        baseUrl: '',
      });
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
      const page = await createSearch(db, few).search(parsed.value.request);
      expect([sort, page.versions.map(({ id }) => id).join(' ')]).toEqual([sort, ids]);
    }
  });
});
