/** Cuts R4's search parameters down to some types. Build time only. */
import type { SearchParameter } from '@medplum/fhirtypes';
import type { SearchParameterDefinition } from '../fhir/definitions/types.ts';
import type { R4Package } from './r4-package.ts';

/** R4 declares parameters on these for every resource. */
const ANCESTORS = ['Resource', 'DomainResource'];

/** R4 spells "any resource" as a list of them all. */
const ANY_TARGET = 100;

/** The parts of a union (`A.x | B.y`), split outside parentheses. */
const unionParts = (expression: string): readonly string[] => {
  const parts: string[] = [''];
  let depth = 0;
  for (const char of expression) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char === '|' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + char);
  }
  return parts.map((part) => part.trim());
};

/** The resource type a part starts from: `(Observation.value as Quantity)` starts from Observation. */
const startOf = (part: string): string | undefined => /^\(*([A-Z][A-Za-z]*)\b/.exec(part)?.[1];

const compact = (
  parameter: SearchParameter,
  types: ReadonlySet<string>,
): SearchParameterDefinition | undefined => {
  const base = parameter.base.filter((type) => types.has(type));
  if (base.length === 0) return undefined;
  const kept = unionParts(parameter.expression ?? '').filter((part) => {
    const start = startOf(part);
    return start === undefined || types.has(start);
  });
  const expression = kept.filter((part) => part !== '').join(' | ');
  return {
    code: parameter.code,
    type: parameter.type,
    base,
    ...(expression === '' ? {} : { expression }),
    ...(parameter.target === undefined || parameter.target.length > ANY_TARGET
      ? {}
      : { target: parameter.target }),
    ...(parameter.component === undefined
      ? {}
      : {
          components: parameter.component.map((component) => ({
            definition: component.definition,
            expression: component.expression,
          })),
        }),
  };
};

export const compactSearchParameters = (
  r4: R4Package,
  types: readonly string[],
): readonly SearchParameterDefinition[] => {
  const wanted = new Set([...types, ...ANCESTORS]);
  return r4.searchParameters
    .flatMap((parameter) => compact(parameter, wanted) ?? [])
    .sort((a, b) => a.code.localeCompare(b.code, 'en') || `${a.base}`.localeCompare(`${b.base}`, 'en'));
};
