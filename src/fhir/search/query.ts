import type { Issue } from '../../failure.ts';
import type { ChainTarget, Criterion } from '../../store/search-request.ts';
import { type CriterionContext, criterionOf } from './criterion.ts';
import { queryIssue, shown, unknownIssue } from './issues.ts';
import type { SearchParameter } from './parameters.ts';
import { openTypes, type Related } from './related.ts';

export interface QueryContext extends CriterionContext {
  /** Without it chaining and `_has` are unknown. */
  readonly related?: Related;
}

/** What a name and its value come to. `ignorable`: lenient handling may go on without it. */
export type Query =
  | { readonly criterion: Criterion }
  | { readonly issue: Issue; readonly ignorable: boolean };

/** Where a name stands: the type that it is asked of, its parameters, and how many links lead there. */
export interface Place {
  readonly type: string;
  readonly params: readonly SearchParameter[];
  readonly depth: number;
  /** Further names, for the answer to an unknown one. */
  readonly alsoValid: readonly string[];
}

/** Links in a chain, and types that one link may lead to. */
const MAX_DEPTH = 4;
const MAX_TARGETS = 10;

const refused = (issue: Issue, ignorable = false): Query => ({ issue, ignorable });

const named = (name: string): string => shown(name) ?? 'A chained parameter';

const unknown = (name: string, { type, params, alsoValid }: Place, more = ''): Query =>
  refused(unknownIssue(name, type, [...params.map(({ code }) => code), ...alsoValid], more), true);

const closed = (name: string): Query =>
  refused(
    queryIssue('forbidden', 'search', `${named(name)} leads to a type that this caller may not search.`),
  );

const tooDeep = (name: string): Query =>
  refused(queryIssue('too-costly', 'search', `${named(name)} has more than ${MAX_DEPTH} links.`));

const placeOf = (type: string, related: Related, depth: number): Place => ({
  type,
  params: related.parametersOf(type),
  depth,
  alsoValid: [],
});

const plain = (name: string, value: string, place: Place, context: QueryContext): Query => {
  const colon = name.indexOf(':');
  const code = colon === -1 ? name : name.slice(0, colon);
  const param = place.params.find((one) => one.code === code);
  if (param === undefined) return unknown(name, place);
  if (value === '') {
    return refused(queryIssue('value', code, `The parameter ${code} has no value.`), true);
  }
  const modifier = colon === -1 ? undefined : name.slice(colon + 1);
  const result = criterionOf({ param, modifier, value }, context);
  return result.ok ? { criterion: result.value } : refused(result.failure);
};

/** The code that a name begins with, whatever its modifier and chain. */
const codeOf = (name: string): string => /^[^.:]*/.exec(name)?.[0] ?? '';

const knows = (place: Place, name: string): boolean =>
  name.startsWith('_has:') || place.params.some(({ code }) => code === codeOf(name));

/** What stands at the end of a chain, its value as the type there stores it. */
const readEnd = (name: string, value: string, place: Place, context: QueryContext): Query => {
  const stored = context.related?.storedValue?.(place.type, name, value) ?? value;
  return readQuery(name, stored, place, context);
};

/** `subject:Patient.name`: of a reference without a type, every type that has the parameter. */
const chained = (name: string, value: string, place: Place, context: QueryContext): Query => {
  const { related } = context;
  const dot = name.indexOf('.');
  const [code = '', modifier] = name.slice(0, dot).split(':');
  const rest = name.slice(dot + 1);
  const param = place.params.find((one) => one.code === code);
  if (related === undefined) return unknown(name, place, ' (chained parameters are not supported)');
  if (param?.type !== 'reference') return unknown(name, place);
  if (place.depth >= MAX_DEPTH) return tooDeep(name);
  if (modifier !== undefined && param.target.length > 0 && !param.target.includes(modifier)) {
    const types = param.target.join(', ');
    return refused(queryIssue('not-supported', code, `The parameter ${code} may point at ${types}.`));
  }
  const types = openTypes(related, modifier === undefined ? param.target : [modifier]);
  if (types.open.length === 0 && types.closed) return closed(name);
  const ends = types.open
    .map(({ type, reach }) => ({ reach, place: placeOf(type, related, place.depth + 1) }))
    .filter((end) => knows(end.place, rest));
  if (ends.length === 0)
    return unknown(name, place, ', or none of the types it may point at has that parameter');
  if (ends.length > MAX_TARGETS) {
    const how = `${code}:<type>.${shown(rest) ?? '…'}`;
    return refused(
      queryIssue('too-costly', code, `The parameter ${code} may point at many types: name one, ${how}.`),
    );
  }
  const found = ends.map((end) => ({ ...end, query: readEnd(rest, value, end.place, context) }));
  const anyOf = found.flatMap(({ reach, place: { type }, query }): readonly ChainTarget[] =>
    'criterion' in query ? [{ type, reach, criterion: query.criterion }] : [],
  );
  const fault = found.find(({ query }) => 'issue' in query)?.query;
  if (anyOf.length === 0 && fault !== undefined) return fault;
  const canonical = param.canonical === true ? { canonical: true as const } : {};
  return { criterion: { kind: 'chain', param: code, anyOf, ...canonical } };
};

/** `_has:Observation:patient:code`: "resources that are referred to by" one that meets the rest. */
const reversed = (name: string, value: string, place: Place, context: QueryContext): Query => {
  const { related } = context;
  const [, source = '', code = '', ...more] = name.split(':');
  const rest = more.join(':');
  if (related === undefined || rest === '' || !related.types.includes(source)) return unknown(name, place);
  if (place.depth >= MAX_DEPTH) return tooDeep(name);
  const reach = related.reachOf(source);
  if (reach === undefined) return closed(name);
  const there = placeOf(source, related, place.depth + 1);
  const param = there.params.find((one) => one.code === code);
  const points =
    param?.type === 'reference' && (param.target.length === 0 || param.target.includes(place.type));
  if (!points) {
    const which = shown(code) ?? 'that parameter';
    return refused(
      queryIssue('not-supported', '_has', `${which} of ${source} is no reference to ${place.type}.`),
      true,
    );
  }
  const query = readEnd(rest, value, there, context);
  if ('issue' in query) return query;
  const canonical = param.canonical === true ? { canonical: true as const } : {};
  return {
    criterion: { kind: 'reverse', source, param: code, criterion: query.criterion, reach, ...canonical },
  };
};

/**
 * One name and its value as a criterion on resources of a type: a parameter with or without modifier, a chain
 * of them, or a reverse chain; each may lead on to the others.
 */
export const readQuery = (name: string, value: string, place: Place, context: QueryContext): Query => {
  if (name.startsWith('_has:')) return reversed(name, value, place, context);
  return name.includes('.') ? chained(name, value, place, context) : plain(name, value, place, context);
};
