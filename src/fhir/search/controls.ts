import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { SearchRequest, SortKey } from '../../store/search-request.ts';
import { queryIssue } from './criterion.ts';
import type { SearchParameter } from './parameters.ts';

/** What the parameters say that select nothing but shape the answer. */
export interface Controls {
  readonly count?: number;
  readonly countOnly: boolean;
  readonly sort?: readonly SortKey[];
  readonly total?: SearchRequest['total'];
}

export const NO_CONTROLS: Controls = { countOnly: false };

/** Reads one control parameter; a fault with code `not-supported` may be ignored under lenient handling. */
type ReadControl = (
  value: string,
  controls: Controls,
  params: readonly SearchParameter[],
) => Result<Controls, Issue>;

const repeated = (name: string): Result<Controls, Issue> =>
  fail(queryIssue('invalid', name, `The parameter ${name} may be given once.`));

const readCount: ReadControl = (value, controls) => {
  if (controls.count !== undefined) return repeated('_count');
  if (!/^\d{1,9}$/.test(value)) {
    return fail(queryIssue('value', '_count', 'The parameter _count takes a whole number, 0 or more.'));
  }
  return ok({ ...controls, count: Number(value) });
};

/** `_id`, `_lastUpdated` and the date parameters. */
const sortable = (params: readonly SearchParameter[]): readonly string[] =>
  params.filter((param) => param.type === 'date' || param.code === '_id').map((param) => param.code);

const readSort: ReadControl = (value, controls, params) => {
  if (controls.sort !== undefined) return repeated('_sort');
  const names = sortable(params);
  const sort = value.split(',').map((key) => {
    const descending = key.startsWith('-');
    return { by: descending ? key.slice(1) : key, descending };
  });
  if (sort.length > 4 || sort.some((key) => !names.includes(key.by))) {
    const list = names.join(', ');
    return fail(
      queryIssue(
        'not-supported',
        '_sort',
        `The parameter _sort takes up to four of: ${list}; "-" before one reverses it.`,
      ),
    );
  }
  return ok({ ...controls, sort });
};

const TOTALS: readonly SearchRequest['total'][] = ['none', 'estimate', 'accurate'];

const readTotal: ReadControl = (value, controls) => {
  if (controls.total !== undefined) return repeated('_total');
  const total = TOTALS.find((known) => known === value);
  return total === undefined
    ? fail(queryIssue('value', '_total', `The parameter _total takes ${TOTALS.join(', ')}.`))
    : ok({ ...controls, total });
};

const readSummary: ReadControl = (value, controls) => {
  if (value === 'count') return ok({ ...controls, countOnly: true });
  if (value === 'false') return ok(controls);
  return fail(queryIssue('not-supported', '_summary', 'The parameter _summary takes count or false.'));
};

export const CONTROLS: ReadonlyMap<string, ReadControl> = new Map([
  ['_count', readCount],
  ['_sort', readSort],
  ['_total', readTotal],
  ['_summary', readSummary],
]);
