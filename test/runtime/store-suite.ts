import type { Resource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SearchParameterDefinition } from '../../src/fhir/definitions/types.ts';
import { indexRows } from '../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { type Database, sql } from '../../src/ports.ts';
import { PIECE_UNITS } from '../../src/store/content.ts';
import { isUniqueViolation } from '../../src/store/errors.ts';
import { createPatientIndex } from '../../src/store/patient-index.ts';
import { createRepository, type HistoryPage, UNGUARDED } from '../../src/store/repository.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch, type SearchPage, type SearchScope } from '../../src/store/search.ts';
import { readSetting, settingOnce } from '../../src/store/settings.ts';
import type { Guard, IndexRows, NewVersion } from '../../src/store/types.ts';
import { relatedSuite } from './related-suite.ts';

const NOTHING: IndexRows = { token: [], reference: [], date: [], string: [], uri: [] };
const NEVER: Guard = { sql: 'exists (select 1 from setting where key = ?)', params: ['no such key'] };

const NOW = Date.parse('2026-11-21T12:00:00Z');

/** A type of its own for each test: the store knows none, and a shared database needs no clearing. */
const freshType = () => `T${crypto.randomUUID().replaceAll('-', '')}`;

const versionOf = (type: string, more: Partial<NewVersion> = {}): NewVersion => ({
  type,
  id: crypto.randomUUID(),
  version: 1,
  lastUpdated: NOW,
  deleted: false,
  method: 'POST',
  content: '{"resourceType":"Basic"}',
  patient: null,
  owner: null,
  checkedAt: null,
  uniqueKey: null,
  index: NOTHING,
  ...more,
});

/** The parameters that the search tests index and search by. */
const definitionsOf = (type: string): readonly SearchParameterDefinition[] => [
  { code: '_id', type: 'token', base: ['Resource'], expression: 'Resource.id' },
  { code: '_lastUpdated', type: 'date', base: ['Resource'], expression: 'Resource.meta.lastUpdated' },
  { code: 'status', type: 'token', base: [type], expression: `${type}.status` },
  { code: 'category', type: 'token', base: [type], expression: `${type}.category` },
  { code: 'identifier', type: 'token', base: [type], expression: `${type}.identifier` },
  { code: 'date', type: 'date', base: [type], expression: `${type}.date` },
  { code: 'period', type: 'date', base: [type], expression: `${type}.period` },
  { code: 'name', type: 'string', base: [type], expression: `${type}.name` },
  { code: 'url', type: 'uri', base: [type], expression: `${type}.url` },
  {
    code: 'actor',
    type: 'reference',
    base: [type],
    expression: `${type}.actor`,
    target: ['Patient', 'Organization'],
  },
];

const BASE_URL = 'https://facade.example/fhir';
const PRIVATE = 'urn:oid:2.16.578.1.12.4.1.4.1';

type Members = Readonly<Record<string, unknown>>;

const world = (db: Database, few?: number) => {
  const type = freshType();
  const repository = createRepository(db);
  const search = createSearch(db, few);
  const params = createSearchParameters(definitionsOf(type))(type);
  const options = { baseUrl: BASE_URL, isPrivateSystem: (system: string) => system === PRIVATE };
  const put = async (id: string, body: Members, more: Partial<NewVersion> = {}) => {
    const resource = { resourceType: type, id, ...body } as unknown;
    const index = indexRows(resource as Resource, params, options);
    await db.batch(
      repository.versionStatements(
        versionOf(type, { id, content: JSON.stringify(resource), index, ...more }),
        UNGUARDED,
      ),
    );
  };
  const page = async (query: string, scope: SearchScope = {}): Promise<SearchPage> => {
    const entries = [...new URLSearchParams(query)];
    const parsed = parseSearch(type, entries, params, { handling: 'strict', now: NOW, baseUrl: BASE_URL });
    if (!parsed.ok) throw new Error(parsed.failure.map((issue) => issue.diagnostics).join());
    return search.search(parsed.value.request, scope);
  };
  const find = async (query: string, scope: SearchScope = {}) =>
    (await page(query, scope)).versions.map((version) => version.id).join(' ');
  /** All pages of a query, so many resources each. */
  const walk = async (query: string, count: number, within: SearchScope = {}): Promise<readonly string[]> => {
    const found: string[] = [];
    let after: SearchScope = {};
    for (;;) {
      const { versions: part, next } = await page(`${query}&_count=${count}`, { ...within, ...after });
      found.push(...part.map((version) => version.id));
      if (next === undefined) return found;
      after = { after: next };
    }
  };
  return { type, repository, search, put, page, find, walk };
};

