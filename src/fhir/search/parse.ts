import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Criterion, SearchRequest } from '../../store/search-request.ts';
import { CONTROLS, type Controls, NO_CONTROLS } from './controls.ts';
import { type CriterionContext, criterionOf, queryIssue } from './criterion.ts';
import type { SearchParameter } from './parameters.ts';

export interface ParseOptions extends CriterionContext {
  /** `Prefer: handling`: lenient ignores what is unknown and says so, strict refuses it. */
  readonly handling: 'strict' | 'lenient';
  /** Page size when `_count` is absent; 20 unless told. */
  readonly defaultCount?: number;
  /** Page size that `_count` cannot go beyond; 100 unless told. */
  readonly maxCount?: number;
  /** Further parameters that somebody else takes care of. */
  readonly alsoKnown?: readonly string[];
}

export interface ParsedSearch {
  readonly request: SearchRequest;
  /** What lenient handling ignored. */
  readonly warnings: readonly Issue[];
  /** The parameters that took effect, as sent, for a truthful self link. */
  readonly applied: readonly (readonly [name: string, value: string])[];
}

/** R4: they choose the answer's format, not its content. */
const PASSED_THROUGH = new Set(['_format', '_pretty']);

const MAX_CRITERIA = 40;

/** A name as it may be told again: what does not look like one could be a value in the wrong place. */
const shown = (name: string): string | undefined =>
  /^[A-Za-z_][\w.:-]{0,63}$/.test(name) && !/\d{6}/.test(name) ? name : undefined;

/** What one entry comes to. `ignorable`: lenient handling may go on without it. */
type Outcome =
  | { readonly criterion: Criterion }
  | { readonly controls: Controls }
  | { readonly passed: true }
  | { readonly issue: Issue; readonly ignorable: boolean };

const unknownIssue = (name: string, type: string, valid: readonly string[]): Issue => {
  const named = shown(name);
  const which = named === undefined ? 'A search parameter' : `The search parameter ${named}`;
  const chain = named?.includes('.') === true ? ' (chained parameters are not supported)' : '';
  return {
    severity: 'error',
    code: 'not-supported',
    diagnostics: `${which} is unknown for ${type}${chain}. Known are: ${valid.join(', ')}.`,
    ...(named === undefined ? {} : { location: [`http.${named}`] }),
    malformed: true,
  };
};

const asWarning = ({ severity: _, malformed: __, ...issue }: Issue): Issue => ({
  ...issue,
  severity: 'warning',
  diagnostics: `Ignored: ${issue.diagnostics}`,
});

/** Reads entries one by one; only the controls depend on what came before. */
const createReader = (type: string, params: readonly SearchParameter[], options: ParseOptions) => {
  const byCode = new Map(params.map((param) => [param.code, param]));
  const passed = new Set([...PASSED_THROUGH, ...(options.alsoKnown ?? [])]);
  const valid = () => [...byCode.keys(), ...CONTROLS.keys(), ...passed];
  return (name: string, value: string, controls: Controls): Outcome => {
    if (passed.has(name)) return { passed: true };
    const colon = name.indexOf(':');
    const code = colon === -1 ? name : name.slice(0, colon);
    const control = CONTROLS.get(name);
    const param = byCode.get(code);
    if (control === undefined && param === undefined) {
      return { issue: unknownIssue(name, type, valid()), ignorable: true };
    }
    if (value === '') {
      return { issue: queryIssue('value', code, `The parameter ${code} has no value.`), ignorable: true };
    }
    if (control !== undefined) {
      const result = control(value, controls, params);
      if (result.ok) return { controls: result.value };
      return { issue: result.failure, ignorable: result.failure.code === 'not-supported' };
    }
    if (param === undefined) return { passed: true };
    const modifier = colon === -1 ? undefined : name.slice(colon + 1);
    const result = criterionOf({ param, modifier, value }, options);
    return result.ok ? { criterion: result.value } : { issue: result.failure, ignorable: false };
  };
};

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
  if (faults.length > 0) return fail(faults);
  return ok({ request: requestOf(type, criteria, controls, options), warnings, applied });
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
  };
};
