/** Strips R4's StructureDefinitions to the compact form of `fhir/definitions/types.ts`. Build time only. */
import type {
  ElementDefinitionConstraint,
  ElementDefinitionType,
  ElementDefinition as R4Element,
  StructureDefinition,
} from '@medplum/fhirtypes';
import type {
  ConstraintDefinition,
  Definitions,
  ElementDefinition,
  ElementType,
  TypeDefinition,
} from '../fhir/definitions/types.ts';
import type { R4Package } from './r4-package.ts';

const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/';
const FHIR_TYPE = `${STRUCTURE}structuredefinition-fhir-type`;
const BEST_PRACTICE = `${STRUCTURE}elementdefinition-bestpractice`;
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';

/** Always present, checked by the codec or the validator itself. */
const IMPLIED = new Set(['ele-1']);

const lastOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

const targetOf = (url: string): string => (url === `${STRUCTURE}Resource` ? 'Resource' : lastOf(url));

const systemType = (path: string, type: ElementDefinitionType, definition: StructureDefinition): string => {
  if (definition.kind === 'resource' && path.split('.').length === 2) return 'id';
  const stated = type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl;
  return stated ?? 'string';
};

const compactType = (
  path: string,
  type: ElementDefinitionType,
  definition: StructureDefinition,
): ElementType => {
  const code = type.code ?? '';
  const targets = type.targetProfile?.map(targetOf).filter((target) => target !== 'Resource');
  return {
    code: code.startsWith(SYSTEM_TYPE) ? systemType(path, type, definition) : code,
    ...(targets === undefined || targets.length === 0 ? {} : { targets }),
    ...(type.profile === undefined ? {} : { profiles: type.profile.map(lastOf) }),
  };
};

/** Rules that only advise (narrative) are no ground to say anything about a resource. */
const isRule = (constraint: ElementDefinitionConstraint): boolean =>
  !IMPLIED.has(constraint.key ?? '') &&
  constraint.extension?.some((extension) => extension.url === BEST_PRACTICE) !== true;

const keyOf = (constraint: ElementDefinitionConstraint): readonly string[] =>
  constraint.key === undefined ? [] : [constraint.key];

const typesOf = (element: R4Element, definition: StructureDefinition) => {
  const path = element.path ?? '';
  // The value of a primitive has the primitive's own format.
  if (definition.kind === 'primitive-type' && path.endsWith('.value')) return {};
  return element.type === undefined
    ? {}
    : { types: element.type.map((type) => compactType(path, type, definition)) };
};

const bindingOf = (element: R4Element) => {
  const { strength, valueSet } = element.binding ?? {};
  if ((strength !== 'required' && strength !== 'extensible') || valueSet === undefined) return {};
  return { binding: { strength, valueSet: valueSet.split('|')[0] ?? '' } };
};

const representationOf = (element: R4Element) => {
  const representation = element.representation?.[0];
  return representation === 'xmlAttr' || representation === 'xhtml' ? { representation } : {};
};

const compactElement = (element: R4Element, definition: StructureDefinition): ElementDefinition => {
  const constraints = (element.constraint ?? []).filter(isRule).flatMap(keyOf);
  return {
    path: element.path ?? '',
    ...(element.min === 0 || element.min === undefined ? {} : { min: element.min }),
    ...(element.max === '1' || element.max === undefined ? {} : { max: element.max }),
    ...typesOf(element, definition),
    ...(element.contentReference === undefined
      ? {}
      : { contentReference: element.contentReference.slice(element.contentReference.indexOf('#') + 1) }),
    ...bindingOf(element),
    ...(constraints.length === 0 ? {} : { constraints }),
    ...(element.isSummary === true ? { isSummary: true as const } : {}),
    ...(element.isModifier === true ? { isModifier: true as const } : {}),
    ...representationOf(element),
  };
};

const compactStructure = (definition: StructureDefinition): TypeDefinition => {
  const kind = definition.kind === 'logical' ? 'complex-type' : definition.kind;
  return {
    kind,
    ...(definition.abstract ? { abstract: true as const } : {}),
    ...(definition.baseDefinition === undefined ? {} : { base: lastOf(definition.baseDefinition) }),
    elements: (definition.snapshot?.element ?? []).map((element) => compactElement(element, definition)),
  };
};

/** The rules that the elements of a definition state, by key. */
const rulesOf = (definition: StructureDefinition): readonly (readonly [string, ConstraintDefinition])[] =>
  (definition.snapshot?.element ?? [])
    .flatMap((element) => element.constraint ?? [])
    .filter(isRule)
    .flatMap(({ key, severity, human, expression }) =>
      key === undefined || severity === undefined || human === undefined || expression === undefined
        ? []
        : [[key, { severity, human, expression }] as const],
    );

const namesReached = (type: TypeDefinition): readonly string[] => [
  ...(type.base === undefined ? [] : [type.base]),
  ...type.elements.flatMap((element) =>
    (element.types ?? []).flatMap(({ code, profiles }) => [code, ...(profiles ?? [])]),
  ),
];

/** The named types and every type that they reach, in the order of the package. */
export const compactDefinitions = (r4: R4Package, names: readonly string[]): Definitions => {
  const found = new Map<string, TypeDefinition>();
  const rules = new Map<string, ConstraintDefinition>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const definition = r4.structureDefinitions.get(STRUCTURE + name);
    if (definition === undefined) throw new Error(`R4 defines no ${name}`);
    if (found.has(name)) continue;
    const compact = compactStructure(definition);
    found.set(name, compact);
    waiting.push(...namesReached(compact));
    for (const [key, rule] of rulesOf(definition)) {
      const known = rules.get(key);
      if (known !== undefined && known.expression !== rule.expression) {
        throw new Error(`${key} means two things`);
      }
      rules.set(key, rule);
    }
  }
  const sorted = <T>(map: ReadonlyMap<string, T>): Record<string, T> =>
    Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { fhirVersion: '4.0.1', constraints: sorted(rules), types: sorted(found) };
};
