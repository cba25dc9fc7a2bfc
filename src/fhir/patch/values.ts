import type { Definitions } from '../definitions/types.ts';
import {
  contentIn,
  type Item,
  isAnonymous,
  isPrimitive,
  itemsOf,
  type Slot,
  setItems,
  slotOf,
} from './elements.ts';
import { copyOf, copyOfMembers, isList, isMembers, type MutableObject, ownMember } from './json-value.ts';
import { PathFault } from './locate.ts';

/** What a part gives: a value of a named type, parts of an anonymous one, or a resource. */
type Given =
  | { readonly kind: 'typed'; readonly type: string; readonly item: Item }
  | { readonly kind: 'parts'; readonly parts: readonly MutableObject[] }
  | { readonly kind: 'resource'; readonly resource: MutableObject };

/** A value ready to be put into a slot, under the member's name. */
export interface Fitted {
  readonly name: string;
  readonly item: Item;
}

/** `valueQuantity` → `Quantity`, `valueString` and `_valueString` → `string`. */
const typeOfMember = (member: string, definitions: Definitions): string | undefined => {
  const [, suffix = ''] = /^_?value([A-Z]\w*)$/.exec(member) ?? [];
  const lower = suffix.charAt(0).toLowerCase() + suffix.slice(1);
  return [suffix, lower].find((name) => Object.hasOwn(definitions.types, name));
};

const givenBy = (part: MutableObject, definitions: Definitions): Given => {
  const resource = ownMember(part, 'resource');
  if (isMembers(resource)) return { kind: 'resource', resource };
  const list = ownMember(part, 'part');
  if (isList(list)) return { kind: 'parts', parts: list.filter(isMembers) };
  for (const member of Object.keys(part)) {
    const type = typeOfMember(member, definitions);
    if (type === undefined) continue;
    const [item] = itemsOf(part, member.replace(/^_/, ''));
    if (item !== undefined) return { kind: 'typed', type, item };
  }
  throw new PathFault('its value is empty');
};

const NUMBERS = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** How JSON writes a primitive. */
const jsonKind = (type: string): string =>
  NUMBERS.has(type) ? 'number' : type === 'boolean' ? type : 'string';

/**
 * May a value of one type stand where the other is asked for? Primitives of one JSON form may, since R4's own
 * tests replace a `code` by a `valueString`: the validator then looks at the format. So may a specialisation.
 */
const fits = (definitions: Definitions, given: string, asked: string): boolean => {
  if (given === asked) return true;
  const [from, to] = [isPrimitive(definitions, given), isPrimitive(definitions, asked)];
  if (from && to) return jsonKind(given) === jsonKind(asked);
  return definitions.types[given]?.base === asked || definitions.types[asked]?.base === given;
};

const WRONG_TYPE = 'its value is of a type that does not fit there';

const fitTyped = (definitions: Definitions, slot: Slot, type: string, item: Item): Fitted => {
  if (isAnonymous(slot)) throw new PathFault('an element of an anonymous type is given by its parts');
  const exact = slot.alternatives.find((one) => one.type?.code === type);
  const [only] = slot.alternatives;
  const near =
    slot.alternatives.length === 1 && fits(definitions, type, only?.type?.code ?? '') ? only : undefined;
  const chosen = exact ?? near;
  if (chosen === undefined) throw new PathFault(WRONG_TYPE);
  return {
    name: chosen.name,
    item: {
      value: copyOf(item.value),
      // Only a primitive has its `id` and extensions beside it.
      ...(item.companion === undefined ? {} : { companion: copyOfMembers(item.companion) }),
    },
  };
};

const fitParts = (definitions: Definitions, slot: Slot, parts: readonly MutableObject[]): Fitted => {
  const [only] = slot.alternatives;
  if (only === undefined || slot.alternatives.length > 1 || isPrimitive(definitions, only.type?.code ?? '')) {
    throw new PathFault(WRONG_TYPE);
  }
  const content = contentIn(definitions, slot, only, undefined);
  const value: MutableObject = {};
  for (const part of parts) {
    const name = ownMember(part, 'name');
    const inner = typeof name === 'string' ? slotOf(definitions, content, name) : undefined;
    if (inner === undefined) throw new PathFault('a part of its value names no element of R4');
    const fitted = fitValue(definitions, inner, part);
    const items = [...itemsOf(value, fitted.name), fitted.item];
    if (items.length > 1 && !inner.repeats) throw new PathFault('a part of its value may be given only once');
    setItems(value, fitted.name, items, inner.repeats);
  }
  return { name: only.name, item: { value } };
};

/** Makes the value that a part gives into one for the slot. Throws PathFault when it is not of its type. */
export const fitValue = (definitions: Definitions, slot: Slot, part: MutableObject): Fitted => {
  const given = givenBy(part, definitions);
  if (given.kind === 'typed') return fitTyped(definitions, slot, given.type, given.item);
  if (given.kind === 'parts') return fitParts(definitions, slot, given.parts);
  const [only] = slot.alternatives;
  if (only?.type?.code !== 'Resource') throw new PathFault(WRONG_TYPE);
  return { name: only.name, item: { value: copyOf(given.resource) } };
};
