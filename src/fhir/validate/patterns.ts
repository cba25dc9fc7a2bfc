import { isObject } from './walk.ts';

/** R4's `fixed[x]`: the same in everything, the order of members aside. */
export const equals = (value: unknown, fixed: unknown): boolean => {
  if (Array.isArray(value) && Array.isArray(fixed)) {
    return value.length === fixed.length && value.every((item, i) => equals(item, fixed[i]));
  }
  if (isObject(value) && isObject(fixed)) {
    const names = Object.keys(value);
    return (
      names.length === Object.keys(fixed).length && names.every((name) => equals(value[name], fixed[name]))
    );
  }
  return value === fixed;
};

/** R4's `pattern[x]`: everything in the pattern is in the value, for arrays in any place. */
export const includes = (value: unknown, pattern: unknown): boolean => {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((part) => value.some((item) => includes(item, part)));
  }
  if (isObject(pattern)) {
    if (!isObject(value)) return false;
    for (const name in pattern) if (!includes(value[name], pattern[name])) return false;
    return true;
  }
  return value === pattern;
};

/** Everything that a path of member names leads to; arrays on the way are looked through. */
export const valuesAt = (value: unknown, path: readonly string[], from = 0): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path, from));
  if (value === undefined || value === null) return [];
  const name = path[from];
  if (name === undefined) return [value];
  return isObject(value) ? valuesAt(value[name], path, from + 1) : [];
};
