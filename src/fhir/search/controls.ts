import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Include, SearchRequest, SortKey } from '../../store/search-request.ts';
import { includeOf } from './include.ts';
import { queryIssue } from './issues.ts';
import type { SearchParameter } from './parameters.ts';
import type { Related } from './related.ts';
import type { Subset } from './subset.ts';

/** What the parameters say that select nothing but shape the answer. */
export interface Controls {
  readonly count?: number;
  readonly countOnly: boolean;
  readonly sort?: readonly SortKey[];
  readonly total?: SearchRequest['total'];
  readonly subset?: Subset;
  readonly includes: readonly Include[];
}

export const NO_CONTROLS: Controls = { countOnly: false, includes: [] };

export interface ControlContext {
  /** Type that is searched. */
  readonly type: string;
  readonly params: readonly SearchParameter[];
  readonly related: Related | undefined;
  /** True: the caller leaves out what `_summary` and `_elements` say. */
  readonly subsets: boolean;
}

/** Reads one control parameter; a fault with code `not-supported` may be ignored under lenient handling. */
type ReadControl = (value: string, controls: Controls, context: ControlContext) => Result<Controls, Issue>;

const repeated = (name: string): Result<Controls, Issue> =>
  fail(queryIssue('invalid', name, `The parameter ${name} may be given once.`));

const readCount: ReadControl = (value, controls) => {
  if (controls.count !== undefined) return repeated('_count');
  if (!/^\d{1,9}$/.test(value)) {
    return fail(queryIssue('value', '_count', 'The parameter _count takes a whole number, 0 or more.'));
  }
  return ok({ ...controls, count: Number(value) });
};

const MAX_KEYS = 4;

const sortKeyOf = (text: string, params: readonly SearchParameter[]): SortKey | undefined => {
  const descending = text.startsWith('-');
  const by = descending ? text.slice(1) : text;
  const param = params.find(({ code }) => code === by);
  if (param === undefined || param.type === 'composite' || param.fullText !== undefined) return undefined;
  const stored = param.select === undefined;
  return { by, descending, ...(stored || param.type === 'date' ? {} : { of: param.type }) };
};

const readSort: ReadControl = (value, controls, { params }) => {
  if (controls.sort !== undefined) return repeated('_sort');
  const asked = value.split(',');
  const sort = asked.flatMap((text) => sortKeyOf(text, params) ?? []);
  if (sort.length > MAX_KEYS || sort.length < asked.length) {
    const sortable = params.filter(({ type, fullText }) => type !== 'composite' && fullText === undefined);
    const names = sortable.map(({ code }) => code);
    return fail(
      queryIssue(
        'not-supported',
        '_sort',
        `The parameter _sort takes up to four of: ${names.join(', ')}; "-" before one reverses it.`,
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

const SUMMARIES = ['true', 'text', 'data'] as const;

const isShaped = ({ countOnly, subset }: Controls): boolean => countOnly || subset !== undefined;

const shapedTwice = (name: string): Result<Controls, Issue> =>
  fail(queryIssue('invalid', name, 'Of _summary and _elements one may be given, once.'));

const readSummary: ReadControl = (value, controls, { subsets }) => {
  if (value === 'false') return ok(controls);
  if (isShaped(controls)) return shapedTwice('_summary');
  if (value === 'count') return ok({ ...controls, countOnly: true });
  const summary = SUMMARIES.find((known) => known === value);
  if (subsets && summary !== undefined) return ok({ ...controls, subset: { summary } });
  const known = ['count', 'false', ...(subsets ? SUMMARIES : [])].join(', ').replace(/, (\w+)$/, ' or $1');
  return fail(queryIssue('not-supported', '_summary', `The parameter _summary takes ${known}.`));
};

const ELEMENT = /^[a-z][A-Za-z0-9]*(\[x\])?$/;

const readElements: ReadControl = (value, controls) => {
  if (isShaped(controls)) return shapedTwice('_elements');
  const elements = value.split(',');
  if (!elements.every((name) => ELEMENT.test(name))) {
    return fail(
      queryIssue(
        'value',
        '_elements',
        'The parameter _elements takes names of elements of the resource itself.',
      ),
    );
  }
  return ok({ ...controls, subset: { elements } });
};

const MAX_INCLUDES = 20;

const readInclude =
  (name: string): ReadControl =>
  (value, controls, { type, related }) => {
    if (related === undefined || controls.includes.length === MAX_INCLUDES) {
      const why = related === undefined ? 'is not supported' : `may be given ${MAX_INCLUDES} times`;
      return fail(queryIssue('not-supported', name, `The parameter ${name} ${why}.`));
    }
    const include = includeOf({ name, value, type }, related);
    return include.ok ? ok({ ...controls, includes: [...controls.includes, include.value] }) : include;
  };

const INCLUDES = ['_include', '_include:iterate', '_revinclude', '_revinclude:iterate'] as const;

const ALWAYS: readonly (readonly [string, ReadControl])[] = [
  ['_count', readCount],
  ['_sort', readSort],
  ['_total', readTotal],
  ['_summary', readSummary],
];

/** The controls that are offered; the others are unknown parameters. */
export const controlsFor = ({ related, subsets }: ControlContext): ReadonlyMap<string, ReadControl> =>
  new Map([
    ...ALWAYS,
    ...(subsets ? ([['_elements', readElements]] as const) : []),
    ...(related === undefined ? [] : INCLUDES.map((name) => [name, readInclude(name)] as const)),
  ]);
