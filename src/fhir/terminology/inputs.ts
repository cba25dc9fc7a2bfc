import type { CodeableConcept, Coding, ValueSet } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { isMembers, type MutableObject, numberOf, ownMember } from '../patch/json-value.ts';

/** What an in parameter is. `ignored`: it may be given, and changes nothing here. */
export type InputType =
  | 'text'
  | 'texts'
  | 'count'
  | 'boolean'
  | 'Coding'
  | 'CodeableConcept'
  | 'ValueSet'
  | 'ignored';

/** The in parameters of an operation, by name. */
export type InputTable = Readonly<Record<string, InputType>>;

/** The in parameters of one call, checked against the table. */
export interface Inputs {
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  count(name: string): number | undefined;
  boolean(name: string): boolean | undefined;
  readonly coding: Coding | undefined;
  readonly codeableConcept: CodeableConcept | undefined;
  readonly valueSet: ValueSet | undefined;
}

/** One parameter as it came, and where an issue about it points. */
interface Given {
  readonly name: string;
  readonly value: unknown;
  readonly where: { readonly location: readonly string[] } | { readonly expression: readonly string[] };
}

/** Parameters of every URL, which are no operation's. */
const CONTROLS = new Set(['_format', '_pretty']);

const isPlainName = (name: string): boolean => /^[A-Za-z_][\w-]{0,63}$/.test(name) && !/\d{6}/.test(name);

const fromUrl = (parameters: Iterable<readonly [string, string]>): readonly Given[] =>
  [...parameters]
    .filter(([name]) => !CONTROLS.has(name))
    .map(([name, value]) => ({
      name,
      value,
      where: { location: [`http.${isPlainName(name) ? name : 'URL'}`] },
    }));

/** The value of a parameter: its resource, or what stands under `value[x]`. */
const valueIn = (parameter: MutableObject): unknown => {
  const resource = ownMember(parameter, 'resource');
  if (resource !== undefined) return resource;
  return Object.entries(parameter).find(([name]) => /^value[A-Z]/.test(name))?.[1];
};

/** The parameters of a Parameters body; another resource is the one parameter that is a resource. */
const fromBody = (body: MutableObject, table: InputTable): readonly Given[] => {
  const type = ownMember(body, 'resourceType');
  if (type !== 'Parameters') {
    const name = Object.keys(table).find((one) => table[one] === type) ?? 'resource';
    return [{ name, value: body, where: { expression: [String(type)] } }];
  }
  const list = ownMember(body, 'parameter');
  return (Array.isArray(list) ? list.filter(isMembers) : []).map((parameter, index) => ({
    name: String(ownMember(parameter, 'name')),
    value: valueIn(parameter),
    where: { expression: [`Parameters.parameter[${index}]`] },
  }));
};

const countOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : numberOf(value);
  return number !== undefined && Number.isInteger(number) && number >= 0 ? number : undefined;
};

const booleanOf = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
};

/** Reads a value as its type wants it, and says what it must be. Undefined: it is not of the type. */
const READ: Readonly<
  Record<InputType, { readonly read: (value: unknown) => unknown; readonly must: string }>
> = {
  text: { read: (value) => (typeof value === 'string' ? value : undefined), must: 'be text' },
  texts: { read: (value) => (typeof value === 'string' ? value : undefined), must: 'be text' },
  count: { read: countOf, must: 'be a whole number, 0 or more' },
  boolean: { read: booleanOf, must: 'be true or false' },
  Coding: {
    read: (value) => (isMembers(value) ? value : undefined),
    must: 'be a Coding, sent in Parameters by POST',
  },
  CodeableConcept: {
    read: (value) => (isMembers(value) ? value : undefined),
    must: 'be a CodeableConcept, sent in Parameters by POST',
  },
  ValueSet: {
    read: (value) =>
      isMembers(value) && ownMember(value, 'resourceType') === 'ValueSet' ? value : undefined,
    must: 'be a ValueSet, sent in Parameters by POST',
  },
  ignored: { read: () => true, must: 'be anything' },
};

const fault = ({ where }: Given, code: Issue['code'], diagnostics: string): Issue => ({
  severity: 'error',
  code,
  diagnostics,
  malformed: true,
  ...where,
});

const check = (given: Given, table: InputTable, seen: ReadonlyMap<string, unknown>): Issue | undefined => {
  const { name } = given;
  const type = Object.hasOwn(table, name) ? table[name] : undefined;
  if (type === undefined) {
    const which = isPlainName(name) ? `Parameter ${name}` : 'A parameter';
    return fault(
      given,
      'not-supported',
      `${which} is unknown here. Known are: ${Object.keys(table).join(', ')}.`,
    );
  }
  if (READ[type].read(given.value) === undefined)
    return fault(given, 'value', `${name} must ${READ[type].must}.`);
  return seen.has(name) && type !== 'texts' && type !== 'ignored'
    ? fault(given, 'structure', `${name} may be given once.`)
    : undefined;
};

/**
 * Reads the in parameters of an operation from the URL and, when there is one, the validated body.
 * Failure: `malformed`, every fault at once.
 */
export const readInputs = (
  table: InputTable,
  url: Iterable<readonly [string, string]>,
  body?: object,
): Result<Inputs, Failure> => {
  const all = [...fromUrl(url), ...(isMembers(body) ? fromBody(body, table) : [])];
  const values = new Map<string, unknown[]>();
  const issues: Issue[] = [];
  for (const given of all) {
    const issue = check(given, table, values);
    const type = table[given.name];
    if (issue !== undefined || type === undefined) issues.push(...(issue === undefined ? [] : [issue]));
    else values.set(given.name, [...(values.get(given.name) ?? []), READ[type].read(given.value)]);
  }
  return issues.length > 0 ? fail({ kind: 'malformed', issues }) : ok(inputsOf(values));
};

const inputsOf = (values: ReadonlyMap<string, readonly unknown[]>): Inputs => {
  const first = (name: string): unknown => values.get(name)?.[0];
  const members = <T>(name: string): T | undefined => {
    const value = first(name);
    // Validated with the body that it came in.
    return isMembers(value) ? (value as T) : undefined;
  };
  return {
    text: (name) => {
      const value = first(name);
      return typeof value === 'string' ? value : undefined;
    },
    texts: (name) => (values.get(name) ?? []).filter((value) => typeof value === 'string'),
    count: (name) => numberOf(first(name)),
    boolean: (name) => booleanOf(first(name)),
    coding: members('coding'),
    codeableConcept: members('codeableConcept'),
    valueSet: members('valueSet'),
  };
};
