import { fail, ok, type Result } from '../../result.ts';
import { maskPersonNumbers } from '../identifiers.ts';

/**
 * Reads the members of a JSON object one by one, each with what it must be, and keeps account of what is
 * wrong and of what nobody asked for. Faults name members and expectations, never values.
 */

/** What a member must be: `undefined` says that the value is not it. */
export interface Reader<T> {
  readonly expected: string;
  readonly read: (value: unknown) => T | undefined;
}

export const string: Reader<string> = {
  expected: 'a string',
  read: (value) => (typeof value === 'string' ? value : undefined),
};

export const boolean: Reader<boolean> = {
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

export const oneOf = <T extends string>(...values: readonly T[]): Reader<T> => ({
  expected: values.map((value) => `"${value}"`).join(' or '),
  read: (value) => values.find((candidate) => candidate === value),
});

export const matching = (pattern: RegExp, expected: string): Reader<string> => ({
  expected,
  read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
});

export const wholeNumber = (least: number): Reader<number> => ({
  expected: `a whole number of at least ${least}`,
  read: (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined,
});

/** A date and time with zone: the form every moment of PVK's examples has. */
export const instant: Reader<string> = {
  expected: 'a date and time with zone',
  read: (value) =>
    typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined,
};
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** The members of one object while they are read. */
export interface Members {
  required<T>(name: string, reader: Reader<T>, anyCase?: 'any-case'): T | undefined;
  /** A member that may be absent or null. */
  optional<T>(name: string, reader: Reader<T>, anyCase?: 'any-case'): T | undefined;
  /** A list, each entry read by `entry`; its faults and unknown members are told with the list's name. */
  list<T>(name: string, entry: (members: Members) => T | undefined): readonly T[] | undefined;
  /** An object inside; undefined when it is absent. */
  object<T>(name: string, inner: (members: Members) => T | undefined, anyCase?: 'any-case'): T | undefined;
}

interface Account {
  readonly faults: string[];
  readonly unknown: Set<string>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const membersOf = (source: Readonly<Record<string, unknown>>, path: string, account: Account) => {
  const asked = new Set<string>();
  const find = (name: string, anyCase: 'any-case' | undefined): unknown => {
    if (Object.hasOwn(source, name)) {
      asked.add(name);
      return source[name];
    }
    if (anyCase === undefined) return undefined;
    const lower = name.toLowerCase();
    const spelt = Object.keys(source).find((key) => key.toLowerCase() === lower);
    if (spelt === undefined) return undefined;
    asked.add(spelt);
    return source[spelt];
  };
  const check = <T>(name: string, value: unknown, reader: Reader<T>): T | undefined => {
    const read = reader.read(value);
    if (read === undefined) account.faults.push(`${path}${name} is not ${reader.expected}`);
    return read;
  };
  const members: Members = {
    required: (name, reader, anyCase) => {
      const value = find(name, anyCase);
      if (value !== undefined && value !== null) return check(name, value, reader);
      account.faults.push(`${path}${name} is missing`);
      return undefined;
    },
    optional: (name, reader, anyCase) => {
      const value = find(name, anyCase);
      return value === undefined || value === null ? undefined : check(name, value, reader);
    },
    list: (name, entry) => {
      const value = find(name, undefined);
      if (!Array.isArray(value)) {
        account.faults.push(`${path}${name} is ${value === undefined ? 'missing' : 'not a list'}`);
        return undefined;
      }
      return readEntries(value, `${path}${name}`, account, entry);
    },
    object: (name, inner, anyCase) => {
      const value = find(name, anyCase);
      if (value === undefined || value === null) return undefined;
      if (isObject(value)) return readObject(value, `${path}${name}.`, account, inner);
      account.faults.push(`${path}${name} is not an object`);
      return undefined;
    },
  };
  return { members, asked };
};

const readObject = <T>(
  source: Readonly<Record<string, unknown>>,
  path: string,
  account: Account,
  inner: (members: Members) => T | undefined,
): T | undefined => {
  const { members, asked } = membersOf(source, path, account);
  const read = inner(members);
  const general = path.replace(/\[\d+\]/g, '[]');
  for (const name of Object.keys(source)) {
    // A name is foreign text too; it goes to a log and is kept short and free of identity numbers.
    if (!asked.has(name)) account.unknown.add(maskPersonNumbers(`${general}${name}`).slice(0, 100));
  }
  return read;
};

const readEntries = <T>(
  entries: readonly unknown[],
  path: string,
  account: Account,
  entry: (members: Members) => T | undefined,
): readonly T[] =>
  entries.flatMap((value, index) => {
    if (!isObject(value)) {
      account.faults.push(`${path}[${index}] is not an object`);
      return [];
    }
    const read = readObject(value, `${path}[${index}].`, account, entry);
    return read === undefined ? [] : [read];
  });

/** A parsed answer, with the names of the members that nobody asked for: worth a warning in the log. */
export interface Parsed<T> {
  readonly value: T;
  readonly unknownMembers: readonly string[];
}

const MOST_FAULTS_TOLD = 5;

const settle = <T>(read: T | undefined, account: Account): Result<Parsed<T>, string> => {
  if (read === undefined || account.faults.length > 0) {
    return fail(account.faults.slice(0, MOST_FAULTS_TOLD).join('; ') || 'not understood');
  }
  return ok({ value: read, unknownMembers: [...account.unknown] });
};

/** Reads a JSON value that must be an object. */
export const parseObject = <T>(
  json: unknown,
  inner: (members: Members) => T | undefined,
): Result<Parsed<T>, string> => {
  if (!isObject(json)) return fail('the answer is not a JSON object');
  const account: Account = { faults: [], unknown: new Set() };
  return settle(readObject(json, '', account, inner), account);
};

/** Reads a JSON value that must be a list of objects. */
export const parseList = <T>(
  json: unknown,
  entry: (members: Members) => T | undefined,
): Result<Parsed<readonly T[]>, string> => {
  if (!Array.isArray(json)) return fail('the answer is not a JSON list');
  const account: Account = { faults: [], unknown: new Set() };
  return settle(readEntries(json, '', account, entry), account);
};