const versions = (open: () => Promise<Database>) => {
  let db: Database;
  beforeAll(async () => {
    db = await open();
    await migrate(db);
  });

  it('gives back a version as it was written', async () => {
    const repository = createRepository(db);
    const written = versionOf(freshType(), {
      content: '{"value":1.00,"text":"æøå 😀 \\u0000"}',
      patient: 'p1',
      owner: 'o1',
      checkedAt: NOW + 5,
    });
    await db.batch(repository.versionStatements(written, UNGUARDED));
    const { index: _, uniqueKey: __, ...stored } = written;
    expect(await repository.read(written.type, written.id)).toEqual(stored);
    expect(await repository.vread(written.type, written.id, 1)).toEqual(stored);
  });

  it('keeps every version, newest first, pageable by version and by time', async () => {
    const repository = createRepository(db);
    const first = versionOf(freshType());
    for (const version of [1, 2, 3, 4]) {
      const deleted = version === 3;
      const next: NewVersion = {
        ...first,
        version,
        lastUpdated: NOW + version,
        deleted,
        method: deleted ? 'DELETE' : 'PUT',
        content: deleted ? '' : `{"v":${version}}`,
      };
      await db.batch(repository.versionStatements(next, UNGUARDED));
    }
    const other = { ...first, id: `${first.id}-other`, lastUpdated: NOW + 3, uniqueKey: null };
    await db.batch(repository.versionStatements(other, UNGUARDED));
    const numbers = async (page: HistoryPage, id: string | undefined = first.id) =>
      (await repository.historyOf({ types: [first.type], ...(id === '' ? {} : { id }) }, page)).map((one) =>
        one.id === first.id ? one.version : 'other',
      );
    const after = { lastUpdated: NOW + 3, type: first.type, id: first.id, version: 3 };
    expect(await numbers({ count: 10 })).toEqual([4, 3, 2, 1]);
    expect(await numbers({ count: 2 })).toEqual([4, 3]);
    expect(await numbers({ count: 2, after })).toEqual([2, 1]);
    expect(await numbers({ count: 10, since: NOW + 3 })).toEqual([4, 3]);
    expect(await numbers({ count: 10, at: { low: NOW + 2, high: NOW + 2 } })).toEqual([2]);
    expect(await numbers({ count: 10, at: { low: NOW + 2, high: NOW + 3 } })).toEqual([3, 2]);
    expect(await numbers({ count: 10, at: { low: NOW + 100, high: NOW + 200 } })).toEqual([4]);
    // Of a whole type: several resources, in the order of time.
    expect(await numbers({ count: 10 }, '')).toEqual([4, 'other', 3, 2, 1]);
    expect((await repository.vread(first.type, first.id, 3))?.deleted).toBe(true);
    expect((await repository.read(first.type, first.id))?.content).toBe('{"v":4}');
    expect(await repository.vread(first.type, first.id, 5)).toBeUndefined();
  });

  it('changes nothing at all when the guard is false', async () => {
    const repository = createRepository(db);
    const index: IndexRows = { ...NOTHING, token: [{ param: 'status', system: null, code: 'active' }] };
    const first = versionOf(freshType(), { index });
    await db.batch(repository.versionStatements(first, UNGUARDED));
    const content = `"${'x'.repeat(PIECE_UNITS)}"`;
    const results = await db.batch(repository.versionStatements({ ...first, version: 2, content }, NEVER));
    expect(results.map((result) => result.changes)).toEqual(results.map(() => 0));
    expect(results.length).toBeGreaterThan(4);
    expect((await repository.read(first.type, first.id))?.version).toBe(1);
    expect(await repository.vread(first.type, first.id, 2)).toBeUndefined();
    const rows = await db.query(sql('select code from idx_token where type = ?', first.type));
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['one byte', 'x'],
    ['two bytes', 'ø'],
    ['three bytes', '€'],
    ['surrogate pairs', '😀'],
  ])('keeps content of characters of %s whole, in values below 1 MB', async (_, char) => {
    const repository = createRepository(db);
    const content = `"${char.repeat((PIECE_UNITS * 2.5) / char.length)}"`;
    const large = versionOf(freshType(), { content });
    await db.batch(repository.versionStatements(large, UNGUARDED));
    await db.batch(repository.versionStatements({ ...large, version: 2, content: '{}' }, UNGUARDED));
    expect((await repository.read(large.type, large.id))?.content).toBe('{}');
    expect((await repository.vread(large.type, large.id, 1))?.content).toBe(content);
    const sizes = await db.query(
      sql(
        'select max(length(cast(text as blob))) as most, count(*) as pieces from content_part where type = ?',
        large.type,
      ),
    );
    expect(sizes[0]?.['most']).toBeLessThan(1_000_000);
    expect(sizes[0]?.['pieces']).toBe(3);
    const inline = await db.query(
      sql('select max(length(cast(content as blob))) as most from history where type = ?', large.type),
    );
    expect(inline[0]?.['most']).toBeLessThan(1_000_000);
  });

  it('indexes any number of values, in parameters and rows that stay small', async () => {
    const repository = createRepository(db);
    const token = Array.from({ length: 20_000 }, (_, at) => ({
      param: 'code',
      system: 'http://example.org/a/rather/long/system',
      code: `€${at}`,
    }));
    const string = [{ param: 'name', folded: '€'.repeat(400_000), exact: '€'.repeat(400_000) }];
    const version = versionOf(freshType(), { index: { ...NOTHING, token, string } });
    const statements = repository.versionStatements(version, UNGUARDED);
    const bytes = statements.flatMap(({ params }) =>
      params.map((value) => new TextEncoder().encode(String(value)).length),
    );
    expect(Math.max(...bytes)).toBeLessThan(1_000_000);
    expect(Math.max(...statements.map(({ params }) => params.length))).toBeLessThanOrEqual(100);
    await db.batch(statements);
    const counted = await db.query(sql('select count(*) as n from idx_token where type = ?', version.type));
    expect(counted[0]?.['n']).toBe(20_000);
  });

  it('lets one live resource hold a unique key, and frees it with the deletion', async () => {
    const repository = createRepository(db);
    const uniqueKey = crypto.randomUUID();
    const holder = versionOf(freshType(), { uniqueKey });
    const rival = versionOf(holder.type, { uniqueKey });
    await db.batch(repository.versionStatements(holder, UNGUARDED));
    expect((await repository.liveByKey(uniqueKey))?.id).toBe(holder.id);
    const refusal = await db.batch(repository.versionStatements(rival, UNGUARDED)).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isUniqueViolation(refusal)).toBe(true);
    expect(await repository.vread(rival.type, rival.id, 1)).toBeUndefined();
    const deletion: NewVersion = { ...holder, version: 2, deleted: true, method: 'DELETE', content: '' };
    await db.batch(repository.versionStatements(deletion, UNGUARDED));
    expect(await repository.liveByKey(uniqueKey)).toBeUndefined();
    await db.batch(repository.versionStatements(rival, UNGUARDED));
    expect((await repository.liveByKey(uniqueKey))?.id).toBe(rival.id);
  });

  it('never takes a confirmation back to an earlier time', async () => {
    const repository = createRepository(db);
    const version = versionOf(freshType());
    await db.batch(repository.versionStatements(version, UNGUARDED));
    await repository.touchChecked(version.type, version.id, NOW + 10);
    await repository.touchChecked(version.type, version.id, NOW + 5);
    expect((await repository.read(version.type, version.id))?.checkedAt).toBe(NOW + 10);
  });

  it('writes all of a batch or nothing', async () => {
    const key = crypto.randomUUID();
    const insert = sql('insert into setting (key, value) values (?, ?)', key, 'a');
    await expect(db.batch([insert, insert])).rejects.toThrow();
    expect(await readSetting(db, key)).toBeUndefined();
    const [made, removed] = await db.batch([
      sql('insert into setting (key, value) values (?, ?) returning key', key, 'a'),
      sql('delete from setting where key = ?', key),
    ]);
    expect(made).toEqual({ rows: [{ key }], changes: 1 });
    expect(removed).toEqual({ rows: [], changes: 1 });
  });

  it('agrees on a setting that several make at once', async () => {
    const key = crypto.randomUUID();
    const held = await Promise.all(['a', 'b', 'c'].map((value) => settingOnce(db, key, value)));
    expect(new Set(held).size).toBe(1);
  });

  it('migrates an empty and a present database, by several at once', async () => {
    const extra = [sql('create table if not exists extra_table (id text primary key)')];
    await Promise.all([migrate(db, extra), migrate(db, extra), migrate(db)]);
    await migrate(db, extra);
    expect(await db.query(sql('select id from extra_table'))).toEqual([]);
  });
};

