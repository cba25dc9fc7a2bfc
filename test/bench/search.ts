import '../fhirpath.ts';
/**
 * Pages of a search over 1 000, 100 000 and 1 000 000 stored Consents, in one SQLite file each. What is promised:
 * with `_total=none`, the default, a page by token over a million takes at most twice that over a thousand.
 *
 *   node test/bench/search.ts [--quick]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEARCH_PARAMETERS } from '../../src/fhir/definitions/index.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { type Database, type Statement, sql } from '../../src/ports.ts';
import { openSqlite } from '../../src/runtime/node/sqlite.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch } from '../../src/store/search.ts';
import type { SearchPosition, SearchRequest } from '../../src/store/search-request.ts';
import { type BenchPlan, FULL, QUICK } from './plan.ts';
import { type Line, median, milliseconds, table, times, whole } from './report.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const SIZES = [1_000, 100_000, 1_000_000];
const QUICK_SIZES = [1_000, 100_000];

/** Resources a patient has, on average, whatever the size. */
const PER_PATIENT = 10;

/** Half of them active. */
const FILL: readonly ((size: number) => Statement)[] = [
  (size) =>
    sql(
      `insert into resource (type, id, version, last_updated, deleted, method, content, parts, patient, owner, checked_at)
       with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
       select 'Consent', lower(hex(randomblob(16))), 1, ? + i, 0, 'PUT', ?, 0,
              'p' || (abs(random()) % max(1, cast(? as integer) / ${PER_PATIENT})), null, null from n`,
      size,
      NOW - size,
      JSON.stringify({ resourceType: 'Consent', status: 'active', category: [{ text: 'x'.repeat(300) }] }),
      size,
    ),
  () =>
    sql(
      `insert into idx_token (type, param, code, id, system)
       select type, 'status', case abs(random()) % 4 when 0 then 'inactive' when 1 then 'rejected' else 'active' end, id, '' from resource`,
    ),
];

/** Twenty categories; each patient with some ten Consents. */
const FILL_MORE: readonly ((size: number) => Statement)[] = [
  () =>
    sql(
      `insert into idx_token (type, param, code, id, system)
       select type, 'category', 'c' || (abs(random()) % 20), id, 'urn:category' from resource`,
    ),
  () =>
    sql(
      `insert into idx_reference (type, param, target_id, id, target_type, target_version)
       select type, 'patient', patient, id, 'Patient', '' from resource`,
    ),
  () =>
    sql(
      `insert into idx_date (type, param, low, high, id)
       select type, 'date', last_updated, last_updated, id from resource`,
    ),
  () =>
    sql(
      `insert into resource (type, id, version, last_updated, deleted, method, content, parts, patient, owner, checked_at)
       select distinct 'Patient', patient, 1, 0, 0, 'PUT', '{}', 0, patient, null, null from resource`,
    ),
  () =>
    sql(
      `insert into idx_token (type, param, code, id, system)
       select 'Patient', 'gender', case abs(random()) % 2 when 0 then 'female' else 'male' end, id, ''
       from resource where type = 'Patient'`,
    ),
  () =>
    sql(
      `insert into idx_string (type, param, folded, id, exact)
       select 'Patient', 'name', 'name ' || id, id, 'Name ' || id from resource where type = 'Patient'`,
    ),
];

interface Query {
  readonly what: string;
  readonly query: string;
  /** Of this patient alone, as a private person's token reaches. */
  readonly patient?: string;
  /** How many times the time over a thousand a page over a million may take. */
  readonly atMost?: number;
  /** Asks for nothing but statuses: told by `npm run bench` too. */
  readonly short?: true;
}

const QUERIES: readonly Query[] = [
  { what: 'token that half of them have', query: 'status=active', atMost: 2, short: true },
  { what: 'token that one in twenty has', query: 'category=urn:category|c7', atMost: 2 },
  { what: 'two tokens', query: 'status=active&category=urn:category|c7' },
  { what: 'patient', query: 'patient=Patient/p7' },
  { what: 'token, of one patient', query: 'status=active', patient: 'p7' },
  { what: 'token, newest first', query: 'status=active&_sort=-_lastUpdated' },
  { what: 'token, by date', query: 'status=active&_sort=date' },
  { what: 'chain to one patient by name', query: 'patient.name:exact=Name p7' },
  { what: 'chain to half of the patients', query: 'patient.gender=female' },
  { what: 'token, with _include', query: 'status=active&_include=Consent:patient' },
  { what: 'token, _total=accurate (linear)', query: 'status=active&_total=accurate', short: true },
];

