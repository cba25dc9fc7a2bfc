import { askInvariants, type Invariant } from './invariants.ts';
import { isObject, isPrintable, type JsonObject, MAX_DEPTH, type Walk } from './walk.ts';

/** Checks the value at the present place. */
export type Check = (value: unknown, walk: Walk) => void;

/** One JSON member of an object. */
export interface Member {
  /** Checks it from the object's place. `parent` is the object, for what stands beside the member. */
  readonly check: (value: unknown, parent: JsonObject, walk: Walk) => void;
  /** The bit of the choice (`value[x]`) that it is one alternative of; 0: of none. */
  readonly choice: number;
}

/** What an object of one type, or of one backbone element, may and must hold. */
export interface ObjectNode {
  readonly isResource: boolean;
  readonly members: Map<string, Member>;
  readonly required: {
    readonly label: string;
    readonly names: readonly string[];
    readonly first: string;
    readonly min: number;
  }[];
  readonly choices: { readonly label: string; readonly names: readonly string[] }[];
  readonly invariants: readonly Invariant[];
  /** A further check, after all others. */
  readonly also?: Check;
}

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

const refuseUnknown = (name: string, walk: Walk): void => {
  if (isPrintable(name)) walk.fault('structure', `R4 has no element ${name} here.`, name);
  else walk.fault('structure', 'R4 has no element of this name here (name not repeated).');
};

/** Two alternatives of one choice are there: `sourceAttachment` and `sourceReference`. */
const refuseDoubled = (node: ObjectNode, doubled: number, value: JsonObject, walk: Walk): void => {
  node.choices.forEach(({ label, names }, place) => {
    if ((doubled & (1 << place)) === 0) return;
    const found = names.filter((name) => value[name] !== undefined || value[`_${name}`] !== undefined);
    if (found.length > 1) {
      walk.fault('structure', `Only one of ${found.join(', ')} may be given.`, label);
    }
  });
};

const isPresent = (names: readonly string[], value: JsonObject): boolean => {
  for (const name of names) if (value[name] !== undefined) return true;
  return false;
};

/** Checks every member of an object against its node, then what is missing, then the invariants. */
export const checkObject = (node: ObjectNode, value: unknown, walk: Walk): void => {
  if (!isObject(value)) {
    walk.fault('structure', `Expected a JSON object, found ${kindOf(value)}.`);
    return;
  }
  if (walk.depth > MAX_DEPTH) {
    walk.fault('too-costly', `Nested more than ${MAX_DEPTH} elements deep.`);
    return;
  }
  const found = checkMembers(node, value, walk);
  if (found === 0 && !node.isResource) {
    walk.fault('structure', 'An object without members is not allowed.');
    return;
  }
  for (const required of node.required) {
    if (!isPresent(required.names, value)) {
      walk.fault('required', `${required.label} is missing (at least ${required.min}).`, required.label);
    }
  }
  if (found === 1 && !node.isResource && value['id'] !== undefined) {
    walk.breach('error', 'invariant', 'ele-1: All FHIR elements must have a @value or children');
  }
  askInvariants(node.invariants, value, walk);
  node.also?.(value, walk);
};

/** The number of members that are there. */
const checkMembers = (node: ObjectNode, value: JsonObject, walk: Walk): number => {
  let found = 0;
  let chosen = 0;
  let doubled = 0;
  for (const name in value) {
    const content = value[name];
    if (content === undefined) continue;
    if (node.isResource && name === 'resourceType') continue;
    found += 1;
    const member = node.members.get(name);
    if (member === undefined) refuseUnknown(name, walk);
    else {
      doubled |= chosen & member.choice;
      chosen |= member.choice;
      member.check(content, value, walk);
    }
  }
  if (doubled !== 0) refuseDoubled(node, doubled, value, walk);
  return found;
};

const checkAt = (
  label: string,
  index: number,
  value: unknown,
  check: Check,
  invariants: readonly Invariant[],
  walk: Walk,
): void => {
  walk.enter(label, index);
  check(value, walk);
  askInvariants(invariants, value, walk);
  walk.leave();
};

/** A member that occurs at most once. */
export const one =
  (label: string, max: number, check: Check, invariants: readonly Invariant[]): Member['check'] =>
  (value, _parent, walk) => {
    if (max === 0) walk.fault('structure', `${label} is not allowed here.`, label);
    else if (Array.isArray(value)) walk.fault('structure', `${label} does not repeat: no array here.`, label);
    else checkAt(label, -1, value, check, invariants, walk);
  };

/** A member that is an array. */
export const listOf =
  (label: string, max: number, check: Check, invariants: readonly Invariant[]): Member['check'] =>
  (value, _parent, walk) => {
    if (!isFilledList(label, value, walk)) return;
    if (value.length > max) walk.fault('structure', `At most ${max} of ${label}.`, label);
    for (let i = 0; i < value.length; i++) checkAt(label, i, value[i], check, invariants, walk);
  };

/** Reports what is not an array, and an empty one. */
export const isFilledList = (label: string, value: unknown, walk: Walk): value is readonly unknown[] => {
  if (!Array.isArray(value)) {
    walk.fault('structure', `${label} repeats: an array is expected, found ${kindOf(value)}.`, label);
    return false;
  }
  if (value.length === 0) walk.fault('structure', `${label} is an empty array: leave it out.`, label);
  return true;
};
