import { MAX_DEPTH } from '../validate/walk.ts';
import { NumberLiteral } from '../xml/literals.ts';

/** Arrays and objects within each other: in JSON an element of R4 takes two where it repeats. */
export const MAX_JSON_DEPTH = 2 * MAX_DEPTH;

/** A JSON object that a patch may change. */
export type MutableObject = { [member: string]: unknown };

/** True for an object with members; a number that keeps its spelling is none. */
export const isMembers = (value: unknown): value is MutableObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral);

export const isList = (value: unknown): value is unknown[] => Array.isArray(value);

/** The object's own member; never one that JavaScript gives every object. */
export const ownMember = (object: MutableObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** Sets a member, `__proto__` included, which assignment would take for something else. */
export const setMember = (object: MutableObject, name: string, value: unknown): void => {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
};

/** A copy that shares nothing that can be changed. */
export const copyOf = (value: unknown): unknown => {
  if (isList(value)) return value.map(copyOf);
  return isMembers(value) ? copyOfMembers(value) : value;
};

export const copyOfMembers = (object: object): MutableObject => {
  const copy: MutableObject = {};
  for (const [name, member] of Object.entries(object)) setMember(copy, name, copyOf(member));
  return copy;
};

/** True when arrays and objects are nested more than `limit` deep; looks no deeper than that. */
export const isDeeperThan = (value: unknown, limit: number): boolean => {
  if (!isList(value) && !isMembers(value)) return false;
  return limit <= 0 || Object.values(value).some((member) => isDeeperThan(member, limit - 1));
};

/** About the number of characters that a value takes as JSON. */
export const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length + 2;
  if (isList(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item) + 1, 2);
  if (!isMembers(value)) return 5;
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + 4 + sizeOf(member), 2);
};

/** The number that a JSON number says; undefined for anything else. */
export const numberOf = (value: unknown): number | undefined => {
  if (value instanceof NumberLiteral) return Number(value.text);
  return typeof value === 'number' ? value : undefined;
};

/** RFC 6902, section 4.6: numbers are equal by value, objects whatever the order of their members. */
export const isSame = (a: unknown, b: unknown): boolean => {
  const number = numberOf(a);
  if (number !== undefined) return number === numberOf(b);
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (!isMembers(a)) return a === b;
  if (!isMembers(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(ownMember(a, name), ownMember(b, name)))
  );
};
