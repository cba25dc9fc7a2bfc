import type { Basic, Identifier } from '@medplum/fhirtypes';
import { CERTIFICATE_ISSUE } from '../../certificates/findings.ts';
import { CVR_SYSTEM, normaliseOrganizationIdentifier, organizationSystem } from '../../organizations.ts';
import { followOrganization, inUse, type MappingContext, typeOf } from './context.ts';
import { finding } from './findings.ts';

const SUBJECT = 'Basic.subject';

interface Candidate {
  readonly cvr: string;
  readonly path: string;
}

const isCvr = ({ system }: Identifier): boolean => organizationSystem(system)?.kind === 'cvr';

const candidatesIn = (
  identifiers: readonly Identifier[],
  path: (index: number) => string,
  context: MappingContext,
): readonly Candidate[] =>
  identifiers.flatMap((identifier, index) => {
    if (!isCvr(identifier) || !inUse(identifier, context.now)) return [];
    const read = normaliseOrganizationIdentifier(identifier.system, identifier.value ?? '');
    if (read === undefined) return [];
    const at = `${path(index)}.value`;
    if (!read.ok) {
      context.issues.push(finding('cvr-malformed', at, `The CVR ${read.failure.text}.`));
      return [];
    }
    return [{ cvr: read.value.value, path: at }];
  });

/** The CVR numbers of the subject: of its identifier, and of the Organization it refers to. */
const subjectCandidates = (basic: Basic, context: MappingContext): readonly Candidate[] => {
  const { subject } = basic;
  if (subject === undefined) return [];
  const { issues } = context;
  const type = typeOf(subject);
  if (type !== undefined && type !== 'Organization') {
    const why = 'The subject is the organisation whose system is to be whitelisted.';
    issues.push(finding('reference-not-supported', SUBJECT, why));
    return [];
  }
  const own = subject.identifier === undefined ? [] : [subject.identifier];
  const holder = { contained: basic.contained ?? [], path: 'Basic' };
  const before = issues.length;
  const found =
    subject.reference === undefined ? undefined : followOrganization(subject, holder, SUBJECT, context);
  if (found === undefined && subject.reference !== undefined && issues.length === before) {
    issues.push(
      finding('reference-not-supported', `${SUBJECT}.reference`, 'The subject is no Organization.'),
    );
  }
  if (found?.resource.active === false) {
    issues.push(finding('organization-inactive', SUBJECT, 'The organisation is not active.'));
  }
  return [
    ...candidatesIn(own, () => `${SUBJECT}.identifier`, context),
    ...candidatesIn(
      found?.resource.identifier ?? [],
      (index) => `${found?.path}.identifier[${index}]`,
      context,
    ),
  ];
};

const missing = (basic: Basic, context: MappingContext): void => {
  const { issues } = context;
  const told = issues.some(
    ({ severity, details }) =>
      severity === 'error' &&
      (details?.system === CERTIFICATE_ISSUE || /^(?:cvr|reference)-/.test(details?.code ?? '')),
  );
  if (told) return;
  const given = organizationSystem(basic.subject?.identifier?.system);
  if (given !== undefined) {
    const why = `FMK takes only a CVR number for the organisation of a whitelisting (source="CVR"), no ${given.name}.`;
    issues.push(finding('cvr-only', `${SUBJECT}.identifier.system`, why));
    return;
  }
  const why = `The CVR number of the organisation is missing (system ${CVR_SYSTEM}).`;
  issues.push(finding('cvr-missing', SUBJECT, why));
};

/**
 * The CVR of the organisation whose system is whitelisted: from the subject, else from the certificate. A wrong
 * check digit is a warning: FMK's own example has one.
 */
export const readCvr = (
  basic: Basic,
  derived: readonly string[],
  context: MappingContext,
): string | undefined => {
  const { issues } = context;
  const candidates = subjectCandidates(basic, context);
  const [first] = candidates;
  const cvr = first?.cvr ?? derived[0];
  if (cvr === undefined) {
    missing(basic, context);
    return undefined;
  }
  if (candidates.some((one) => one.cvr !== cvr) || derived.some((one) => one !== cvr)) {
    const why = 'Subject, certificate and FocesId name different CVR numbers.';
    issues.push(finding('cvr-contradiction', first?.path ?? SUBJECT, why));
  }
  const given = basic.subject?.identifier;
  if (given !== undefined && !isCvr(given)) {
    const why =
      'The CVR number takes the place of this identifier, by which FMK does not know a whitelisting.';
    issues.push(finding('subject-identifier-replaced', `${SUBJECT}.identifier`, why, 'warning'));
  }
  const read = normaliseOrganizationIdentifier(CVR_SYSTEM, cvr);
  if (read?.ok === true && read.value.warnings.includes('check-digit')) {
    const why = 'The CVR number fails modulus 11. FMK does not check it, so it is sent as it is.';
    issues.push(finding('cvr-check-digit', first?.path ?? SUBJECT, why, 'warning'));
  }
  return cvr;
};