const patients = (open: () => Promise<Database>) => {
  const keysOf = (...secrets: readonly string[]) => ({
    hashAll: (_use: 'index', text: string) => secrets.map((secret) => `${secret}:${text.length}:${text}`),
  });
  const indexWith = (db: Database, ...secrets: readonly string[]) =>
    createPatientIndex({
      db,
      repository: createRepository(db),
      keys: keysOf(...secrets),
      clock: () => NOW,
      isPersonSystem: () => true,
    });
  let db: Database;
  beforeAll(async () => {
    db = await open();
    await migrate(db);
  });
  const number = () => ({ system: PRIVATE, value: crypto.randomUUID() });

  it('makes one Patient for a number, however many ask at once', async () => {
    const index = indexWith(db, 'k1');
    const identifier = number();
    expect(await index.find(identifier)).toBeUndefined();
    const ids = await Promise.all(Array.from({ length: 10 }, () => index.findOrMake(identifier)));
    expect(new Set(ids).size).toBe(1);
    expect(await index.find(identifier)).toBe(ids[0]);
    expect(await index.identifierOf(ids[0] ?? '')).toEqual(identifier);
    const rows = await db.query(sql('select id from patient_index where key like ?', `%${identifier.value}`));
    expect(rows).toHaveLength(1);
  });

  it('stores nothing but the identifier, and indexes no number', async () => {
    const identifier = number();
    const id = await indexWith(db, 'k1').findOrMake(identifier);
    const stored = await createRepository(db).read('Patient', id);
    expect(JSON.parse(stored?.content ?? '')).toEqual({
      resourceType: 'Patient',
      id,
      meta: { versionId: '1', lastUpdated: '2026-11-21T12:00:00.000Z' },
      identifier: [identifier],
    });
    expect(
      await db.query(sql('select 1 as one from idx_token where type = ? and id = ?', 'Patient', id)),
    ).toEqual([]);
  });

  it('keeps the id through a change of keys, and agrees while instances have different ones', async () => {
    const identifier = number();
    const id = await indexWith(db, 'old').findOrMake(identifier);
    expect(await indexWith(db, 'new', 'old').findOrMake(identifier)).toBe(id);
    const other = number();
    const [before, after] = await Promise.all([
      indexWith(db, 'old').findOrMake(other),
      indexWith(db, 'new', 'old').findOrMake(other),
    ]);
    expect(before).toBe(after);
  });

  it('knows no number for an id that it did not make', async () => {
    expect(await indexWith(db, 'k1').identifierOf('unknown')).toBeUndefined();
  });
};

