import type { Basic, Identifier } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { isPersonSystem, normalisePersonNumber, personSystem } from '../../identifiers.ts';
import { CPR } from '../message.ts';
import { AUTHORISATION_SYSTEMS, INPUT } from './codes.ts';
import { extensionAt, identifiersOf, valueIn } from './extensions.ts';
import { type BrsMappingIssue, finding } from './findings.ts';

interface Words {
  readonly who: string;
  readonly missing: BrsMappingIssue;
  readonly malformed: BrsMappingIssue;
  readonly notSupported: BrsMappingIssue;
  readonly contradiction: BrsMappingIssue;
}

const PATIENT: Words = {
  who: 'patient',
  missing: 'patient-missing',
  malformed: 'patient-number-malformed',
  notSupported: 'patient-number-not-supported',
  contradiction: 'patient-contradiction',
};

const PROFESSIONAL: Words = {
  who: 'health professional',
  missing: 'professional-missing',
  malformed: 'professional-number-malformed',
  notSupported: 'professional-number-not-supported',
  contradiction: 'professional-contradiction',
};

const NOBODY = '0000000000';

/** The CPR among identifiers; undefined when a finding says why there is none. */
const cprAmong = (
  given: readonly Identifier[],
  path: string,
  words: Words,
  issues: Issue[],
): string | undefined => {
  const persons = given.filter(({ system }) => isPersonSystem(system));
  const cprs = persons.filter(({ system }) => personSystem(system)?.kind === 'cpr');
  if (cprs.length === 0) {
    const foreign = persons.length > 0;
    const why = foreign
      ? `BRS knows the ${words.who} by CPR number; this kind of number it cannot take.`
      : `The CPR number of the ${words.who} is missing.`;
    issues.push(finding(foreign ? words.notSupported : words.missing, path, why));
    return undefined;
  }
  const read = cprs.map(({ system = '', value = '' }) => normalisePersonNumber(system, value));
  const numbers = read.flatMap((one) => (one.ok && CPR.test(one.value.value) ? [one.value.value] : []));
  const [number] = numbers;
  if (number === undefined || numbers.length < cprs.length || number === NOBODY) {
    const why = `The CPR number of the ${words.who} is not well-formed: ten digits that begin with a day.`;
    issues.push(finding(words.malformed, path, why));
    return undefined;
  }
  if (new Set(numbers).size > 1) {
    issues.push(finding(words.contradiction, path, `The ${words.who} is given with different numbers.`));
    return undefined;
  }
  return number;
};

/** PatientCpr. */
export const readPatient = (basic: Basic, now: number, issues: Issue[]): string | undefined =>
  cprAmong(identifiersOf(basic, basic.subject, now), 'Basic.subject', PATIENT, issues);

/** What is known of the clinician. */
export interface Professional {
  readonly cpr: string | undefined;
  /** Authorisation codes that come with the references. */
  readonly authorisations: readonly string[];
}

const authorisationsIn = (identifiers: readonly Identifier[]): readonly string[] =>
  identifiers.flatMap(({ system, value }) =>
    system !== undefined && AUTHORISATION_SYSTEMS.has(system) && value !== undefined ? [value.trim()] : [],
  );

/** HealthProfessionalCpr: the extension's, or the author's; both only if they agree. */
export const readProfessional = (basic: Basic, now: number, issues: Issue[]): Professional => {
  const placed = extensionAt(basic, INPUT.healthProfessional, issues);
  const reference = valueIn(placed, 'valueReference', issues);
  const own = identifiersOf(basic, reference, now);
  const author = identifiersOf(basic, basic.author, now);
  const authorisations = authorisationsIn([...own, ...author]);
  if (placed === undefined) {
    return { cpr: cprAmong(author, 'Basic.author', PROFESSIONAL, issues), authorisations };
  }
  const cpr = reference === undefined ? undefined : cprAmong(own, placed.path, PROFESSIONAL, issues);
  const authorHasCpr = author.some(({ system }) => personSystem(system)?.kind === 'cpr');
  const authors = authorHasCpr ? cprAmong(author, 'Basic.author', PROFESSIONAL, issues) : undefined;
  if (cpr !== undefined && authors !== undefined && cpr !== authors) {
    const why = 'The author and the health professional have different numbers.';
    issues.push(finding('professional-contradiction', placed.path, why));
  }
  return { cpr, authorisations };
};
