import { describe, expect, it } from 'vitest';
import { indexRows } from '../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Database, Statement } from '../../src/ports.ts';
import { createRepository, UNGUARDED } from '../../src/store/repository.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch } from '../../src/store/search.ts';
import { resourceOf } from '../fhir/search/observation.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

const parametersOf = createSearchParameters(
  [
    { code: 'url', type: 'uri', base: ['Questionnaire'], expression: 'Questionnaire.url' },
    { code: 'version', type: 'token', base: ['Questionnaire'], expression: 'Questionnaire.version' },
    { code: 'title', type: 'string', base: ['Questionnaire'], expression: 'Questionnaire.title' },
    {
      code: 'questionnaire',
      type: 'reference',
      base: ['QuestionnaireResponse'],
      expression: 'QuestionnaireResponse.questionnaire',
      target: ['Questionnaire'],
    },
    {
      code: 'status',
      type: 'token',
      base: ['QuestionnaireResponse'],
      expression: 'QuestionnaireResponse.status',
    },
  ],
  undefined,
  (path) => path === 'QuestionnaireResponse.questionnaire',
);

const STORED = {
  'Questionnaire/q1': { url: 'urn:q', version: '1', title: 'First' },
  'Questionnaire/q2': { url: 'urn:q', version: '2', title: 'Second' },
  'QuestionnaireResponse/r1': { questionnaire: 'urn:q|1', status: 'completed' },
  'QuestionnaireResponse/r2': { questionnaire: 'urn:q|2', status: 'stopped' },
  'QuestionnaireResponse/r3': { questionnaire: 'urn:q', status: 'amended' },
  'QuestionnaireResponse/r4': { questionnaire: 'urn:none', status: 'completed' },
};

const filled = async () => {
  const db = memoryDatabase();
  await migrate(db);
  const { versionStatements } = createRepository(db);
  for (const [reference, body] of Object.entries(STORED)) {
    const [type = '', id = ''] = reference.split('/');
    const resource = resourceOf({ resourceType: type, id, ...body });
    const index = indexRows(resource, parametersOf(type), { baseUrl: '', isPrivateSystem: () => false });
    const fixed = { deleted: false, method: 'PUT', patient: null, owner: null } as const;
    const rest = { checkedAt: null, uniqueKey: null, content: JSON.stringify(resource) };
    await db.batch(
      versionStatements({ type, id, version: 1, lastUpdated: 1, ...fixed, ...rest, index }, UNGUARDED),
    );
  }
  return db;
};

const requestOf = (query: string, within: readonly string[] | undefined) => {
  const [type = '', parameters = ''] = query.split('?');
  const parsed = parseSearch(type, [...new URLSearchParams(parameters)], parametersOf(type), {
    handling: 'strict',
    now: 0,
    baseUrl: '',
    related: {
      types: ['Questionnaire', 'QuestionnaireResponse'],
      parametersOf,
      reachOf: () => (within === undefined ? {} : { within: { owners: within } }),
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
  return parsed.value.request;
};

const answer = async (db: Database, query: string, few: number, within?: readonly string[]) => {
  const page = await createSearch(db, few).search(requestOf(query, within));
  return [...page.versions, ...(page.included?.versions ?? [])].map(({ id }) => id).join(' ');
};

const CASES = [
  ['QuestionnaireResponse?questionnaire.title=first', 'r1 r3'],
  ['QuestionnaireResponse?questionnaire.version=2', 'r2 r3'],
  ['QuestionnaireResponse?questionnaire.title:missing=true', ''],
  ['QuestionnaireResponse?questionnaire.version:not=2', 'r1 r3'],
  ['Questionnaire?_has:QuestionnaireResponse:questionnaire:status=stopped', 'q2'],
  ['Questionnaire?_has:QuestionnaireResponse:questionnaire:status=amended', 'q1 q2'],
  ['QuestionnaireResponse?status=stopped&_include=QuestionnaireResponse:questionnaire', 'r2 q2'],
  ['Questionnaire?title=first&_revinclude=QuestionnaireResponse:questionnaire', 'q1 r1 r3'],
] as const;

describe.each([
  ['when few resources meet the far end', 1000],
  ['when each candidate is followed to its far end', 0],
])('a canonical, %s', (_, few) => {
  it.each(CASES)('%s finds %j', async (query, expected) => {
    expect(await answer(await filled(), query, few)).toBe(expected);
  });

  it('leads to nothing that the caller may not see', async () => {
    const db = await filled();
    for (const [query, expected] of CASES) {
      const own = expected.split(' ').filter((id) => query.includes('include') && id !== '');
      expect(await answer(db, query, few, ['nobody'])).toBe(own.slice(0, 1).join(' '));
    }
  });

  it.each(CASES)('%s reads no table and no index from one end to the other', async (query) => {
    const db = await filled();
    const steps: string[] = [];
    const watched: Database = {
      batch: (statements) => db.batch(statements),
      query: async (statement: Statement) => {
        const plan = await db.query({ sql: `explain query plan ${statement.sql}`, params: statement.params });
        steps.push(...plan.map((row) => String(row['detail'])));
        return db.query(statement);
      },
    };
    await answer(watched, query, few);
    expect(steps.filter((step) => /^SCAN [xruk]\b/.test(step))).toEqual([]);
    expect(
      steps.filter((step) => /^SEARCH [uk] /.test(step) && !/\bid=\?|value=\?|code=\?/.test(step)),
    ).toEqual([]);
    expect(steps.filter((step) => /^SEARCH r /.test(step) && !/\bid=\?|target_id=\?/.test(step))).toEqual([]);
  });
});
