import type { Consent, Identifier, Reference } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import {
  checkPersonNumber,
  isPersonSystem,
  normalisePersonNumber,
  personSystem,
  type SystemValue,
} from '../../identifiers.ts';
import { containedIn, identifiersOf, inUse, literalType, type MappingContext } from './context.ts';
import { finding } from './findings.ts';

/** The identifiers that a reference carries itself or by the contained resource it points to. */
const identifiersAt = (consent: Consent, reference: Reference): readonly Identifier[] => {
  const contained = identifiersOf(containedIn(consent, reference.reference));
  return reference.identifier === undefined ? contained : [reference.identifier, ...contained];
};

const ELEVEN_DIGITS = /^\d{11}$/;
const MAPPABLE: ReadonlySet<string | undefined> = new Set(['fodselsnummer', 'd-nummer']);

const isMappable = (identifier: Identifier): boolean => MAPPABLE.has(personSystem(identifier.system)?.kind);

const judgeNumber = (
  identifier: Identifier,
  context: MappingContext,
  issues: Issue[],
): string | undefined => {
  const path = 'Consent.patient.identifier.value';
  const { system = '', value = '' } = identifier;
  // No white space is taken away here: PVK takes eleven digits and nothing else.
  const number = ELEVEN_DIGITS.test(value) ? normalisePersonNumber(system, value) : undefined;
  if (number?.ok !== true) {
    const why = 'The number is not well-formed: 11 digits, a D-number beginning with 4, 5, 6 or 7.';
    issues.push(finding('patient-number-malformed', path, why));
    return undefined;
  }
  if (checkPersonNumber(number.value.system, number.value.value) === 'check-digit') {
    const severity = context.settings.checkDigits === 'refuse' ? 'error' : 'warning';
    issues.push(finding('patient-check-digits', path, 'The check digits of the number are wrong.', severity));
  }
  return number.value.value;
};

/** innbyggerFnr of the Consent's patient; undefined when a finding says why not. */
export const readPatient = (
  consent: Consent,
  context: MappingContext,
  issues: Issue[],
): string | undefined => {
  const { patient } = consent;
  const given = patient === undefined ? [] : identifiersAt(consent, patient);
  const usable = given.filter((identifier) => inUse(identifier, context.now));
  const mappable = usable.filter(isMappable);
  const [first] = mappable;
  if (first === undefined) {
    const foreign = usable.some(({ system }) => isPersonSystem(system));
    const why = foreign
      ? 'PVK knows persons by fødselsnummer or D-number; this kind of number it cannot take.'
      : 'The fødselsnummer or D-number of the patient is missing.';
    const name = foreign ? 'patient-number-not-supported' : 'patient-missing';
    issues.push(finding(name, foreign ? 'Consent.patient.identifier' : 'Consent.patient', why));
    return undefined;
  }
  if (mappable.some(({ value }) => value !== first.value)) {
    const why = 'The patient is given with different numbers.';
    issues.push(finding('patient-contradiction', 'Consent.patient', why));
    return undefined;
  }
  return judgeNumber(first, context, issues);
};

const personOf = (consent: Consent, reference: Reference | undefined): SystemValue | undefined => {
  if (reference === undefined) return undefined;
  for (const { system, value } of identifiersAt(consent, reference)) {
    const number = normalisePersonNumber(system ?? '', value ?? '');
    if (number.ok) return number.value;
  }
  return undefined;
};

const same = (a: SystemValue | undefined, b: SystemValue | undefined): boolean =>
  a !== undefined && b !== undefined && a.system === b.system && a.value === b.value;

/** Whether two Consents are about the same person: by number, or by reference where a number is missing. */
export const samePatient = (a: Consent, b: Consent): boolean => {
  const [left, right] = [personOf(a, a.patient), personOf(b, b.patient)];
  if (left !== undefined && right !== undefined) return same(left, right);
  const reference = a.patient?.reference;
  return reference !== undefined && !reference.startsWith('#') && reference === b.patient?.reference;
};

type PerformerKind = 'patient' | 'related-person' | 'other';

const performerKind = (consent: Consent, performer: Reference): PerformerKind => {
  const { reference } = performer;
  const contained = containedIn(consent, reference);
  const literal = reference?.startsWith('#') ? undefined : literalType(reference);
  const type = contained?.resourceType ?? literal ?? performer.type;
  const person = personOf(consent, performer);
  const isPatient =
    same(person, personOf(consent, consent.patient)) ||
    (reference !== undefined && reference === consent.patient?.reference);
  if (isPatient && (type === undefined || type === 'Patient')) return 'patient';
  // A literal RelatedPerson is stored nowhere here; it is known by its number alone.
  if (person === undefined) return 'other';
  return type === 'RelatedPerson' || (type === undefined && reference === undefined)
    ? 'related-person'
    : 'other';
};

/** Who gave the consent is kept, not sent: the patient, or somebody who acts for the patient. */
export const judgePerformers = (consent: Consent, issues: Issue[]): void => {
  for (const [index, performer] of (consent.performer ?? []).entries()) {
    if (performerKind(consent, performer) !== 'other') continue;
    const why =
      'The performer is the patient, or a RelatedPerson (contained, or by identity number) who represents the patient.';
    issues.push(finding('performer-not-supported', `Consent.performer[${index}]`, why));
  }
};

/** Who writes, as far as a performer is judged by it. */
export interface Writer {
  readonly role: string;
  readonly person?: SystemValue | undefined;
}

const REPRESENTING: ReadonlySet<string> = new Set(['guardian', 'agent']);

/**
 * What the token has to say about the performers: a RelatedPerson stands only in a Consent that a guardian or
 * an agent writes, and is that very person. The mapping itself knows no token, so the write path asks this.
 */
export const judgePerformersBy = (consent: Consent, writer: Writer): readonly Issue[] => {
  const issues: Issue[] = [];
  for (const [index, performer] of (consent.performer ?? []).entries()) {
    if (performerKind(consent, performer) !== 'related-person') continue;
    const path = `Consent.performer[${index}]`;
    if (!REPRESENTING.has(writer.role)) {
      const why = 'A RelatedPerson as performer needs the token of a guardian or an agent.';
      issues.push(finding('performer-not-supported', path, why));
    } else {
      const { system = '', value = '' } = writer.person ?? {};
      const person = normalisePersonNumber(system, value);
      if (person.ok && same(personOf(consent, performer), person.value)) continue;
      const why = 'The RelatedPerson is not the person whom the token names.';
      issues.push(finding('performer-not-caller', path, why));
    }
  }
  return issues;
};
