import type { CodeSystem, CodeSystemConcept, Resource } from '@medplum/fhirtypes';
import type { ValueSets } from '../definitions/types.ts';

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
}

const conceptsBelow = (
  system: string,
  defined: readonly CodeSystemConcept[] | undefined,
  ancestors: readonly string[],
): readonly Concept[] =>
  (defined ?? []).flatMap((definition) => {
    const { code, display, concept } = definition;
    if (code === undefined) return [];
    return [
      { system, code, ...(display === undefined ? {} : { display }), definition, ancestors },
      ...conceptsBelow(system, concept, [code, ...ancestors]),
    ];
  });

const byCode = (concepts: readonly Concept[]): ReadonlyMap<string, Concept> =>
  new Map(concepts.map((concept) => [concept.code, concept]));

const knownSystem = (resource: CodeSystem, system: string): KnownSystem => ({
  system,
  resource,
  concepts: byCode(conceptsBelow(system, resource.concept, [])),
  ...(resource.content === 'complete'
    ? {}
    : { incomplete: `this server holds the code system as "${resource.content}" only` }),
});

/** The code systems of which R4's enumerated value sets name codes: these codes are all that is known. */
const enumeratedSystems = (valueSets: ValueSets): ReadonlyMap<string, KnownSystem> => {
  const concepts = new Map<string, Map<string, Concept>>();
  for (const set of Object.values(valueSets)) {
    for (const [system, codes] of Object.entries(set)) {
      const known = concepts.get(system) ?? new Map<string, Concept>();
      for (const code of codes) known.set(code, { system, code, ancestors: [] });
      concepts.set(system, known);
    }
  }
  return new Map(
    [...concepts].map(([system, known]) => [
      system,
      { system, concepts: known, incomplete: 'this server knows only the codes that R4 asks for of it' },
    ]),
  );
};

/** What is known of each code system, by its url. */
export const createCodeSystems = (
  artefacts: readonly Resource[],
  valueSets: ValueSets,
): ReadonlyMap<string, KnownSystem> => {
  const own = artefacts.flatMap((artefact) =>
    artefact.resourceType === 'CodeSystem' && artefact.url !== undefined
      ? [[artefact.url, knownSystem(artefact, artefact.url)] as const]
      : [],
  );
  return new Map([...enumeratedSystems(valueSets), ...own]);
};
