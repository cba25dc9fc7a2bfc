import { describe, expect, it } from 'vitest';
import { indexRows } from '../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Database } from '../../src/ports.ts';
import { createRepository, UNGUARDED } from '../../src/store/repository.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch } from '../../src/store/search.ts';
import { TEXT_RESET, TEXT_SCHEMA } from '../../src/store/text.ts';
import type { IndexRows } from '../../src/store/types.ts';
import { OBSERVATION_PARAMETERS, resourceOf } from '../fhir/search/observation.ts';

const parametersOf = createSearchParameters([
  ...OBSERVATION_PARAMETERS,
  { code: '_text', type: 'string', base: ['DomainResource'] },
  { code: '_content', type: 'string', base: ['Resource'] },
]);

const TEXTS = new Set(['Observation', 'Encounter']);
const NONE: IndexRows = { token: [], reference: [], date: [], string: [], uri: [] };

const world = async (db: Database, few?: number) => {
  await migrate(db, TEXT_SCHEMA);
  const { versionStatements } = createRepository(db, TEXTS);
  const search = createSearch(db, few);
  const put = async (type: string, id: string, body: object | undefined, version = 1) => {
    const resource = resourceOf({ resourceType: type, id, ...body });
    const index = indexRows(resource, parametersOf(type), {
      baseUrl: '',
      isPrivateSystem: (system) => system === 'urn:person',
      ...(TEXTS.has(type) ? { maskText: (text) => text.replace(/\d{11}/g, '***') } : {}),
    });
    const content = body === undefined ? '' : JSON.stringify(resource);
    const fixed = { patient: null, owner: null, checkedAt: null, uniqueKey: null, method: 'PUT' } as const;
    const deleted = body === undefined;
    const rows = deleted ? NONE : index;
    const made = { type, id, version, lastUpdated: version, content, deleted, ...fixed, index: rows };
    await db.batch(versionStatements(made, UNGUARDED));
  };
  const find = async (type: string, query: string) => {
    const parsed = parseSearch(type, [...new URLSearchParams(query)], parametersOf(type), {
      handling: 'strict',
      now: 0,
      baseUrl: '',
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
    return (await search.search(parsed.value.request)).versions.map(({ id }) => id).join(' ');
  };
  return { put, find };
};

const div = (xhtml: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${xhtml}</div>`,
});

const seed = async ({ put }: Awaited<ReturnType<typeof world>>) => {
  await put('Observation', 'bone', {
    text: div('<p>Metastases in the <b>bone</b> &amp; marrow</p>'),
    note: [{ text: 'Sjøgren, mild' }],
  });
  await put('Observation', 'liver', {
    text: div('<p>Metastases of the liver&#10;seen again</p>'),
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }] },
  });
  await put('Observation', 'skin', {
    text: div('<p>A mark on the skin of the bone-dry arm</p>'),
    valueQuantity: { value: 72.5, unit: 'kg' },
    performer: [{ identifier: { system: 'urn:person', value: '13116900216' } }],
    valueString: 'number 13116900216 of the person',
    contained: [{ resourceType: 'Binary', contentType: 'text/plain', data: 'Ym9uZQ==' }],
  });
  await put('Encounter', 'visit', { text: div('bone') });
};

const FOUND: readonly (readonly [query: string, ids: string])[] = [
  ['_text=(bone OR liver) and metastases', 'bone liver'],
  ['_text=bone', 'bone skin'],
  ['_text=BONE metastases', 'bone'],
  ['_text="bone marrow"', 'bone'],
  ['_text="marrow bone"', ''],
  ['_text=metas*', 'bone liver'],
  ['_text=meta', ''],
  ['_text=bone not metastases', 'skin'],
  ['_text=liver,skin', 'liver skin'],
  ['_text=metastases&_content=weight', 'liver'],
  // The narrative does not say it, the note does.
  ['_text=mild', ''],
  ['_content=mild', 'bone'],
  ['_content=sjogren metastases', 'bone'],
  ['_content=SJØGREN', 'bone'],
  ['_content=29463-7', 'liver'],
  ['_content=72.5 kg', 'skin'],
  // Bytes are no words, tags neither.
  ['_content=Ym9uZQ', ''],
  ['_text=xmlns', ''],
  ['_text=amp', ''],
  // A person's number is nowhere, as an identifier or in a text.
  ['_content=13116900216', ''],
  ['_content=person', 'skin'],
  ['_text=bone&_sort=-_lastUpdated', 'skin bone'],
];

/** `_text` and `_content` on any database. */
export const textSuite = (name: string, open: () => Promise<Database>): void => {
  describe.each([
    ['few matches are collected', 1000],
    ['matches are read along an order', 0],
  ])(`words, on ${name}, when %s`, (_, few) => {
    it('are found by R4’s example and its like, in one type alone', async () => {
      const { put, find } = await world(await open(), few);
      await seed({ put, find });
      for (const [query, ids] of FOUND) {
        expect([query, await find('Observation', query)]).toEqual([query, ids]);
      }
      expect(await find('Encounter', '_text=bone')).toBe('visit');
    });

    it('are those of the version that holds, and gone with the resource', async () => {
      const { put, find } = await world(await open(), few);
      await seed({ put, find });
      await put('Observation', 'bone', { text: div('<p>nothing seen</p>') }, 2);
      expect(await find('Observation', '_text=marrow')).toBe('');
      expect(await find('Observation', '_text=nothing')).toBe('bone');
      await put('Observation', 'bone', undefined, 3);
      expect(await find('Observation', '_text=nothing')).toBe('');
      await put('Observation', 'bone', { text: div('<p>back again</p>') }, 4);
      expect((await find('Observation', '_text=again')).split(' ').toSorted()).toEqual(['bone', 'liver']);
    });

    it('can be emptied as a whole', async () => {
      const db = await open();
      const { put, find } = await world(db, few);
      await seed({ put, find });
      await db.batch(TEXT_RESET);
      expect(await find('Observation', '_content=bone')).toBe('');
    });
  });
};
