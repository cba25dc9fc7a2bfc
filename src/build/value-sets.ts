/** Enumerates the value sets of required bindings. Build time only. */
import type { CodeSystem, CodeSystemConcept, ValueSetComposeInclude } from '@medplum/fhirtypes';
import { BY_SYNTAX } from '../fhir/definitions/by-syntax.ts';
import type { Definitions, Hierarchies, ValueSets } from '../fhir/definitions/types.ts';
import { linksIn } from '../fhir/terminology/hierarchy.ts';
import type { R4Package } from './r4-package.ts';

type Codes = Map<string, Set<string>>;

const add = (codes: Codes, system: string, found: Iterable<string>): void => {
  const known = codes.get(system) ?? new Set<string>();
  for (const code of found) known.add(code);
  codes.set(system, known);
};

const codesBelow = (concepts: readonly CodeSystemConcept[] | undefined): readonly string[] =>
  (concepts ?? []).flatMap((concept) => [
    ...(concept.code === undefined ? [] : [concept.code]),
    ...codesBelow(concept.concept),
  ]);

const isComplete = (system: CodeSystem | undefined): system is CodeSystem =>
  system?.content === 'complete' && system.concept !== undefined;

/** Adds what an include lists; false when it cannot be listed. */
const include = (r4: R4Package, part: ValueSetComposeInclude, codes: Codes): boolean => {
  if (part.filter !== undefined) return false;
  if (part.valueSet !== undefined) return part.valueSet.every((url) => enumerate(r4, url, codes));
  const system = part.system ?? '';
  if (part.concept !== undefined) {
    add(
      codes,
      system,
      part.concept.flatMap(({ code }) => code ?? []),
    );
    return true;
  }
  const defined = r4.codeSystems.get(system);
  if (!isComplete(defined)) return false;
  add(codes, system, codesBelow(defined.concept));
  return true;
};

const enumerate = (r4: R4Package, url: string, codes: Codes): boolean => {
  const compose = r4.valueSets.get(url.split('|')[0] ?? '')?.compose;
  if (compose?.include === undefined || compose.exclude !== undefined) return false;
  return compose.include.every((part) => include(r4, part, codes));
};

const listed = (codes: Codes): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...codes].map(([system, found]) => [system, [...found]]));

/** The codes of every required value set that the definitions name. */
export const enumerateValueSets = (r4: R4Package, definitions: Definitions): ValueSets => {
  const urls = Object.values(definitions.types)
    .flatMap((type) => type.elements)
    .flatMap(({ binding }) => (binding?.strength === 'required' ? [binding.valueSet] : []));
  const sets: Record<string, ValueSets[string]> = {};
  for (const url of [...new Set(urls)].sort()) {
    if (url in BY_SYNTAX) continue;
    const codes: Codes = new Map();
    if (!enumerate(r4, url, codes)) throw new Error(`${url} cannot be enumerated`);
    sets[url] = listed(codes);
  }
  return sets;
};

/** What lies below what in the code systems that the value sets draw on, of those that R4 defines as a whole. */
export const systemHierarchies = (r4: R4Package, valueSets: ValueSets): Hierarchies => {
  const urls = new Set(Object.values(valueSets).flatMap((set) => Object.keys(set)));
  const systems = [...urls].sort().flatMap((url) => {
    const defined = r4.codeSystems.get(url);
    return isComplete(defined) ? [[url, linksIn(defined)] as const] : [];
  });
  return Object.fromEntries(systems);
};
