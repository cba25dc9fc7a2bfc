import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import {
  alternativesOf,
  type Content,
  contentOf,
  contentOfType,
} from '../../../src/fhir/definitions/elements.ts';
import { DEFINITIONS } from '../../../src/fhir/definitions/index.ts';
import type { ElementDefinition } from '../../../src/fhir/definitions/types.ts';
import { isObject, type JsonObject } from '../../../src/fhir/validate/walk.ts';

/** A value in a resource and the constraints that R4 states on it. */
export interface Instance {
  readonly path: string;
  readonly type: string;
  readonly value: unknown;
  readonly keys: readonly string[];
  /** The resource around it. */
  readonly resource: JsonObject;
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const rootKeys = (content: Content): readonly string[] =>
  DEFINITIONS.types[content.type]?.elements.find(({ path }) => path === content.path)?.constraints ?? [];

/** Every element of a resource, found through the definitions alone. */
export const instancesOf = (resource: JsonObject): readonly Instance[] => {
  const found: Instance[] = [];
  const visit = (value: unknown, content: Content, path: string, keys: readonly string[]): void => {
    const type = content.path.includes('.') ? content.path : content.type;
    found.push({ path, type, value, keys: [...new Set([...keys, ...rootKeys(content)])], resource });
    if (!isObject(value)) return;
    for (const element of DEFINITIONS.types[content.type]?.elements ?? []) {
      const name = element.path.slice(content.path.length + 1);
      if (!element.path.startsWith(`${content.path}.`) || name.includes('.')) continue;
      visitChildren(value, element, content, path);
    }
  };
  const visitChildren = (parent: JsonObject, element: ElementDefinition, content: Content, path: string) => {
    for (const { name, type } of alternativesOf(element)) {
      if (parent[name] === undefined || type?.code === 'Resource') continue;
      const below = contentOf(DEFINITIONS, content, element, type?.code);
      const places = listed(parent[name]);
      places.forEach((value, i) => {
        const place = `${path}.${name}${Array.isArray(parent[name]) ? `[${i}]` : ''}`;
        if (DEFINITIONS.types[type?.code ?? '']?.kind === 'primitive-type') {
          found.push({
            path: place,
            type: type?.code ?? '',
            value,
            keys: element.constraints ?? [],
            resource,
          });
        } else visit(value, below, place, element.constraints ?? []);
      });
    }
  };
  const type = String(resource['resourceType']);
  visit(resource, contentOfType(DEFINITIONS, type), type, []);
  return found;
};

/**
 * What fhirpath.js, another engine than the server's, says of a constraint: an empty answer (undefined) is
 * neither yes nor no. R4 writes `as()` for a filter of many (dom-3), which FHIRPath now calls `ofType()`.
 */
export const oracleHolds = (expression: string, { type, value, resource }: Instance): boolean | undefined => {
  const answer: unknown = fhirpath.evaluate(
    value,
    {
      base: type,
      expression: expression.replaceAll(/descendants\(\)\.as\((\w+)\)/g, 'descendants().ofType($1)'),
    },
    { resource, rootResource: resource, ucum: 'http://unitsofmeasure.org' },
    r4,
    { async: false, traceFn: () => {} },
  );
  return Array.isArray(answer) && answer.length > 0 ? answer[0] === true : undefined;
};
