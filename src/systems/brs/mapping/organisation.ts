import type { Basic, Identifier, Organization } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { normaliseOrganizationIdentifier, organizationSystem } from '../../organizations.ts';
import { isOrganisationValue } from '../message.ts';
import { ORGANISATION_KINDS, type OrganisationKind } from '../message-names.ts';
import { INPUT } from './codes.ts';
import { containedIn, extensionAt, identifiersOf, isInactive, valueIn } from './extensions.ts';
import { finding } from './findings.ts';

export interface Organisation {
  readonly kind: OrganisationKind;
  readonly value: string;
}

const kindOf = ({ system }: Identifier): OrganisationKind | undefined => {
  const kind = organizationSystem(system)?.kind;
  return ORGANISATION_KINDS.find((one) => one === kind);
};

/** By kind in BRS's order of preference; one that the caller's reference names itself goes before all. */
const chosen = (identifiers: readonly Identifier[], own: Identifier | undefined): Identifier | undefined => {
  if (own !== undefined && kindOf(own) !== undefined) return own;
  for (const kind of ORGANISATION_KINDS) {
    const found = identifiers.find((one) => kindOf(one) === kind);
    if (found !== undefined) return found;
  }
  return undefined;
};

const judged = (
  kind: OrganisationKind,
  { system = '', value = '' }: Identifier,
  path: string,
  issues: Issue[],
): Organisation | undefined => {
  const trimmed = value.trim();
  // BRS takes what others do not: a list of SKS codes, each within the next, and the literal 0 for a GLN.
  if ((kind === 'sks' || trimmed === '0') && isOrganisationValue(kind, trimmed)) {
    return { kind, value: trimmed };
  }
  const read = normaliseOrganizationIdentifier(system, value);
  if (read?.ok !== true || !isOrganisationValue(kind, read.value.value)) {
    const fault = read?.ok === false ? read.failure.text : 'does not have the form that BRS demands';
    const why = `The identifier of the organisation ${fault}.`;
    issues.push(finding('organisation-malformed', `${path}.value.identifier`, why));
    return undefined;
  }
  if (read.value.warnings.includes('check-digit')) {
    const why = 'The check digit of the identifier of the organisation is wrong.';
    issues.push(finding('organisation-check-digit', path, why, 'warning'));
  }
  return { kind, value: read.value.value };
};

/** The directory's Organization of a literal reference such as `Organization/12`; undefined: there is none. */
export type Directory = (reference: string) => Organization | undefined;

const NO_DIRECTORY: Directory = () => undefined;

/** The one identifier by which BRS is told the organisation; undefined when a finding says why not. */
export const readOrganisation = (
  basic: Basic,
  now: number,
  issues: Issue[],
  directory = NO_DIRECTORY,
): Organisation | undefined => {
  const placed = extensionAt(basic, INPUT.organisation, issues);
  if (placed === undefined) {
    const why =
      'The organisation in which the relation is sought is missing (extension organisation-identifier).';
    issues.push(finding('organisation-missing', 'Basic.extension', why));
    return undefined;
  }
  const reference = valueIn(placed, 'valueReference', issues);
  if (reference === undefined) return undefined;
  const held = containedIn(basic, reference) ?? directory(reference.reference ?? '');
  if (isInactive(held)) {
    issues.push(finding('organisation-inactive', placed.path, 'The organisation is marked as not active.'));
    return undefined;
  }
  const identifiers = identifiersOf(basic, reference, now, held);
  const one = chosen(identifiers, reference.identifier);
  const kind = one === undefined ? undefined : kindOf(one);
  if (one !== undefined && kind !== undefined) return judged(kind, one, placed.path, issues);
  const isLiteral = identifiers.length === 0 && reference.reference !== undefined;
  issues.push(
    isLiteral
      ? finding(
          'organisation-reference',
          placed.path,
          'The organisation is named by a reference that leads to none here; give the identifier that BRS is to be told.',
        )
      : finding(
          'organisation-not-mappable',
          placed.path,
          'BRS knows organisations by SOR, ydernummer, SKS or GLN; none of these is given.',
        ),
  );
  return undefined;
};