/** What each query finds among the resources of `seeded`, in order. */
const SEARCHES: readonly (readonly [rule: string, query: string, found: string])[] = [
  ['everything, by id', '', 'a b c d'],
  ['a code, whatever its system', 'category=x', 'a b'],
  ['a code in a system', 'category=http://s1|x', 'a'],
  ['a code without system', 'category=|x', 'b'],
  ['any code of a system', 'category=http://s1|', 'a c'],
  ['a primitive code', 'status=active', 'a b'],
  ['one of several (comma is OR)', 'status=active,draft', 'a b c'],
  ['all of several (repetition is AND)', 'category=http://s1|x&category=http://s2|z', 'a'],
  ['none when one criterion fails', 'status=active&category=http://s1|y', ''],
  ['codes are compared as written', 'status=Active', ''],
  [':not includes resources without a value', 'status:not=active', 'c d'],
  [':not with several values excludes each', 'status:not=active,draft', 'd'],
  [':missing=true', 'status:missing=true', 'd'],
  [':missing=false', 'status:missing=false', 'a b c'],
  [':missing on a reference with only an identifier', 'actor:missing=false', 'a b c'],
  ['an escaped bar belongs to the value', 'identifier=http://i|1\\|2', 'a'],
  ['an escaped comma belongs to the value', 'identifier=http://i|3\\,4', 'b'],
  ['a private identifier is never found by its value', `identifier=${PRIVATE}|01817500168`, ''],
  ['a private identifier is not missing', 'identifier:missing=false', 'a b c'],
  ['_id', '_id=b', 'b'],
  ['_id, several', '_id=d,a,nobody', 'a d'],
  ['a reference by type and id', 'actor=Organization/o1', 'a'],
  ['a reference by id alone', 'actor=o1', 'a'],
  ['a reference by id and type modifier', 'actor:Organization=o1', 'a'],
  ['a reference of another type is another one', 'actor:Patient=o1', ''],
  ['a reference below our own base', `actor=${BASE_URL}/Organization/o1`, 'a'],
  ['an absolute reference below our base is the relative one', 'actor=Patient/p1', 'b'],
  ['a versioned reference by its unversioned form', 'actor=Organization/o2', 'b'],
  ['a versioned reference by its version', 'actor=Organization/o2/_history/3', 'b'],
  ['a versioned reference by another version', 'actor=Organization/o2/_history/4', ''],
  ['a reference elsewhere by its URL', 'actor=http://other.example/Organization/o1', 'c'],
  [':identifier finds logical references', 'actor:identifier=http://orgs|7', 'c'],
  [':identifier by value alone', 'actor:identifier=7', 'c'],
  ['strings start with the text, without case or accents', 'name=åse', 'a'],
  ['strings, folded both ways', 'name=ase moll', 'a'],
  ['strings, folded both ways, as the letter is written', 'name=ÅSE MØLL', 'a'],
  ['the start of a string, not its middle', 'name=øller', ''],
  [':contains', 'name:contains=OLLE', 'a b'],
  [':exact', 'name:exact=Åse Møller', 'a'],
  [':exact is exact', 'name:exact=åse møller', ''],
  ['uri', 'url=http://u.example/a', 'a'],
  ['uri is exact', 'url=http://u.example', ''],
  ['uri :below', 'url:below=http://u.example/', 'a b'],
  ['uri :above', 'url:above=http://u.example/a/b/c', 'a'],
  ['a year contains its days', 'date=2013', 'a b c'],
  ['a month contains its days', 'date=2013-01', 'a b'],
  ['a day contains its instants', 'date=2013-01-14', 'a b'],
  ['an instant does not contain the day', 'date=2013-01-14T10:00:00Z', 'b'],
  ['a zone is reckoned with', 'date=2013-01-14T11:00:00%2B01:00', 'b'],
  ['a plus that came as a space', 'date=2013-01-14T11:00:00 01:00', 'b'],
  ['ne', 'date=ne2013-01-14', 'c'],
  ['lt with a time: the day has a part before it', 'date=lt2013-01-14T10:00:00Z', 'a'],
  ['gt with a time: the day has a part after it', 'date=gt2013-01-14T10:00:00Z', 'a c'],
  ['ge', 'date=ge2013-03-14', 'c'],
  ['le', 'date=le2013-01-14', 'a b'],
  ['sa', 'date=sa2013-01-14', 'c'],
  ['eb', 'date=eb2013-03-15', 'a b'],
  ['ap, near', 'date=ap2013-01-20', 'a b c'],
  ['ap, far', 'date=ap2003-01-01', ''],
  ['between, as two criteria', 'date=ge2013-01-01&date=lt2013-02-01', 'a b'],
  ['one of two dates', 'date=2013-01,2013-03', 'a b c'],
  ['open period: it may include times after', 'period=ge2013-03-14', 'a b'],
  ['open period: it may include times before', 'period=le2013-03-14', 'a c'],
  ['sa: starts after', 'period=sa2013-03-14', 'b'],
  ['eb: ends before', 'period=eb2013-03-14', 'c'],
  ['a period is not equal to a day that it only overlaps', 'period=2013-03-14', ''],
  ['_lastUpdated', '_lastUpdated=ge2026-11-21T12:00:00.003Z', 'c d'],
  ['_lastUpdated, a day', '_lastUpdated=2026-11-21', 'a b c d'],
  ['_lastUpdated, before', '_lastUpdated=lt2026-11-21T12:00:00.002Z', 'a'],
  ['sorted by id, descending', '_sort=-_id', 'd c b a'],
  ['sorted by time', '_sort=_lastUpdated', 'a b c d'],
  ['newest first', '_sort=-_lastUpdated', 'd c b a'],
  ['sorted by a date, those without come last', '_sort=date', 'a b c d'],
  ['sorted by a date, descending, those without come last', '_sort=-date', 'c a b d'],
  ['sorted and filtered', '_sort=-_lastUpdated&status=active', 'b a'],
  ['sorted by two keys', '_sort=date,-_lastUpdated', 'a b c d'],
];

