import type { ValueSet, ValueSetComposeInclude, ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Concept, KnownSystem } from './code-systems.ts';
import { type FindValueSet, type KnownValueSet, parseCanonical } from './value-sets.ts';

/** Where definitions are looked up. */
export interface Sources {
  readonly codeSystems: ReadonlyMap<string, KnownSystem>;
  readonly findValueSet: FindValueSet;
}

/** What a value set holds, as far as it can be told from what is at hand. */
export interface Content {
  readonly concepts: readonly Concept[];
  /** Why it may hold more; absent when it cannot. */
  readonly incomplete?: string;
}

const notSupported = (why: string): Failure => failure('unprocessable', 'not-supported', why);

/** A concept's system and code, as one text. */
export const keyOf = ({
  system = '',
  code = '',
}: {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
}): string => `${system}|${code}`;

/** Includes, imports and filters of one ValueSet: far more than anybody writes, and still quickly done. */
const MAX_RULES = 1000;

const rulesIn = (parts: readonly ValueSetComposeInclude[]): number =>
  parts.reduce((sum, { valueSet = [], filter = [] }) => sum + 1 + valueSet.length + filter.length, 0);

const distinct = (concepts: readonly Concept[]): readonly Concept[] =>
  [...new Map(concepts.toReversed().map((concept) => [keyOf(concept), concept])).values()].toReversed();

const both = (parts: readonly Content[]): string | undefined =>
  parts.find(({ incomplete }) => incomplete !== undefined)?.incomplete;

const content = (concepts: readonly Concept[], incomplete: string | undefined): Content => ({
  concepts,
  ...(incomplete === undefined ? {} : { incomplete }),
});

const propertyValues = (concept: Concept, property: string): readonly string[] => {
  if (property === 'code' || property === 'concept') return [concept.code];
  if (property === 'display') return concept.display === undefined ? [] : [concept.display];
  return (concept.definition?.property ?? []).flatMap(({ code, ...value }) =>
    code === property ? Object.values(value).map(String) : [],
  );
};

/** R4's filter operators over what a code system says of its concepts. */
const FILTERS: Readonly<Record<string, (concept: Concept, property: string, value: string) => boolean>> = {
  '=': (concept, property, value) => propertyValues(concept, property).includes(value),
  'is-a': ({ code, ancestors }, _property, value) => code === value || ancestors.includes(value),
  'descendent-of': ({ ancestors }, _property, value) => ancestors.includes(value),
  'is-not-a': ({ code, ancestors }, _property, value) => code !== value && !ancestors.includes(value),
  in: (concept, property, value) =>
    propertyValues(concept, property).some((one) => value.split(',').includes(one)),
  'not-in': (concept, property, value) =>
    !propertyValues(concept, property).some((one) => value.split(',').includes(one)),
  exists: (concept, property, value) => propertyValues(concept, property).length > 0 === (value === 'true'),
};

const filtered = (
  concepts: readonly Concept[],
  filters: readonly ValueSetComposeIncludeFilter[],
): Result<readonly Concept[], Failure> => {
  let left = concepts;
  for (const { op = '', property = '', value = '' } of filters) {
    const keep = Object.hasOwn(FILTERS, op) ? FILTERS[op] : undefined;
    if (keep === undefined)
      return fail(notSupported('The ValueSet uses a filter that this server does not know.'));
    left = left.filter((concept) => keep(concept, property, value));
  }
  return ok(left);
};

const ofSystem = (
  { codeSystems }: Sources,
  { system = '', concept, filter }: ValueSetComposeInclude,
): Result<Content, Failure> => {
  const known = codeSystems.get(system);
  if (concept !== undefined) {
    // Named codes need no code system to be listed.
    const concepts = concept.flatMap(({ code, display }) => {
      if (code === undefined) return [];
      const defined = known?.concepts.get(code) ?? { system, code, ancestors: [] };
      return [display === undefined ? defined : { ...defined, display }];
    });
    return ok({ concepts });
  }
  if (known === undefined) {
    return fail(
      notSupported('The ValueSet takes its codes from a code system that this server does not hold.'),
    );
  }
  const kept = filtered([...known.concepts.values()], filter ?? []);
  return kept.ok ? ok(content(kept.value, known.incomplete)) : kept;
};

/** What is in all of these. */
const intersection = (parts: readonly Content[]): Content => {
  const [first = { concepts: [] }, ...others] = parts;
  const sets = others.map(({ concepts }) => new Set(concepts.map(keyOf)));
  return content(
    first.concepts.filter((concept) => sets.every((set) => set.has(keyOf(concept)))),
    both(parts),
  );
};

type Within = ReadonlySet<string>;

const ofInclude = (
  sources: Sources,
  include: ValueSetComposeInclude,
  within: Within,
): Result<Content, Failure> => {
  const parts: Content[] = [];
  if (include.system !== undefined) {
    const own = ofSystem(sources, include);
    if (!own.ok) return own;
    parts.push(own.value);
  }
  for (const canonical of include.valueSet ?? []) {
    const [url] = parseCanonical(canonical);
    if (within.has(url)) return fail(notSupported('The ValueSet includes itself.'));
    const found = sources.findValueSet(canonical);
    const other = found.ok ? contentOf(sources, found.value, new Set([...within, url])) : found;
    if (!other.ok) return fail(notSupported('The ValueSet includes another one that cannot be listed here.'));
    parts.push(other.value);
  }
  return ok(intersection(parts));
};

const ofCompose = (
  sources: Sources,
  { compose, expansion }: ValueSet,
  within: Within,
): Result<Content, Failure> => {
  if (compose === undefined) {
    return fail(
      notSupported(
        expansion === undefined
          ? 'The ValueSet does not say which codes it holds (no compose).'
          : 'The ValueSet has an expansion only; what it is made from (compose) is not there.',
      ),
    );
  }
  if (rulesIn([...compose.include, ...(compose.exclude ?? [])]) > MAX_RULES) {
    return fail(
      failure('unprocessable', 'too-costly', `A ValueSet of more than ${MAX_RULES} rules is not evaluated.`),
    );
  }
  const included: Content[] = [];
  for (const part of compose.include) {
    const found = ofInclude(sources, part, within);
    if (!found.ok) return found;
    included.push(found.value);
  }
  const excluded = new Set<string>();
  for (const part of compose.exclude ?? []) {
    const found = ofInclude(sources, part, within);
    if (!found.ok) return found;
    if (found.value.incomplete !== undefined) {
      return fail(notSupported(`What the ValueSet excludes cannot be listed: ${found.value.incomplete}.`));
    }
    for (const concept of found.value.concepts) excluded.add(keyOf(concept));
  }
  const concepts = included.flatMap((part) => part.concepts).filter((one) => !excluded.has(keyOf(one)));
  return ok(content(distinct(concepts), both(included)));
};

/** The codes of a value set. Failure: `unprocessable` with `not-supported`, for what cannot be evaluated here. */
export const contentOf = (
  sources: Sources,
  valueSet: KnownValueSet,
  within: Within = new Set(),
): Result<Content, Failure> => {
  if (valueSet.kind === 'syntax') {
    return fail(notSupported(`The codes of this ValueSet cannot be listed: ${valueSet.reason}.`));
  }
  if (valueSet.kind === 'resource') return ofCompose(sources, valueSet.resource, within);
  return ok({
    concepts: Object.entries(valueSet.codes).flatMap(([system, codes]) =>
      codes.map((code) => ({ system, code, ancestors: [] })),
    ),
  });
};
