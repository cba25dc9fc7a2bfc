import { type Failure, failure } from '../../failure.ts';
import { isMembers, isSame, type MutableObject, ownMember } from './json-value.ts';

/** What only the server writes, or what would make it another resource. */
const PROTECTED = ['resourceType', 'id', 'meta.versionId', 'meta.lastUpdated'] as const;

const valueIn = (resource: MutableObject, path: string): unknown => {
  let value: unknown = resource;
  for (const name of path.split('.')) value = isMembers(value) ? ownMember(value, name) : undefined;
  return value;
};

/** The protected elements that differ, or whose companion (`_id`) does. */
const touched = (before: MutableObject, after: unknown): readonly string[] => {
  if (!isMembers(after)) return ['resourceType'];
  return PROTECTED.filter((path) =>
    [path, path.replace(/\w+$/, '_$&')].some((one) => !isSame(valueIn(before, one), valueIn(after, one))),
  );
};

/** Refuses, by name, an operation after which a protected element is not what it was. */
export const refuseTouched = (
  before: MutableObject,
  after: unknown,
  operation: string,
  expression?: string,
): Failure | undefined => {
  const paths = touched(before, after);
  if (paths.length === 0) return undefined;
  return failure(
    'unprocessable',
    'business-rule',
    `${operation} changes ${paths.join(' and ')}, which a patch may not.`,
    expression === undefined ? {} : { expression: [expression] },
  );
};