const seeded = async (db: Database) => {
  const made = world(db);
  const at = (offset: number) => ({ lastUpdated: NOW + offset });
  await made.put(
    'a',
    {
      status: 'active',
      category: [
        { coding: [{ system: 'http://s1', code: 'x' }] },
        { coding: [{ system: 'http://s2', code: 'z' }] },
      ],
      identifier: [{ system: 'http://i', value: '1|2' }],
      date: '2013-01-14',
      period: { start: '2013-01-21' },
      name: 'Åse Møller',
      url: 'http://u.example/a',
      actor: [{ reference: 'Organization/o1' }],
    },
    at(1),
  );
  await made.put(
    'b',
    {
      status: 'active',
      category: [{ coding: [{ code: 'x' }] }],
      identifier: [{ system: 'http://i', value: '3,4' }],
      date: '2013-01-14T10:00:00Z',
      period: { start: '2013-03-15' },
      name: 'Jon Voller',
      url: 'http://u.example/b',
      actor: [{ reference: `${BASE_URL}/Patient/p1` }, { reference: 'Organization/o2/_history/3' }],
    },
    at(2),
  );
  await made.put(
    'c',
    {
      status: 'draft',
      category: [{ coding: [{ system: 'http://s1', code: 'y' }] }],
      identifier: [{ system: PRIVATE, value: '01817500168' }],
      date: '2013-03-15',
      period: { end: '2013-01-21' },
      name: 'Someone',
      actor: [
        { identifier: { system: 'http://orgs', value: '7' } },
        { reference: 'http://other.example/Organization/o1' },
      ],
    },
    at(3),
  );
  await made.put('d', {}, at(4));
  const gone = { status: 'active', date: '2013-01-14', name: 'Åse' };
  await made.put('gone', gone, at(5));
  await made.put(
    'gone',
    {},
    { ...at(6), version: 2, deleted: true, method: 'DELETE', index: NOTHING, content: '' },
  );
  return made;
};

