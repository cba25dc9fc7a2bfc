import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { isList, isMembers, type MutableObject, numberOf, ownMember } from './json-value.ts';
import { type Atom, parsePath } from './path.ts';

/** The operations of https://hl7.org/fhir/R4/fhirpatch.html */
export type PatchType = 'add' | 'insert' | 'delete' | 'replace' | 'move';

/** One operation, its parts in the form they have to have. */
export interface PatchOperation {
  readonly type: PatchType;
  readonly path: Atom;
  /** `add` only. */
  readonly name: string;
  /** The part named `value`; of `add`, `insert` and `replace`. */
  readonly value: MutableObject;
  readonly index: number;
  readonly source: number;
  readonly destination: number;
}

type PartName = 'name' | 'value' | 'index' | 'source' | 'destination';

/** What each operation needs besides `type` and `path`. https://hl7.org/fhir/R4/fhirpatch.html */
const NEEDS: Readonly<Record<PatchType, readonly PartName[]>> = {
  add: ['name', 'value'],
  insert: ['value', 'index'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
};

const isPatchType = (type: unknown): type is PatchType =>
  typeof type === 'string' && Object.hasOwn(NEEDS, type);

const KNOWN = ['type', 'path', 'name', 'value', 'index', 'source', 'destination'];

/** Where an operation stands in the Parameters, for an issue's `expression`. */
export const expressionOf = (index: number): string => `Parameters.parameter[${index}]`;

export const malformed = (index: number, code: Issue['code'], diagnostics: string): Issue => ({
  severity: 'error',
  code,
  diagnostics,
  expression: [expressionOf(index)],
  malformed: true,
});

const isString = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isIndex = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

/** The value of a part, under any of the members that R4's own examples and other servers use. */
const partValue = (part: MutableObject | undefined, ...members: readonly string[]): unknown =>
  members.map((member) => part && ownMember(part, member)).find((value) => value !== undefined);

const parts = (parameter: MutableObject): readonly MutableObject[] => {
  const list = ownMember(parameter, 'part');
  return isList(list) ? list.filter(isMembers) : [];
};

/** The parts of an operation, none of them checked. */
const readParts = (found: readonly MutableObject[]) => {
  const part = (name: string) => found.find((one) => ownMember(one, 'name') === name);
  const number = (name: string) => numberOf(partValue(part(name), 'valueInteger'));
  return {
    type: partValue(part('type'), 'valueCode', 'valueString'),
    path: partValue(part('path'), 'valueString'),
    name: partValue(part('name'), 'valueString'),
    value: part('value'),
    index: number('index'),
    source: number('source'),
    destination: number('destination'),
  };
};

const isFit: Readonly<Record<PartName, (value: unknown) => boolean>> = {
  name: isString,
  value: isMembers,
  index: isIndex,
  source: isIndex,
  destination: isIndex,
};

const parseOne = (parameter: unknown, at: number): Result<PatchOperation, readonly Issue[]> => {
  if (!isMembers(parameter) || ownMember(parameter, 'name') !== 'operation') {
    return fail([malformed(at, 'value', `Parameter ${at} is not an operation.`)]);
  }
  const found = parts(parameter);
  const issues: Issue[] = [];
  const names = found.map((part) => ownMember(part, 'name'));
  if (names.some((name, index) => !KNOWN.includes(String(name)) || names.indexOf(name) !== index)) {
    const once = `Operation ${at} may have each of ${KNOWN.join(', ')} once, and nothing else.`;
    issues.push(malformed(at, 'structure', once));
  }
  const given = readParts(found);
  const { type, path, name, value = {}, index = 0, source = 0, destination = 0 } = given;
  if (!isPatchType(type)) {
    const known = Object.keys(NEEDS).join(', ');
    return fail([
      ...issues,
      malformed(at, 'code-invalid', `The type of operation ${at} is none of ${known}.`),
    ]);
  }
  const wrong = [
    ...(isString(path) ? [] : ['path']),
    ...NEEDS[type].filter((needed) => !isFit[needed](given[needed])),
  ];
  if (wrong.length > 0) {
    issues.push(malformed(at, 'required', `Operation ${at} (${type}) needs a valid ${wrong.join(', ')}.`));
  }
  const atom = isString(path) ? parsePath(path) : fail('is missing');
  if (isString(path) && !atom.ok) {
    issues.push(malformed(at, 'invalid', `The path of operation ${at} ${atom.failure}.`));
  }
  if (issues.length > 0 || !atom.ok) return fail(issues);
  return ok({ type, path: atom.value, name: String(name), value, index, source, destination });
};

/** The operations of a FHIRPath Patch, or every fault of their form. */
export const parseOperations = (
  parameters: MutableObject,
): Result<readonly PatchOperation[], readonly Issue[]> => {
  const list = ownMember(parameters, 'parameter') ?? [];
  if (ownMember(parameters, 'resourceType') !== 'Parameters' || !isList(list)) {
    return fail([
      {
        severity: 'error',
        code: 'structure',
        diagnostics: 'A FHIRPath Patch is a Parameters resource.',
        malformed: true,
      },
    ]);
  }
  const parsed = list.map(parseOne);
  const issues = parsed.flatMap((operation) => (operation.ok ? [] : operation.failure));
  return issues.length > 0
    ? fail(issues)
    : ok(parsed.flatMap((operation) => (operation.ok ? [operation.value] : [])));
};
