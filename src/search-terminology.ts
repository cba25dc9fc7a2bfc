import type { CodeSystem, Resource, ValueSet, ValueSetExpansionContains } from '@medplum/fhirtypes';
import type { ParseOptions } from './fhir/search/parse.ts';
import { unescapeValue } from './fhir/search/text.ts';
import type { Terminology } from './fhir/terminology/index.ts';
import { parseCanonical } from './fhir/terminology/value-sets.ts';
import type { SearchEngineParts, WantedTerminology } from './interactions/search-engine.ts';
import type { Criterion, SearchRequest } from './store/search-request.ts';
import type { StoredVersion } from './store/types.ts';

type SearchTerminology = NonNullable<ParseOptions['terminology']>;

interface Parts {
  /** The terminology of the artefacts alone. */
  readonly terminology: Terminology;
  readonly artefacts: readonly Resource[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Types that are kept in the store. */
  readonly stored: readonly string[];
  readonly find: (request: SearchRequest) => Promise<readonly StoredVersion[]>;
}

type TerminologyType = WantedTerminology['type'];
type TerminologyResource = ValueSet | CodeSystem;

const codesIn = (
  contains: readonly ValueSetExpansionContains[],
): readonly { readonly system: string; readonly code: string }[] =>
  contains.flatMap(({ system, code, abstract, contains: below = [] }) => [
    ...(system === undefined || code === undefined || abstract === true ? [] : [{ system, code }]),
    ...codesIn(below),
  ]);

const LITERAL = /^(?:ValueSet|CodeSystem)\/([A-Za-z0-9\-.]{1,64})$/;

const isOfType = (resource: Resource, type: TerminologyType): resource is TerminologyResource =>
  resource.resourceType === type;

const valueSetOf = (artefacts: readonly Resource[], name: string): string | ValueSet => {
  const id = LITERAL.exec(name)?.[1];
  const found =
    id === undefined
      ? undefined
      : artefacts.findLast((one): one is ValueSet => one.resourceType === 'ValueSet' && one.id === id);
  return found ?? name;
};

const searchTerminology = (
  terminology: Terminology,
  artefacts: readonly Resource[],
  clock: () => number,
): SearchTerminology => ({
  expand: (name) => {
    const expanded = terminology.expand(valueSetOf(artefacts, name), {}, clock());
    return expanded.ok ? codesIn(expanded.value.expansion?.contains ?? []) : undefined;
  },
  hierarchy: terminology.hierarchy,
});

const TYPE_OF: Readonly<Record<string, TerminologyType>> = {
  in: 'ValueSet',
  'not-in': 'ValueSet',
  above: 'CodeSystem',
  below: 'CodeSystem',
};

/** What the modifiers of these parameters lead to; of a uri's `below` a code system that nobody has. */
const wantedBy = (parameters: readonly (readonly [string, string])[]): readonly WantedTerminology[] =>
  parameters.flatMap(([name, value]) => {
    const type = TYPE_OF[name.slice(name.lastIndexOf(':') + 1)];
    if (type === undefined || !name.includes(':')) return [];
    return value.split(',').map((one) => {
      const named = unescapeValue(one);
      // `system|code`; of a value set the bar stands before its version.
      return { type, name: type === 'ValueSet' ? named : (named.split('|')[0] ?? '') };
    });
  });

/** What a value set draws on. */
export const drawnOn = (resource: TerminologyResource): readonly WantedTerminology[] => {
  if (resource.resourceType !== 'ValueSet') return [];
  const { include = [], exclude = [] } = resource.compose ?? {};
  return [...include, ...exclude].flatMap(({ system, valueSet = [] }) => [
    ...(system === undefined ? [] : [{ type: 'CodeSystem' as const, name: system }]),
    ...valueSet.map((name) => ({ type: 'ValueSet' as const, name })),
  ]);
};

/** Artefacts that one search looks up, and how far value sets are followed into others. */
const MAX_LOOKED_UP = 50;
const MAX_ROUNDS = 5;

const criterionOf = (name: string): Criterion => {
  const id = LITERAL.exec(name)?.[1];
  return id === undefined
    ? { kind: 'uri', param: 'url', anyOf: [{ match: 'exact', value: parseCanonical(name)[0] }] }
    : { kind: 'id', anyOf: [id] };
};

/** All that bear the name, the one last that it means: of the version it names, else the one last written. */
const storedAs = async (
  find: Parts['find'],
  { type, name }: WantedTerminology,
): Promise<readonly TerminologyResource[]> => {
  const found = await find({
    type,
    criteria: [criterionOf(name)],
    count: MAX_LOOKED_UP,
    sort: [{ by: '_lastUpdated', descending: false }],
    total: 'none',
  });
  const all = found
    .map(({ content }) => JSON.parse(content) as Resource)
    .filter((resource) => isOfType(resource, type));
  const version = LITERAL.test(name) ? undefined : parseCanonical(name)[1];
  return all.toSorted((a, b) => Number(a.version === version) - Number(b.version === version));
};

const lookUp = async (
  { find, stored }: Parts,
  first: readonly WantedTerminology[],
): Promise<readonly TerminologyResource[]> => {
  const seen = new Set<string>();
  const resources: TerminologyResource[] = [];
  let wanted = first;
  for (let round = 0; round < MAX_ROUNDS && wanted.length > 0; round += 1) {
    const fresh = wanted.filter(({ type, name }) => stored.includes(type) && !seen.has(`${type} ${name}`));
    for (const { type, name } of fresh) seen.add(`${type} ${name}`);
    if (seen.size > MAX_LOOKED_UP) break;
    const found = (await Promise.all(fresh.map((one) => storedAs(find, one)))).flat();
    resources.push(...found);
    wanted = found.flatMap(drawnOn);
  }
  return resources;
};

/**
 * What `:in`, `:not-in`, `:above` and `:below` need: the value sets and code systems that this server brings along,
 * and where ValueSet or CodeSystem is kept in the store also those in it, looked up for each search that names one.
 */
export const createSearchTerminology = (parts: Parts): SearchEngineParts['terminology'] => {
  const { terminology, artefacts, clock, stored } = parts;
  const known = searchTerminology(terminology, artefacts, clock);
  const keeps = stored.includes('ValueSet') || stored.includes('CodeSystem');
  return {
    known,
    stored: async (wanted) => (keeps ? lookUp(parts, wanted) : []),
    async of(parameters) {
      const wanted = keeps ? wantedBy(parameters) : [];
      const found = wanted.length === 0 ? [] : await lookUp(parts, wanted);
      if (found.length === 0) return known;
      return searchTerminology(terminology.beside(found), [...artefacts, ...found], clock);
    },
  };
};