const searches = (open: () => Promise<Database>) => {
  let db: Database;
  let made: Awaited<ReturnType<typeof seeded>>;
  beforeAll(async () => {
    db = await open();
    await migrate(db);
    made = await seeded(db);
  });

  it.each(SEARCHES)('%s', async (_rule, query, found) => {
    expect(await made.find(query)).toBe(found);
  });

  it('takes hundreds of values', async () => {
    const many = Array.from({ length: 300 }, (_, at) => `n${at}`).join();
    expect(await made.find(`status=${many},active`)).toBe('a b');
    expect(await made.find(`category=${many},http://s1|x,http://s2|`)).toBe('a');
    expect(await made.find(`status:not=${many},active`)).toBe('c d');
    expect(await made.find(`actor=${many},Organization/o1`)).toBe('a');
    expect(await made.find(`_id=${many},a`)).toBe('a');
    const years = Array.from({ length: 29 }, (_, at) => `${1900 + at}`).join();
    const query = Array.from({ length: 6 }, () => `date=${years},2013-01-14`).join('&');
    expect(await made.find(query)).toBe('a b');
  });

  it('leaves no row of a deleted or a former version', async () => {
    const own = world(db);
    await own.put('r', { status: 'old', name: 'Old' });
    await own.put('r', { status: 'new' }, { version: 2 });
    expect(await own.find('status=old')).toBe('');
    expect(await own.find('name=old')).toBe('');
    expect(await own.find('status=new')).toBe('r');
  });

  it('counts without a page, and gives totals only when asked', async () => {
    expect(await made.page('_summary=count&status=active')).toMatchObject({ versions: [], total: 2 });
    expect(await made.page('_count=0')).toMatchObject({ versions: [], total: 4 });
    expect((await made.page('status=active')).total).toBeUndefined();
    expect((await made.page('_total=accurate&_count=1')).total).toBe(4);
    expect((await made.page('_total=estimate&status=active')).total).toBe(2);
  });

  it('finds only what lies within', async () => {
    const own = world(db);
    await own.put('a', { status: 'active' }, { patient: 'p1', owner: 'me' });
    await own.put('b', { status: 'active' }, { patient: 'p2', owner: 'you' });
    await own.put('c', { status: 'draft' }, { patient: 'p1', owner: 'you' });
    await own.put('d', { status: 'active' });
    expect(await own.find('', { within: { patients: ['p1'] } })).toBe('a c');
    expect(await own.find('status=active', { within: { patients: ['p1', 'p2'] } })).toBe('a b');
    expect(await own.find('_sort=-_lastUpdated', { within: { patients: ['p1'] } })).toBe('c a');
    expect(await own.find('_id=b,c', { within: { owners: ['you'] } })).toBe('b c');
    expect(await own.find('', { within: { patients: [] } })).toBe('');
    expect((await own.page('_summary=count', { within: { owners: ['you'] } })).total).toBe(2);
  });

  it.each([
    ['', 'id'],
    ['_sort=-_id', 'id, descending'],
    ['status=active,draft,final', 'id, merged from several values'],
    ['status=active,draft,final&name=n', 'id, filtered'],
    ['_sort=-_lastUpdated', 'time, descending'],
    ['_sort=date', 'date with gaps'],
    ['_sort=-date,_lastUpdated', 'two keys in different directions'],
  ])('pages %s are stable while others write (by %s)', async (query) => {
    const own = world(db);
    const states = ['active', 'draft', 'final'];
    const body = (at: number) => ({
      status: states[at % 3],
      name: 'N',
      ...(at % 4 === 0 ? {} : { date: `20${10 + (at % 5)}` }),
    });
    for (let at = 0; at < 25; at++) await own.put(`m${10 + at}`, body(at), { lastUpdated: NOW + (at % 7) });
    const whole = (await own.page(`${query}&_count=100`)).versions.map((version) => version.id);
    expect(whole).toHaveLength(25);
    const seen: string[] = [];
    let after: SearchScope['after'];
    for (let round = 0; round < 10; round++) {
      const { versions: found, next } = await own.page(
        `${query}&_count=4`,
        after === undefined ? {} : { after },
      );
      seen.push(...found.map((version) => version.id));
      if (next === undefined) break;
      after = JSON.parse(JSON.stringify(next)) as typeof next;
      await own.put(`l${round}`, body(round), { lastUpdated: NOW + round });
      await own.put(`z${round}`, body(round), { lastUpdated: NOW + round });
    }
    expect(seen.filter((id) => id.startsWith('m'))).toEqual(whole);
    expect(new Set(seen).size).toBe(seen.length);
  });
};

