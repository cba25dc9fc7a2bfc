import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Criterion, SearchRequest } from '../../store/search-request.ts';
import { type ControlContext, type Controls, controlsFor, NO_CONTROLS } from './controls.ts';
import { asWarning, queryIssue } from './issues.ts';
import type { SearchParameter } from './parameters.ts';
import { type Place, type Query, type QueryContext, readQuery } from './query.ts';
import type { Subset } from './subset.ts';

export interface ParseOptions extends QueryContext {
  /** `Prefer: handling`: lenient ignores what is unknown and says so, strict refuses it. */
  readonly handling: 'strict' | 'lenient';
  /** Page size when `_count` is absent; 20 unless told. */
  readonly defaultCount?: number;
  /** Page size that `_count` cannot go beyond; 100 unless told. */
  readonly maxCount?: number;
  /** Further parameters that somebody else takes care of. */
  readonly alsoKnown?: readonly string[];
  /**
   * True: the caller hands `ParsedSearch.subset` to `createSubset`. Without it `_elements` and the `_summary` that
   * leaves something out are refused, so that none is ignored in silence.
   */
  readonly subsets?: boolean;
}

export interface ParsedSearch {
  readonly request: SearchRequest;
  /** What lenient handling ignored. */
  readonly warnings: readonly Issue[];
  /** The parameters that took effect, as sent, for a truthful self link. */
  readonly applied: readonly (readonly [name: string, value: string])[];
  /** What of each resource is to be left out; absent: nothing. */
  readonly subset?: Subset;
}

/** R4: they choose the answer's format, not its content. */
const PASSED_THROUGH = new Set(['_format', '_pretty']);

const MAX_CRITERIA = 40;

/** What one entry comes to. `ignorable`: lenient handling may go on without it. */
type Outcome = Query | { readonly controls: Controls } | { readonly passed: true };

/** Reads entries one by one; only the controls depend on what came before. */
const createReader = (type: string, params: readonly SearchParameter[], options: ParseOptions) => {
  const passed = new Set([...PASSED_THROUGH, ...(options.alsoKnown ?? [])]);
  const control: ControlContext = {
    type,
    params,
    related: options.related,
    subsets: options.subsets === true,
  };
  const readers = controlsFor(control);
  const has = options.related === undefined ? [] : ['_has'];
  const place: Place = { type, params, depth: 0, alsoValid: [...has, ...readers.keys(), ...passed] };
  return (name: string, value: string, controls: Controls): Outcome => {
    if (passed.has(name)) return { passed: true };
    const read = readers.get(name);
    if (read === undefined) return readQuery(name, value, place, options);
    if (value === '') {
      return { issue: queryIssue('value', name, `The parameter ${name} has no value.`), ignorable: true };
    }
    const result = read(value, controls, control);
    if (result.ok) return { controls: result.value };
    return { issue: result.failure, ignorable: result.failure.code === 'not-supported' };
  };
};

/** R4: "_include and _revinclude cannot be mixed with _summary=text". */
const mixedIssue = ({ subset, includes }: Controls): Issue | undefined =>
  includes.length > 0 && subset !== undefined && 'summary' in subset && subset.summary === 'text'
    ? queryIssue('invalid', '_summary', 'The parameter _summary=text takes neither _include nor _revinclude.')
    : undefined;

/**
 * Parses the parameters of a search, in the order sent: repetition is AND, a comma OR. Every fault is found
 * at once; none repeats a value. Modifiers that a parameter does not take, and malformed values, are faults
 * even when handling is lenient: ignoring them would answer another question.
 *
 * @param entries names and values after URL decoding
 * @param params of `createSearchParameters`, for this type
 */
export const parseSearch = (
  type: string,
  entries: readonly (readonly [name: string, value: string])[],
  params: readonly SearchParameter[],
  options: ParseOptions,
): Result<ParsedSearch, readonly Issue[]> => {
  const read = createReader(type, params, options);
  const criteria: Criterion[] = [];
  const faults: Issue[] = [];
  const warnings: Issue[] = [];
  const applied: (readonly [string, string])[] = [];
  let controls = NO_CONTROLS;
  for (const entry of entries) {
    const outcome = read(entry[0], entry[1], controls);
    if ('issue' in outcome) {
      if (outcome.ignorable && options.handling === 'lenient') warnings.push(asWarning(outcome.issue));
      else faults.push(outcome.issue);
      continue;
    }
    applied.push(entry);
    if ('criterion' in outcome) criteria.push(outcome.criterion);
    else if ('controls' in outcome) controls = outcome.controls;
  }
  if (criteria.length > MAX_CRITERIA) {
    const diagnostics = `A search takes at most ${MAX_CRITERIA} criteria.`;
    faults.push({ severity: 'error', code: 'too-costly', diagnostics, malformed: true });
  }
  const mixed = mixedIssue(controls);
  if (mixed !== undefined) faults.push(mixed);
  if (faults.length > 0) return fail(faults);
  const { subset } = controls;
  return ok({
    request: requestOf(type, criteria, controls, options),
    warnings,
    applied,
    ...(subset === undefined ? {} : { subset }),
  });
};

const requestOf = (
  type: string,
  criteria: readonly Criterion[],
  controls: Controls,
  { defaultCount = 20, maxCount = 100 }: ParseOptions,
): SearchRequest => {
  const count = controls.countOnly ? 0 : Math.min(controls.count ?? defaultCount, maxCount);
  return {
    type,
    criteria,
    count,
    sort: controls.sort ?? [],
    // A page without entries is asked for its total alone.
    total: count === 0 ? 'accurate' : (controls.total ?? 'none'),
    ...(controls.includes.length === 0 ? {} : { includes: controls.includes }),
  };
};