const parametersOf = createSearchParameters(SEARCH_PARAMETERS);

const requestOf = (query: string): SearchRequest => {
  const parsed = parseSearch('Consent', [...new URLSearchParams(query)], parametersOf('Consent'), {
    handling: 'strict',
    now: NOW,
    baseUrl: 'https://facade.example/fhir',
    related: { types: ['Consent', 'Patient'], parametersOf, reachOf: () => ({}) },
  });
  if (!parsed.ok) throw new Error(parsed.failure.map((issue) => issue.diagnostics).join());
  return parsed.value.request;
};

/** A store of so many Consents; the time is that of filling it, not of a create. */
const filled = async (folder: string, size: number, fills: typeof FILL) => {
  const db = openSqlite(`sqlite:${join(folder, `${size}.db`)}`);
  await migrate(db);
  for (const fill of fills) await db.batch([fill(size)]);
  return db;
};

/** Milliseconds of one page: the first one and the ones after it, as a client walks them. */
const pageTimes = async (db: Database, { query, patient }: Query, budget: number): Promise<number> => {
  const search = createSearch(db);
  const request = requestOf(query);
  const times: number[] = [];
  const until = performance.now() + budget;
  let after: SearchPosition | undefined;
  while (performance.now() < until || times.length < 3) {
    const start = performance.now();
    const page = await search.search(request, {
      ...(patient === undefined ? {} : { within: { patients: [patient] } }),
      ...(after === undefined ? {} : { after }),
    });
    times.push(performance.now() - start);
    after = times.length % 5 === 0 ? undefined : page.next;
  }
  return median(times);
};

const lineOf = (
  { what, query, atMost }: Query,
  sizes: readonly number[],
  measured: readonly number[],
): Line => {
  const [first = Number.NaN] = measured;
  const last = measured.at(-1) ?? Number.NaN;
  const ratio = last / first;
  return {
    what: `Search page over ${sizes.map(whole).join(' → ')} Consents: ${what} (\`${query.replaceAll('|', '\\|')}\`)`,
    measured: measured.map(milliseconds).join(' → '),
    reference: `${milliseconds(first)} over ${whole(sizes[0] ?? 0)}`,
    ratio: times(ratio),
    ...(atMost === undefined ? {} : { target: `≤ ${atMost} ×`, met: ratio <= atMost }),
  };
};

const measure = async (
  plan: BenchPlan,
  queries: readonly Query[],
  fills: typeof FILL,
): Promise<readonly Line[]> => {
  const sizes = plan.rounds > 1 ? SIZES : QUICK_SIZES;
  const folder = mkdtempSync(join(tmpdir(), 'bench-search-'));
  try {
    const measured: (readonly number[])[] = [];
    for (const size of sizes) {
      const db = await filled(folder, size, fills);
      const ofSize: number[] = [];
      for (const query of queries) {
        await pageTimes(db, query, plan.functionTime / 4);
        ofSize.push(await pageTimes(db, query, plan.functionTime));
      }
      measured.push(ofSize);
      db.close();
    }
    return queries.map((query, at) =>
      lineOf(
        query,
        sizes,
        measured.map((ofSize) => ofSize[at] ?? Number.NaN),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Page times of all the searches above, the larger stores beside the smallest: a minute. */
const searches = (plan: BenchPlan): Promise<readonly Line[]> =>
  measure(plan, QUERIES, [...FILL, ...FILL_MORE]);

/** The same for what is promised of a search by token. */
export const tokenSearches = (plan: BenchPlan): Promise<readonly Line[]> =>
  measure(
    plan,
    QUERIES.filter(({ short }) => short),
    FILL,
  );

if (import.meta.main) {
  const plan = process.argv.includes('--quick') ? QUICK : FULL;
  process.stdout.write(`${table(await searches(plan))}\n`);
}
