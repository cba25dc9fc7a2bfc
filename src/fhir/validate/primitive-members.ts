import { askInvariants, type Invariant } from './invariants.ts';
import { type Check, isFilledList, type Member } from './members.ts';
import { isWrongJsonType, PRIMITIVES } from './primitives.ts';
import { isObject, isPrintable, type Walk } from './walk.ts';

/** The codes of a required binding; `codes` is absent where only their syntax is known. */
export interface Codes {
  readonly valueSet: string;
  readonly codes?: ReadonlySet<string>;
  readonly has: (code: string) => boolean;
}

/** More codes than these are not listed in an answer. */
const LISTED = 20;

const refuseCode = (value: string, { valueSet, codes }: Codes, walk: Walk): void => {
  const name = isPrintable(value) ? `"${value}"` : 'This';
  const choice = codes !== undefined && codes.size <= LISTED ? `; allowed: ${[...codes].join(' | ')}` : '';
  walk.fault('code-invalid', `${name} is not a code of ${valueSet}${choice}.`);
};

/** Checks a primitive value at the present place. */
export const primitiveCheck = (type: string, label: string, codes: Codes | undefined): Check => {
  const format = PRIMITIVES[type];
  if (format === undefined) throw new Error(`No format of ${type}`);
  const checkFormat: Check = (value, walk) => {
    const fault = format(value);
    if (fault === undefined) return;
    walk.fault(isWrongJsonType(type, value) ? 'structure' : 'value', `${label} must be ${fault}.`);
  };
  if (codes === undefined) return checkFormat;
  return (value, walk) => {
    if (typeof value === 'string' && codes.has(value)) return;
    if (format(value) !== undefined) checkFormat(value, walk);
    else if (typeof value === 'string') refuseCode(value, codes, walk);
  };
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
  if (invariants.length > 0) askInvariants(invariants, value, walk);
  walk.leave();
};

/** A primitive that occurs at most once. */
export const primitiveOne =
  (label: string, check: Check, invariants: readonly Invariant[]): Member['check'] =>
  (value, _parent, walk) => {
    if (Array.isArray(value)) walk.fault('structure', `${label} does not repeat: no array here.`, label);
    else if (value === null) walk.fault('structure', 'null is not allowed: leave the element out.', label);
    else checkAt(label, -1, value, check, invariants, walk);
  };

/** A primitive that repeats; `null` stands where an item has extensions only. */
export const primitiveListOf =
  (label: string, name: string, check: Check, invariants: readonly Invariant[]): Member['check'] =>
  (value, parent, walk) => {
    if (!isFilledList(label, value, walk)) return;
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (item !== null) checkAt(label, i, item, check, invariants, walk);
      else if (!isObject(itemOf(parent[`_${name}`], i))) refuseNull(label, i, walk);
    }
  };

const itemOf = (list: unknown, index: number): unknown => (Array.isArray(list) ? list[index] : undefined);

const refuseNull = (label: string, index: number, walk: Walk): void => {
  walk.enter(label, index);
  walk.fault('structure', `null stands only where _${label} has an object at the same index.`);
  walk.leave();
};

/** An element with an id and nothing else says nothing. */
const checkCompanion = (value: unknown, hasValue: boolean, extension: Check, walk: Walk): void => {
  // The Element check itself reports the lone id; beside a value a lone id is fine.
  if (hasValue && isObject(value) && value['id'] !== undefined && Object.keys(value).length === 1) return;
  extension(value, walk);
};

/** `_name` beside a primitive that occurs at most once: its id and extensions. */
export const extensionsOfOne =
  (label: string, name: string, extension: Check): Member['check'] =>
  (value, parent, walk) => {
    walk.enter(label, -1);
    checkCompanion(value, parent[name] !== undefined, extension, walk);
    walk.leave();
  };

/** `_name` beside a primitive that XML says by an attribute or as XHTML: R4 gives it neither id nor extensions. */
export const refuseCompanion =
  (label: string, name: string): Member['check'] =>
  (_value, _parent, walk) => {
    walk.fault('structure', `_${name} is not allowed: ${label} has no id and no extensions in R4.`, label);
  };

/** `_name` beside a primitive that repeats: aligned with it by `null`s. */
export const extensionsOfList =
  (label: string, name: string, extension: Check): Member['check'] =>
  (value, parent, walk) => {
    if (!isFilledList(`_${name}`, value, walk)) return;
    const values = parent[name];
    if (Array.isArray(values) && values.length < value.length) {
      walk.fault('structure', `_${name} is longer than ${name}: fill ${name} with null.`, label);
    }
    for (let i = 0; i < value.length; i++) {
      const beside = itemOf(values, i);
      if (value[i] === null) {
        if (beside === undefined) refuseNull(label, i, walk);
        continue;
      }
      walk.enter(label, i);
      checkCompanion(value[i], beside !== undefined && beside !== null, extension, walk);
      walk.leave();
    }
  };
