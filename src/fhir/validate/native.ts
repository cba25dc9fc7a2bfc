import { narrativeFault } from './narrative.ts';
import { isObject, type JsonObject, type Walk } from './walk.ts';

/**
 * The invariants that nearly every resource meets, written out because they are asked thousands of times a
 * second, and the few that the FHIRPath engine cannot evaluate. Each is bound to R4's own expression: a
 * definition with another expression under the same key goes to FHIRPath, and a test compares both.
 */
export interface NativeInvariant {
  readonly key: string;
  readonly expression: string;
  readonly holds: (value: JsonObject, walk: Walk) => boolean;
}

export interface NativePrimitiveInvariant {
  readonly key: string;
  readonly expression: string;
  readonly holds: (value: unknown) => boolean;
}

/** FHIRPath's `exists()` on a member that may be a primitive with nothing but extensions. */
const exists = (value: JsonObject, name: string): boolean =>
  value[name] !== undefined || value[`_${name}`] !== undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const contained = (value: JsonObject): readonly unknown[] => listOf(value['contained']);

const metaOf = (resource: unknown): JsonObject | undefined => {
  const meta = isObject(resource) ? resource['meta'] : undefined;
  return isObject(meta) ? meta : undefined;
};

/** True when some string below `value` is exactly `text`. */
const mentions = (value: unknown, text: string): boolean => {
  if (typeof value === 'string') return value === text;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((member) => mentions(member, text));
};

const isReferred = (resource: unknown, container: JsonObject): boolean => {
  const id = isObject(resource) ? resource['id'] : undefined;
  if (typeof id !== 'string') return true;
  return mentions(container, `#${id}`) || mentions(resource, '#');
};

/** One form of `ppc-2` to `ppc-5`: a scope of this (placeholder) system and code asks for a patient. */
const needsPatient = (key: string, code: string): NativeInvariant => ({
  key,
  expression: `patient.exists() or scope.coding.where(system='something' and code='${code}').exists().not()`,
  holds: (value) => {
    if (exists(value, 'patient')) return true;
    const scope = value['scope'];
    return !listOf(isObject(scope) ? scope['coding'] : undefined).some(
      (coding) => isObject(coding) && coding['system'] === 'something' && coding['code'] === code,
    );
  },
});

/**
 * Start and end of a period compare as far as both say: an end of 2012-02-03 includes every time of that day
 * (https://hl7.org/fhir/R4/datatypes.html#Period).
 */
const isOrdered = (start: unknown, end: unknown): boolean => {
  if (typeof start !== 'string' || typeof end !== 'string') return true;
  if (start.length > 10 && end.length > 10) return !(Date.parse(start) > Date.parse(end));
  const length = Math.min(start.length, end.length, 10);
  return start.slice(0, length) <= end.slice(0, length);
};

const hasValueMember = (value: JsonObject): boolean => {
  for (const name in value) {
    if ((name.startsWith('value') || name.startsWith('_value')) && value[name] !== undefined) return true;
  }
  return false;
};

const conceptCodes = (concepts: unknown): readonly unknown[] =>
  listOf(concepts).flatMap((concept) =>
    isObject(concept) ? [concept['code'], ...conceptCodes(concept['concept'])] : [],
  );

const isDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

const isWithoutHome = (value: JsonObject): boolean => value['use'] !== 'home';

const narrativeOf = (div: unknown) => (typeof div === 'string' ? narrativeFault(div) : undefined);

