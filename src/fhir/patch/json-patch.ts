import { type Failure, failure, type Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { isPrintable } from '../validate/walk.ts';
import { holderAt, parseIndex, parsePointer, valueAt } from './json-pointer.ts';
import {
  copyOf,
  copyOfMembers,
  isDeeperThan,
  isList,
  isMembers,
  isSame,
  MAX_JSON_DEPTH,
  type MutableObject,
  ownMember,
  setMember,
  sizeOf,
} from './json-value.ts';
import { refuseTouched } from './protected.ts';

/** RFC 6902, section 4. */
type OperationName = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';

interface Operation {
  readonly name: OperationName;
  readonly path: readonly string[];
  /** `move` and `copy` only. */
  readonly from: readonly string[];
  /** `add`, `replace` and `test` only. */
  readonly value: unknown;
}

/** What each operation must have besides `op` and `path`. */
const NEEDS: Readonly<Record<OperationName, 'value' | 'from' | 'nothing'>> = {
  add: 'value',
  remove: 'nothing',
  replace: 'value',
  move: 'from',
  copy: 'from',
  test: 'value',
};

const isOperationName = (name: unknown): name is OperationName =>
  typeof name === 'string' && Object.hasOwn(NEEDS, name);

/** More than any client sends; each one costs a look at the whole resource. */
const MAX_OPERATIONS = 1000;

/** Characters that `copy` may add in one patch: doubling a list thirty times must not fill the memory. */
const MAX_COPIED = 8 * 1024 * 1024;

const malformed = (diagnostics: string): Issue => ({
  severity: 'error',
  code: 'structure',
  diagnostics,
  malformed: true,
});

const operationLabel = (index: number, name: string): string => `Operation ${index} (${name})`;

const pointerOf = (
  operation: MutableObject,
  member: string,
  index: number,
): Result<readonly string[], Issue> => {
  const text = ownMember(operation, member);
  if (typeof text !== 'string') return fail(malformed(`Operation ${index} has no ${member}.`));
  const tokens = parsePointer(text);
  return tokens === undefined
    ? fail(malformed(`The ${member} of operation ${index} is not a JSON Pointer (RFC 6901).`))
    : ok(tokens);
};

const parseOperation = (operation: unknown, index: number): Result<Operation, readonly Issue[]> => {
  if (!isMembers(operation)) return fail([malformed(`Operation ${index} is not a JSON object.`)]);
  const name = ownMember(operation, 'op');
  if (!isOperationName(name)) {
    return fail([
      malformed(`The op of operation ${index} is none of ${Object.keys(NEEDS).join(', ')} (RFC 6902).`),
    ]);
  }
  const needs = NEEDS[name];
  const path = pointerOf(operation, 'path', index);
  const from = needs === 'from' ? pointerOf(operation, 'from', index) : ok([]);
  const issues = [path, from].flatMap((pointer) => (pointer.ok ? [] : [pointer.failure]));
  if (needs === 'value' && !Object.hasOwn(operation, 'value')) {
    issues.push(malformed(`${operationLabel(index, name)} has no value.`));
  }
  const value = ownMember(operation, 'value');
  if (isDeeperThan(value, MAX_JSON_DEPTH)) {
    issues.push(malformed(`The value of ${operationLabel(index, name)} is nested too deeply.`));
  }
  if (!path.ok || !from.ok || issues.length > 0) return fail(issues);
  return ok({ name, path: path.value, from: from.value, value });
};

const parseOperations = (patch: unknown): Result<readonly Operation[], Failure> => {
  if (!isList(patch)) {
    const fault = malformed('A JSON Patch is an array of operations (RFC 6902).');
    return fail({ kind: 'malformed', issues: [fault] });
  }
  if (patch.length > MAX_OPERATIONS) {
    return fail(failure('unprocessable', 'too-costly', `At most ${MAX_OPERATIONS} operations in one patch.`));
  }
  const parsed = patch.map(parseOperation);
  const issues = parsed.flatMap((operation) => (operation.ok ? [] : operation.failure));
  if (issues.length > 0) return fail({ kind: 'malformed', issues });
  return ok(parsed.flatMap((operation) => (operation.ok ? [operation.value] : [])));
};

/** Why an operation cannot be done. */
type Refusal = { readonly code: Issue['code']; readonly why: string };

const nothingAt = (tokens: readonly string[]): Refusal => {
  const text = tokens.map((token) => `/${token}`).join('');
  return {
    code: 'not-found',
    why: isPrintable(text) ? `there is nothing at ${text}` : 'there is nothing at this place',
  };
};

/** The document under work, and what may still be copied into it. */
interface Work {
  root: unknown;
  copied: number;
}

/** Chains of operations can nest a value ever deeper, which a resource never is. */
const refuseDepth = (tokens: readonly string[], value: unknown): Refusal | undefined =>
  isDeeperThan(value, MAX_JSON_DEPTH - tokens.length)
    ? { code: 'too-costly', why: 'the result would be nested too deeply' }
    : undefined;

const add = (work: Work, tokens: readonly string[], value: unknown): Refusal | undefined => {
  const deep = refuseDepth(tokens, value);
  if (deep !== undefined) return deep;
  if (tokens.length === 0) {
    work.root = value;
    return undefined;
  }
  const place = holderAt(work.root, tokens);
  if (place === undefined) return nothingAt(tokens.slice(0, -1));
  const { holder, token } = place;
  if (!isList(holder)) {
    setMember(holder, token, value);
    return undefined;
  }
  const index = token === '-' ? holder.length : parseIndex(token, holder.length + 1);
  if (index === undefined) return { code: 'value', why: 'its index is not one of the array, nor its end' };
  holder.splice(index, 0, value);
  return undefined;
};

const remove = (work: Work, tokens: readonly string[]): Refusal | undefined => {
  const place = holderAt(work.root, tokens);
  if (tokens.length === 0) return { code: 'business-rule', why: 'it would remove the resource itself' };
  if (place === undefined || valueAt(work.root, tokens) === undefined) return nothingAt(tokens);
  const { holder, token } = place;
  if (isList(holder)) holder.splice(Number(token), 1);
  else delete holder[token];
  return undefined;
};

const replace = (work: Work, tokens: readonly string[], value: unknown): Refusal | undefined => {
  if (valueAt(work.root, tokens) === undefined) return nothingAt(tokens);
  const deep = refuseDepth(tokens, value);
  if (deep !== undefined) return deep;
  const place = holderAt(work.root, tokens);
  if (place === undefined) work.root = value;
  else if (isList(place.holder)) place.holder[Number(place.token)] = value;
  else setMember(place.holder, place.token, value);
  return undefined;
};

const isInside = (inner: readonly string[], outer: readonly string[]): boolean =>
  inner.length > outer.length && outer.every((token, index) => inner[index] === token);

const move = (work: Work, { from, path }: Operation): Refusal | undefined => {
  const value = valueAt(work.root, from);
  if (value === undefined) return nothingAt(from);
  if (isInside(path, from)) return { code: 'invalid', why: 'it would move a value into itself' };
  if (isSame(from, path)) return undefined;
  return remove(work, from) ?? add(work, path, value);
};

const copy = (work: Work, { from, path }: Operation): Refusal | undefined => {
  const value = valueAt(work.root, from);
  if (value === undefined) return nothingAt(from);
  work.copied += sizeOf(value);
  if (work.copied > MAX_COPIED) return { code: 'too-costly', why: 'the patch copies too much' };
  return add(work, path, copyOf(value));
};

const test = (work: Work, { path, value }: Operation): Refusal | undefined => {
  const found = valueAt(work.root, path);
  if (found === undefined) return nothingAt(path);
  return isSame(found, value) ? undefined : { code: 'conflict', why: 'the value there is another one' };
};

const RUN: Readonly<Record<OperationName, (work: Work, operation: Operation) => Refusal | undefined>> = {
  add: (work, { path, value }) => add(work, path, copyOf(value)),
  remove: (work, { path }) => remove(work, path),
  replace: (work, { path, value }) => replace(work, path, copyOf(value)),
  move,
  copy,
  test,
};

/**
 * Applies a JSON Patch (RFC 6902), all of it or nothing; neither argument is changed.
 *
 * @param patch the parsed body
 * @returns the patched resource, not validated yet. Failures: `malformed` with every fault of the patch itself;
 *   `unprocessable` for the first operation (numbered from 0) that cannot be done, whose `test` fails, or that
 *   touches `resourceType`, `id`, `meta.versionId` or `meta.lastUpdated`. Values are never repeated.
 */
export const applyJsonPatch = (resource: object, patch: unknown): Result<object, Failure> => {
  const operations = parseOperations(patch);
  if (!operations.ok) return operations;
  const before: MutableObject = { ...resource };
  const work: Work = { root: copyOfMembers(resource), copied: 0 };
  for (const [index, operation] of operations.value.entries()) {
    const label = operationLabel(index, operation.name);
    const refusal = RUN[operation.name](work, operation);
    if (refusal !== undefined) {
      return fail(failure('unprocessable', refusal.code, `${label} cannot be done: ${refusal.why}.`));
    }
    const touched = refuseTouched(before, work.root, label);
    if (touched !== undefined) return fail(touched);
  }
  return isMembers(work.root)
    ? ok(work.root)
    : fail(failure('unprocessable', 'structure', 'No resource is left.'));
};
