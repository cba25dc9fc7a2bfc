import {
  type Alternative,
  alternativesOf,
  type Content,
  contentOf,
  contentOfType,
  INLINE,
  labelOf,
  lastOf,
} from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';
import { isList, isMembers, type MutableObject, ownMember, setMember } from './json-value.ts';

/** An element as FHIR sees it: what JSON keeps in two members, `x` and `_x`, is one thing. */
export interface Item {
  readonly value: unknown;
  /** `id` and extensions of a primitive. */
  readonly companion?: MutableObject;
}

/** The items of one JSON member, in order. */
export const itemsOf = (parent: MutableObject, name: string): readonly Item[] => {
  const value = ownMember(parent, name);
  const companion = ownMember(parent, `_${name}`);
  const item = (one: unknown, beside: unknown): Item => ({
    value: one ?? undefined,
    ...(isMembers(beside) ? { companion: beside } : {}),
  });
  if (!isList(value) && !isList(companion)) {
    return value === undefined && companion === undefined ? [] : [item(value, companion)];
  }
  const values = isList(value) ? value : [];
  const companions = isList(companion) ? companion : [];
  return Array.from({ length: Math.max(values.length, companions.length) }, (_, index) =>
    item(values[index], companions[index]),
  );
};

const setOrDrop = (
  parent: MutableObject,
  name: string,
  parts: readonly unknown[],
  repeats: boolean,
): void => {
  if (parts.every((part) => part === undefined)) delete parent[name];
  else setMember(parent, name, repeats ? parts.map((part) => part ?? null) : parts[0]);
};

/** Writes the items back; a member without any is dropped. */
export const setItems = (
  parent: MutableObject,
  name: string,
  items: readonly Item[],
  repeats: boolean,
): void => {
  setOrDrop(
    parent,
    name,
    items.map(({ value }) => value),
    repeats,
  );
  setOrDrop(
    parent,
    `_${name}`,
    items.map(({ companion }) => companion),
    repeats,
  );
};

/** One element of a type: how it is defined, and where its content is. */
export interface Slot {
  readonly element: ElementDefinition;
  readonly alternatives: readonly Alternative[];
  readonly repeats: boolean;
  /** Where it was found: what its own content is relative to. */
  readonly content: Content;
}

/** Every element directly below a place. */
const childSlots = (definitions: Definitions, content: Content): readonly Slot[] =>
  (definitions.types[content.type]?.elements ?? [])
    .filter(({ path }) => path.slice(0, path.lastIndexOf('.')) === content.path)
    .map((element) => ({
      element,
      alternatives: alternativesOf(element),
      repeats: element.max === '*' || Number(element.max ?? 1) > 1,
      content,
    }));

/**
 * The element of this name: `deceased`, `deceased[x]` and `deceasedBoolean` all name the choice, the last one
 * with one type only.
 */
export const slotOf = (definitions: Definitions, content: Content, name: string): Slot | undefined => {
  for (const slot of childSlots(definitions, content)) {
    const { path } = slot.element;
    if (labelOf(path) === name || lastOf(path) === name) return slot;
    const alternatives = slot.alternatives.filter((one) => one.name === name);
    if (alternatives.length > 0) return { ...slot, alternatives };
  }
  return undefined;
};

/** The alternative of a slot that a parent has; undefined when it has none. */
export const presentIn = (parent: MutableObject, slot: Slot): Alternative | undefined =>
  slot.alternatives.find(({ name }) => Object.hasOwn(parent, name) || Object.hasOwn(parent, `_${name}`));

export const isPrimitive = (definitions: Definitions, type: string): boolean =>
  definitions.types[type]?.kind === 'primitive-type';

/** Where the content of a value in this slot is defined. */
export const contentIn = (
  definitions: Definitions,
  slot: Slot,
  { type }: Alternative,
  value: unknown,
): Content => {
  if (type?.code !== 'Resource') return contentOf(definitions, slot.content, slot.element, type?.code);
  const name = isMembers(value) ? ownMember(value, 'resourceType') : undefined;
  return contentOfType(definitions, typeof name === 'string' ? name : 'Resource');
};

/** True when the content of the slot is defined in place (a BackboneElement), so that it has no type name. */
export const isAnonymous = (slot: Slot): boolean =>
  slot.element.contentReference !== undefined ||
  slot.alternatives.every(({ type }) => type !== undefined && INLINE.has(type.code));