export const NATIVE: readonly NativeInvariant[] = [
  {
    key: 'ext-1',
    expression: 'extension.exists() != value.exists()',
    holds: (value) => (value['extension'] !== undefined) !== hasValueMember(value),
  },
  {
    key: 'ref-1',
    expression:
      "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
    holds: (value, walk) => {
      const reference = value['reference'];
      if (typeof reference !== 'string' || !reference.startsWith('#')) return true;
      // A lone "#" is how a contained resource refers to its container.
      if (reference === '#') return true;
      const id = reference.slice(1);
      return contained(walk.root).some((resource) => isObject(resource) && resource['id'] === id);
    },
  },
  {
    key: 'dom-2',
    expression: 'contained.contained.empty()',
    holds: (value) =>
      value['contained'] === undefined ||
      !contained(value).some((resource) => isObject(resource) && resource['contained'] !== undefined),
  },
  {
    key: 'dom-3',
    expression:
      "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
    holds: (value) =>
      value['contained'] === undefined || contained(value).every((resource) => isReferred(resource, value)),
  },
  {
    key: 'dom-4',
    expression: 'contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()',
    holds: (value) =>
      value['contained'] === undefined ||
      contained(value).every((resource) => {
        const meta = metaOf(resource);
        return meta === undefined || !(exists(meta, 'versionId') || exists(meta, 'lastUpdated'));
      }),
  },
  {
    key: 'dom-5',
    expression: 'contained.meta.security.empty()',
    holds: (value) =>
      value['contained'] === undefined ||
      contained(value).every((resource) => metaOf(resource)?.['security'] === undefined),
  },
  {
    key: 'per-1',
    expression: 'start.hasValue().not() or end.hasValue().not() or (start <= end)',
    holds: (value) => isOrdered(value['start'], value['end']),
  },
  {
    key: 'att-1',
    expression: 'data.empty() or contentType.exists()',
    holds: (value) => !exists(value, 'data') || exists(value, 'contentType'),
  },
  {
    key: 'cpt-2',
    expression: 'value.empty() or system.exists()',
    holds: (value) => !exists(value, 'value') || exists(value, 'system'),
  },
  {
    key: 'qty-3',
    expression: 'code.empty() or system.exists()',
    holds: (value) => !exists(value, 'code') || exists(value, 'system'),
  },
  {
    key: 'ppc-1',
    expression: 'policy.exists() or policyRule.exists()',
    holds: (value) => exists(value, 'policy') || exists(value, 'policyRule'),
  },
  needsPatient('ppc-2', 'patient-privacy'),
  needsPatient('ppc-3', 'research'),
  needsPatient('ppc-4', 'adr'),
  needsPatient('ppc-5', 'treatment'),
  {
    key: 'org-1',
    expression: '(identifier.count() + name.count()) > 0',
    holds: (value) => exists(value, 'identifier') || exists(value, 'name'),
  },
  { key: 'org-2', expression: "where(use = 'home').empty()", holds: isWithoutHome },
  { key: 'org-3', expression: "where(use = 'home').empty()", holds: isWithoutHome },
  {
    key: 'inv-1',
    expression:
      '(part.exists() and value.empty() and resource.empty()) or (part.empty() and (value.exists() xor resource.exists()))',
    holds: (value) =>
      Number(exists(value, 'part')) + Number(hasValueMember(value)) + Number(exists(value, 'resource')) === 1,
  },
  {
    key: 'sev-1',
    expression: 'name.empty() or query.empty()',
    holds: (value) => !exists(value, 'name') || !exists(value, 'query'),
  },
  {
    key: 'csd-1',
    expression: 'concept.code.combine($this.descendants().concept.code).isDistinct()',
    holds: (value) => isDistinct(conceptCodes(value['concept'])),
  },
  {
    key: 'sdf-9',
    expression:
      "children().element.where(path.contains('.').not()).label.empty() and children().element.where(path.contains('.').not()).code.empty() and children().element.where(path.contains('.').not()).requirements.empty()",
    holds: (value) =>
      ['snapshot', 'differential']
        .flatMap((view) => {
          const part = value[view];
          return listOf(isObject(part) ? part['element'] : undefined);
        })
        .every((element) => {
          if (!isObject(element) || String(element['path']).includes('.')) return true;
          return !['label', 'code', 'requirements'].some((name) => exists(element, name));
        }),
  },
];

/** Invariants of primitive elements: what they are asked about is a JSON string, not an object. */
export const NATIVE_PRIMITIVE: readonly NativePrimitiveInvariant[] = [
  { key: 'txt-1', expression: 'htmlChecks()', holds: (div) => narrativeOf(div) !== 'markup' },
  { key: 'txt-2', expression: 'htmlChecks()', holds: (div) => narrativeOf(div) !== 'empty' },
];
