import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

const isWithin = (id: string, parent: string): boolean =>
  id === parent || id.startsWith(`${parent}.`) || id.startsWith(`${parent}:`);

const unsliced = (id: string): string => id.replace(/:[^.]+$/, '');

/** A change of a base's element, or a slice of it, which starts from that element. */
const merged = (elements: readonly ElementDefinition[], change: ElementDefinition): ElementDefinition[] => {
  const id = change.id ?? '';
  const at = elements.findIndex((element) => element.id === id);
  if (at >= 0) return elements.with(at, { ...elements[at], ...change });
  const sliced = elements.find((element) => element.id === unsliced(id));
  const after = elements.findLastIndex((element) => isWithin(element.id ?? '', unsliced(id)));
  if (sliced === undefined) throw new Error(`${id} changes what its base has not`);
  const { slicing: _, ...start } = sliced;
  return elements.toSpliced(after + 1, 0, { ...start, min: 0, ...change });
};

/** The profile with a snapshot, as far as our own profiles need it: changed elements and slices of elements. */
export const withSnapshot = (
  profile: StructureDefinition,
  base: StructureDefinition,
): StructureDefinition => ({
  ...profile,
  snapshot: {
    element: (profile.differential?.element ?? []).reduce<ElementDefinition[]>(
      (elements, change) => merged(elements, change),
      base.snapshot?.element ?? [],
    ),
  },
});
