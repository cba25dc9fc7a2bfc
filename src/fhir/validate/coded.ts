import type { ValueSets } from '../definitions/types.ts';
import type { Check } from './members.ts';
import { isObject, type Walk } from './walk.ts';

/** More codes than these are not listed in an answer. */
const LISTED = 20;

const isOf = (codes: ValueSets[string], coding: unknown): boolean => {
  if (!isObject(coding)) return false;
  const { system, code } = coding;
  if (typeof system !== 'string' || typeof code !== 'string' || !Object.hasOwn(codes, system)) return false;
  return codes[system]?.includes(code) === true;
};

/**
 * A required binding of a CodeableConcept: one of its codings is of the value set; a text alone is none. What holds
 * extensions only (why there is none, say) has no code that could be another.
 * https://hl7.org/fhir/R4/terminologies.html#required
 */
export const checkCoded =
  (check: Check, valueSet: string, codes: ValueSets[string]): Check =>
  (value: unknown, walk: Walk) => {
    check(value, walk);
    if (!isObject(value)) return;
    const { coding, text } = value;
    if (coding === undefined && text === undefined) return;
    if (Array.isArray(coding) && coding.some((one) => isOf(codes, one))) return;
    const listed = Object.values(codes).flat();
    const choice = listed.length <= LISTED ? `; allowed: ${listed.join(' | ')}` : '';
    walk.fault('code-invalid', `No code of ${valueSet} is given${choice}.`);
  };
