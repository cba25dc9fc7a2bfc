import type { CodeSystem, CodeSystemConcept, Resource } from '@medplum/fhirtypes';
import type { Hierarchies, ValueSets } from '../definitions/types.ts';
import { type Hierarchy, hierarchyOf, linksIn } from './hierarchy.ts';

/** A concept of a code system. */
export interface Concept {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  /** What the code system says of it; absent where only its code is known. */
  readonly definition?: CodeSystemConcept;
  /** Codes of the concepts above it, nearest first. */
  readonly ancestors: readonly string[];
}

/** What is known of a code system. */
export interface KnownSystem {
  readonly system: string;
  /** Absent where only codes are known, from R4's enumerated value sets. */
  readonly resource?: CodeSystem;
  readonly concepts: ReadonlyMap<string, Concept>;
  /** Why there may be codes that are not known here; absent when there are none. */
  readonly incomplete?: string;
  /** Which code lies above which; absent where that is not known, or not of all codes. */
  readonly hierarchy?: Hierarchy;
}

const conceptsBelow = (
  system: string,
  defined: readonly CodeSystemConcept[] | undefined,
  hierarchy: Hierarchy,
): readonly Concept[] =>
  (defined ?? []).flatMap((definition) => {
    const { code, display, concept } = definition;
    if (code === undefined) return [];
    const ancestors = hierarchy.above(code).slice(1);
    return [
      { system, code, ...(display === undefined ? {} : { display }), definition, ancestors },
      ...conceptsBelow(system, concept, hierarchy),
    ];
  });

const byCode = (concepts: readonly Concept[]): ReadonlyMap<string, Concept> =>
  new Map(concepts.map((concept) => [concept.code, concept]));

/** What a CodeSystem says. One that is not `complete` may have further codes, and its hierarchy is not known. */
export const knownSystem = (resource: CodeSystem, system: string): KnownSystem => {
  const hierarchy = hierarchyOf(linksIn(resource));
  return {
    system,
    resource,
    concepts: byCode(conceptsBelow(system, resource.concept, hierarchy)),
    ...(resource.content === 'complete'
      ? { hierarchy }
      : { incomplete: `this server holds the code system as "${resource.content}" only` }),
  };
};

/** The code systems of which R4's enumerated value sets name codes: these codes are all that is known. */
const enumeratedSystems = (
  valueSets: ValueSets,
  hierarchies: Hierarchies,
): ReadonlyMap<string, KnownSystem> => {
  const concepts = new Map<string, Map<string, Concept>>();
  for (const set of Object.values(valueSets)) {
    for (const [system, codes] of Object.entries(set)) {
      const known = concepts.get(system) ?? new Map<string, Concept>();
      for (const code of codes) known.set(code, { system, code, ancestors: [] });
      concepts.set(system, known);
    }
  }
  return new Map(
    [...concepts].map(([system, known]) => {
      const parents = Object.hasOwn(hierarchies, system) ? hierarchies[system] : undefined;
      return [
        system,
        {
          system,
          concepts: known,
          incomplete: 'this server knows only the codes that R4 asks for of it',
          ...(parents === undefined ? {} : { hierarchy: hierarchyOf(parents) }),
        },
      ];
    }),
  );
};

/** What is known of each code system, by its url. */
export const createCodeSystems = (
  artefacts: readonly Resource[],
  valueSets: ValueSets,
  hierarchies: Hierarchies,
): ReadonlyMap<string, KnownSystem> => {
  const own = artefacts.flatMap((artefact) =>
    artefact.resourceType === 'CodeSystem' && artefact.url !== undefined
      ? [[artefact.url, knownSystem(artefact, artefact.url)] as const]
      : [],
  );
  return new Map([...enumeratedSystems(valueSets, hierarchies), ...own]);
};
