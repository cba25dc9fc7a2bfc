import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from '@medplum/fhirtypes';

/** For each code that has any: the codes directly above it. */
export type Parents = Readonly<Record<string, readonly string[]>>;

/** Which code of one code system lies above which, whatever the code system means by it. */
export interface Hierarchy {
  /** The code itself, then what lies above it, nearest first. */
  readonly above: (code: string) => readonly string[];
  /** The code itself, then what lies below it, nearest first. */
  readonly below: (code: string) => readonly string[];
}

/** R4's own concept properties that name another concept; `subsumedBy` is what v3 code systems call a parent. */
const UPWARDS = new Set(['parent', 'subsumedBy']);
const DOWNWARDS = new Set(['child']);

type Link = readonly [child: string, parent: string];

const codeOf = ({ valueCode, valueCoding }: CodeSystemConceptProperty): string | undefined =>
  valueCode ?? valueCoding?.code;

const linksOf = (concepts: readonly CodeSystemConcept[], above: string | undefined): readonly Link[] =>
  concepts.flatMap(({ code, concept = [], property = [] }): readonly Link[] => {
    if (code === undefined) return linksOf(concept, above);
    const named = property.flatMap((one): readonly Link[] => {
      const other = codeOf(one);
      if (other === undefined) return [];
      if (UPWARDS.has(one.code ?? '')) return [[code, other]];
      return DOWNWARDS.has(one.code ?? '') ? [[other, code]] : [];
    });
    return [...(above === undefined ? [] : [[code, above] as const]), ...named, ...linksOf(concept, code)];
  });

const grouped = (links: readonly Link[]): Parents => {
  const parents = new Map<string, Set<string>>();
  for (const [child, parent] of links) {
    const known = parents.get(child) ?? new Set<string>();
    parents.set(child, known.add(parent));
  }
  return Object.fromEntries([...parents].map(([child, all]) => [child, [...all]]));
};

/** What a CodeSystem says of its concepts: nested within each other, or named by a property. */
export const linksIn = ({ concept = [] }: Pick<CodeSystem, 'concept'>): Parents =>
  grouped(linksOf(concept, undefined));

const reversed = (parents: Parents): Parents =>
  grouped(Object.entries(parents).flatMap(([child, all]) => all.map((parent): Link => [parent, child])));

/** Everything along the links, nearest first; a circle ends where it began. */
const reach =
  (links: Parents) =>
  (code: string): readonly string[] => {
    const found = new Set([code]);
    // A Set is walked in the order in which it grows.
    for (const one of found) {
      for (const next of Object.hasOwn(links, one) ? (links[one] ?? []) : []) found.add(next);
    }
    return [...found];
  };

export const hierarchyOf = (parents: Parents): Hierarchy => ({
  above: reach(parents),
  below: reach(reversed(parents)),
});
