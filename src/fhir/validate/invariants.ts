import type { FhirPathAtom } from '@medplum/core';
import type { ConstraintDefinition } from '../definitions/types.ts';
import { fhirPath } from '../fhirpath.ts';
import { NATIVE, NATIVE_PRIMITIVE } from './native.ts';
import { NATIVE_EXTRA } from './native-extra.ts';
import { isObject, type Walk } from './walk.ts';

/** One constraint, compiled: asked for the element that it is stated on. */
export interface Invariant {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** R4's sentence, in its own words. */
  readonly human: string;
  readonly holds: (value: unknown, walk: Walk) => boolean;
}

const UCUM = { type: 'string', value: 'http://unitsofmeasure.org' };

/** FHIRPath of an expression over a value of a type; parsed at first use, since most are never asked. */
const throughFhirPath = (
  { expression, severity }: ConstraintDefinition,
  type: string,
): ((value: unknown, walk: Walk) => boolean) => {
  let parsed: FhirPathAtom | undefined;
  return (value, walk) => {
    const { evalFhirPathTyped, parseFhirPath, toTypedValue } = fhirPath();
    parsed ??= parseFhirPath(expression);
    const context = { type, value };
    try {
      const answer = evalFhirPathTyped(parsed, [context], {
        '%context': context,
        '%resource': toTypedValue(walk.resource),
        '%rootResource': toTypedValue(walk.root),
        '%ucum': UCUM,
      });
      // An empty answer is not "true"; for an advice it is no ground to advise.
      return answer.length === 0 ? severity === 'warning' : answer.length === 1 && answer[0]?.value === true;
    } catch {
      // The engine gives up on values of the wrong kind, which have been reported as such.
      return walk.malformed;
    }
  };
};

const native = (key: string, { expression }: ConstraintDefinition) => {
  const isIt = (entry: { readonly key: string; readonly expression: string }): boolean =>
    entry.key === key && entry.expression === expression;
  const onObject = (NATIVE.find(isIt) ?? NATIVE_EXTRA.find(isIt))?.holds;
  if (onObject !== undefined) {
    return (value: unknown, walk: Walk) => !isObject(value) || onObject(value, walk);
  }
  return NATIVE_PRIMITIVE.find(isIt)?.holds;
};

/**
 * A constraint ready to be asked.
 * @param type The FHIR type of the element it is stated on.
 */
export const compileInvariant = (key: string, rule: ConstraintDefinition, type: string): Invariant => ({
  key,
  severity: rule.severity,
  human: rule.human,
  holds: native(key, rule) ?? throughFhirPath(rule, type),
});

/** Asks every invariant of the present place and reports those that do not hold. */
export const askInvariants = (invariants: readonly Invariant[], value: unknown, walk: Walk): void => {
  for (const invariant of invariants) {
    if (!invariant.holds(value, walk)) {
      walk.breach(invariant.severity, 'invariant', `${invariant.key}: ${invariant.human}`);
    }
  }
};
