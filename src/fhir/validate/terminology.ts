import type {
  CodeSystem,
  CodeSystemConcept,
  Resource,
  ValueSet,
  ValueSetComposeInclude,
} from '@medplum/fhirtypes';
import type { ValueSets } from '../definitions/types.ts';

/** Codes by code system. */
export type CodesBySystem = ReadonlyMap<string, ReadonlySet<string>>;

const codesBelow = (concepts: readonly CodeSystemConcept[] | undefined): readonly string[] =>
  (concepts ?? []).flatMap(({ code, concept }) => [
    ...(code === undefined ? [] : [code]),
    ...codesBelow(concept),
  ]);

/** The codes of an include; undefined when it cannot be listed from what is at hand. */
const included = (
  { system, concept, filter, valueSet }: ValueSetComposeInclude,
  codeSystems: ReadonlyMap<string, CodeSystem>,
): readonly string[] | undefined => {
  if (system === undefined || filter !== undefined || valueSet !== undefined) return undefined;
  if (concept !== undefined) return concept.flatMap(({ code }) => code ?? []);
  const defined = codeSystems.get(system);
  return defined?.content === 'complete' ? codesBelow(defined.concept) : undefined;
};

const expanded = (
  { compose }: ValueSet,
  codeSystems: ReadonlyMap<string, CodeSystem>,
): CodesBySystem | undefined => {
  if (compose === undefined || compose.exclude !== undefined) return undefined;
  const codes = new Map<string, Set<string>>();
  for (const part of compose.include) {
    const found = included(part, codeSystems);
    if (found === undefined) return undefined;
    const system = part.system ?? '';
    codes.set(system, new Set([...(codes.get(system) ?? []), ...found]));
  }
  return codes;
};

/**
 * The codes of a value set, from R4's enumerated ones and from the ValueSets and CodeSystems among the
 * artefacts. Undefined for a set that cannot be listed (a fragment, a filter): nothing is refused by it.
 */
export const createTerminology = (
  valueSets: ValueSets,
  artefacts: readonly Resource[],
): ((valueSet: string) => CodesBySystem | undefined) => {
  const codeSystems = new Map<string, CodeSystem>();
  const own = new Map<string, ValueSet>();
  for (const artefact of artefacts) {
    if (artefact.resourceType === 'CodeSystem' && artefact.url !== undefined)
      codeSystems.set(artefact.url, artefact);
    if (artefact.resourceType === 'ValueSet' && artefact.url !== undefined) own.set(artefact.url, artefact);
  }
  return (url) => {
    const listed = valueSets[url];
    if (listed !== undefined) {
      return new Map(Object.entries(listed).map(([system, codes]) => [system, new Set(codes)]));
    }
    const valueSet = own.get(url);
    return valueSet && expanded(valueSet, codeSystems);
  };
};
