import { describe, expect, it } from 'vitest';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { type Database, type Statement, sql } from '../../src/ports.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch } from '../../src/store/search.ts';
import { OBSERVATION_PARAMETERS } from '../fhir/search/observation.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

const parametersOf = createSearchParameters(OBSERVATION_PARAMETERS);

/**
 * Without statistics SQLite plans the same over ten rows as over a million, so that what a plan does to a million
 * can be read from an empty store.
 */
const plansOf = async (query: string, few: number): Promise<readonly string[]> => {
  const db = memoryDatabase();
  await migrate(db);
  await db.batch([
    // One of each, so that chains have something to follow.
    ...['Observation', 'Patient'].map((type) =>
      sql(
        "insert into resource (type, id, version, last_updated, deleted, method, content, parts, patient) values (?, 'x', 1, 0, 0, 'PUT', '{}', 0, 'p')",
        type,
      ),
    ),
    sql("insert into idx_token (type, param, code, id, system) values ('Observation', 'code', 'c', 'x', '')"),
    sql(
      "insert into idx_token (type, param, code, id, system) values ('Patient', 'gender', 'male', 'x', '')",
    ),
  ]);
  const asked: Statement[] = [];
  const watched: Database = {
    batch: (statements) => db.batch(statements),
    query: (statement) => {
      asked.push(statement);
      return db.query(statement);
    },
  };
  const [type = '', parameters = ''] = query.split(/\?(.*)/s);
  const parsed = parseSearch(type, [...new URLSearchParams(parameters)], parametersOf(type), {
    handling: 'strict',
    now: 0,
    baseUrl: '',
    related: {
      types: ['Observation', 'Patient', 'Practitioner', 'Provenance'],
      parametersOf,
      reachOf: () => ({}),
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
  const search = createSearch(watched, few);
  await search.search(parsed.value.request);
  await search.search(parsed.value.request, {
    within: { patients: ['p'] },
    ...(parsed.value.request.sort.length > 0 ? {} : { after: { keys: [], id: 'a' } }),
  });
  const steps: string[] = [];
  for (const { sql: text, params } of asked) {
    const plan = await db.query({ sql: `explain query plan ${text}`, params });
    steps.push(...plan.map((row) => String(row['detail'])));
  }
  return steps;
};

const QUERIES = [
  'Observation?',
  'Observation?code=c',
  'Observation?code=s|c&status=final',
  'Observation?code:not=c&date=ge2020',
  'Observation?code=c&value-quantity=gt5||mg',
  'Observation?value-quantity=500',
  'Observation?value-quantity=ap5&date=ap2020',
  'Observation?value-string=abc&_lastUpdated=gt2020',
  'Observation?_profile:below=http://x',
  'Observation?code-value-quantity=c$gt500',
  'Observation?code-value-quantity=s|c$500',
  'Observation?code-value-quantity=s|c$500&patient=Patient/1,Patient/2',
  'Observation?patient=1,2,3,4,5,6',
  'Observation?patient.gender=male',
  'Observation?patient.gender:not=male&code=c',
  'Observation?patient.name=abc',
  'Observation?patient:Patient._has:Observation:patient:code=c',
  'Patient?_has:Observation:patient:code=c',
  'Patient?_has:Observation:patient:value-quantity=gt5',
  'Patient?_has:Observation:patient:code-value-quantity=c$500',
  'Patient?_has:Observation:patient:date=ge2020&gender=male',
  'Observation?_sort=value-quantity',
  'Observation?_sort=-code',
  'Observation?_sort=date&code=c',
  'Observation?code=c&_include=Observation:patient&_include=Observation:performer',
  'Patient?_revinclude=Observation:patient&_revinclude=Provenance:target',
];

/** What each alias stands for: y and c test one resource, e its other values, d what it sorts by, v what comes along. */
const BY_RESOURCE = /^SEARCH (?:y\d+|c\d+|d|e|v|c) .*\bid=\?/;
const TESTS = /^SEARCH (?:y\d+|c\d+|d|e|v|c) /;
/** Tables that are as long as the store; the others are lists and what a subquery found. */
const WHOLE = /^SCAN (?:y\d+|x|r|c\d+|d|e|v|c)\b/;
/** An index of values that is read from one end to the other. */
const THROUGH = /^SEARCH x .*(?:idx_|PRIMARY KEY).*\(type=\?\)$/;
/** Who refers is looked up by the resource referred to, or by the one that refers. */
const REFERS = /^SEARCH r .*(?:target_id=\?|\bid=\?)/;

describe.each([
  ['few matches are collected', 1000],
  ['matches are read along an order', 0],
])('when %s', (_, few) => {
  it.each(QUERIES)('%s enters each index by a value, and tests a resource by its id', async (query) => {
    const steps = await plansOf(query, few);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.filter((step) => WHOLE.test(step) || THROUGH.test(step))).toEqual([]);
    expect(steps.filter((step) => TESTS.test(step) && !BY_RESOURCE.test(step))).toEqual([]);
    expect(steps.filter((step) => step.startsWith('SEARCH r ') && !REFERS.test(step))).toEqual([]);
  });
});

it.each([
  ['Observation?code=c', 'idx_token', 'code=?'],
  ['Observation?code-value-quantity=s|c$500', 'idx_composite_by_code', 'code=?'],
  ['Observation?code-value-quantity=c$gt500', 'idx_composite_by_code', 'code=?'],
])('%s reads along %s, without sorting', async (query, _index, by) => {
  const steps = await plansOf(query, 0);
  expect(steps.filter((step) => step.startsWith('SEARCH x') && !step.includes(by))).toEqual(
    steps.filter((step) => step.startsWith('SEARCH x') && step.includes('patient=?')),
  );
  expect(steps.filter((step) => step.includes('TEMP B-TREE FOR DISTINCT'))).toEqual([]);
});
