import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

/** The elements of a differential as the tree that their ids describe (`Consent.category:pvkType.coding`). */
export interface ProfileNode {
  /** The element's own name, e.g. `category`, `value[x]`. */
  readonly name: string;
  /** What the differential says of it; absent when it only speaks of what is below. */
  element?: ElementDefinition;
  readonly children: Map<string, ProfileNode>;
  /** Its slices, by name. */
  readonly slices: Map<string, ProfileNode>;
}

const emptyNode = (name: string): ProfileNode => ({ name, children: new Map(), slices: new Map() });

const into = (nodes: Map<string, ProfileNode>, key: string, name: string): ProfileNode => {
  const known = nodes.get(key);
  if (known !== undefined) return known;
  const made = emptyNode(name);
  nodes.set(key, made);
  return made;
};

/** The tree of a profile's differential. */
export const profileTree = (profile: StructureDefinition): ProfileNode => {
  const root = emptyNode(profile.type);
  for (const element of profile.differential?.element ?? []) {
    let node = root;
    for (const step of (element.id ?? element.path ?? '').split('.').slice(1)) {
      const [name = '', slice] = step.split(':');
      node = into(node.children, name, name);
      if (slice !== undefined) node = into(node.slices, slice, name);
    }
    node.element = element;
  }
  return root;
};