/** Resources that differ in all that they are found and sorted by, some with several dates or none. */
const varied = async (put: ReturnType<typeof world>['put']) => {
  for (let at = 0; at < 60; at++) {
    const day = (offset: number) => `2020-0${1 + ((at * 7 + offset) % 9)}`;
    const dates = [[], [day(0)], [day(0), day(4)], [day(2), day(2), day(1)]][at % 4];
    await put(
      `r${10 + ((at * 37) % 60)}`,
      {
        status: ['active', 'draft', 'final'][at % 3],
        category: { coding: [{ system: 's', code: `c${at % 5}` }] },
        date: dates,
        name: ['Anna', 'Åse', 'Bo', 'Anne'][at % 4],
        actor: [{ reference: `Patient/p${at % 6}` }],
      },
      { lastUpdated: NOW + (at % 11), patient: `p${at % 6}` },
    );
  }
};

const FILTERS = [
  '',
  'status=active',
  'status=active,draft',
  'category=s|c1&status:not=final',
  'category=s|',
  'name=an',
  'name:contains=n&actor=Patient/p1,p2,p3',
  'date=ge2020-05',
  'date=ap2020-05&status=draft',
  'date:missing=false&actor:missing=false',
  '_lastUpdated=gt2026-11-21T12:00:00.004Z',
];

