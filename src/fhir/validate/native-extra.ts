import { isSame } from '../patch/json-value.ts';
import type { NativeInvariant } from './native.ts';
import { isObject, type JsonObject } from './walk.ts';

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const membersOf = (value: unknown, name: string): readonly unknown[] =>
  isObject(value) ? listOf(value[name]) : [];

/** Every `linkId` below an element. */
const linkIdsOf = (value: unknown): readonly unknown[] =>
  membersOf(value, 'item').flatMap((item) => [
    isObject(item) ? item['linkId'] : undefined,
    ...linkIdsOf(item),
  ]);

const hasValue = (value: JsonObject): boolean =>
  Object.keys(value).some((name) => /^_?value[A-Z]/.test(name));

/** Invariants of extra types that the FHIRPath engine answers wrongly; like those of `native.ts`. */
export const NATIVE_EXTRA: readonly NativeInvariant[] = [
  {
    key: 'que-2',
    expression: 'descendants().linkId.isDistinct()',
    holds: (value) => {
      const linkIds = linkIdsOf(value).filter((linkId) => linkId !== undefined);
      return new Set(linkIds).size === linkIds.length;
    },
  },
  {
    key: 'obs-7',
    expression:
      'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()',
    holds: (value, walk) => {
      if (!hasValue(value)) return true;
      const codings = membersOf(walk.resource['code'], 'coding');
      return !membersOf(value, 'component').some((component) =>
        membersOf(isObject(component) ? component['code'] : undefined, 'coding').some((coding) =>
          codings.some((one) => isSame(one, coding)),
        ),
      );
    },
  },
];