const SORTS = [
  '',
  '_sort=-_id',
  '_sort=_lastUpdated',
  '_sort=-_lastUpdated',
  '_sort=date',
  '_sort=-date',
  '_sort=date,-_id',
  '_sort=-date,_lastUpdated',
];

/** However a search goes about it, by how much there is, the answer is the same. */
const plans = (open: () => Promise<Database>) => {
  let db: Database;
  beforeAll(async () => {
    db = await open();
    await migrate(db);
  });

  it('answers the same whether it collects and sorts or reads along an order', async () => {
    const collecting = world(db, 1000);
    const reading = world(db, 0);
    await varied(collecting.put);
    await varied(reading.put);
    const within: SearchScope = { within: { patients: ['p1', 'p2'] } };
    for (const filter of FILTERS) {
      for (const sort of SORTS) {
        const query = `${filter}&${sort}`;
        const whole = await collecting.walk(query, 100);
        expect(whole.length, query).toBeGreaterThan(3);
        expect(new Set(whole).size, query).toBe(whole.length);
        expect(await reading.walk(query, 7), query).toEqual(whole);
        expect((await reading.page(`${query}&_summary=count`)).total, query).toBe(whole.length);
        const part = await collecting.walk(query, 5, within);
        expect(await reading.walk(query, 100, within), query).toEqual(part);
      }
    }
    // Some thousand searches: a store behind a network takes its time.
  }, 60_000);
};

/** What every store must do, the same on each platform. `open` gives a database, empty or shared with others. */
export const storeSuite = (name: string, open: () => Promise<Database>): void => {
  describe(`store on ${name}: versions`, () => versions(open));
  describe(`store on ${name}: patient index`, () => patients(open));
  describe(`store on ${name}: search`, () => searches(open));
  describe(`store on ${name}: search plans`, () => plans(open));
  relatedSuite(name, open);
};
