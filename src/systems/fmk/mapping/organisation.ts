import type { Address, ContactPoint, Identifier, Organization, Reference } from '@medplum/fhirtypes';
import {
  normaliseOrganizationIdentifier,
  type OrganizationIdentifier,
  type OrganizationIdentifierKind,
  organizationKey,
} from '../../organizations.ts';
import type { Organisation } from '../message.ts';
import { FMK_ORGANISATION_TYPE, FMK_ORGANISATION_TYPES } from './codes.ts';
import { followOrganization, type Holder, inUse, type MappingContext } from './context.ts';
import { finding } from './findings.ts';
import { normalisePhone } from './normalise.ts';

/** An organisation as the mapping sees it: a resource, or what a logical reference says of it. */
interface Facts {
  readonly identifiers: readonly Identifier[];
  readonly name: string | undefined;
  readonly resource: Organization | undefined;
  readonly path: string;
}

/** Which identifier FMK is told, the first that there is; and the Type that goes with it in real use. */
export const PRECEDENCE: readonly (readonly [OrganizationIdentifierKind, string | undefined])[] = [
  ['gln', 'Apotek'],
  ['yder', 'Yder'],
  ['sks', 'Sygehus'],
  ['kommunekode', 'Kommune'],
  ['sor', undefined],
  ['cvr', undefined],
];

type Known = OrganizationIdentifier & { readonly path: string };

const knownIdentifiers = ({ identifiers, path }: Facts, context: MappingContext): readonly Known[] =>
  identifiers.flatMap((identifier, index) => {
    if (!inUse(identifier, context.now)) return [];
    const read = normaliseOrganizationIdentifier(identifier.system, identifier.value ?? '');
    if (read === undefined) return [];
    const at = `${path}.identifier[${index}]`;
    if (!read.ok) {
      const why = `The identifier ${read.failure.text}.`;
      context.issues.push(finding('organization-identifier-malformed', `${at}.value`, why));
      return [];
    }
    return [{ ...read.value, path: at }];
  });

const chooseIdentifier = (facts: Facts, context: MappingContext): Known | undefined => {
  const { issues } = context;
  const before = issues.length;
  const known = knownIdentifiers(facts, context);
  // A malformed one may be the very one that FMK is told.
  if (issues.length > before) return undefined;
  for (const [kind] of PRECEDENCE) {
    const [first, ...more] = known.filter((one) => one.kind === kind);
    if (first === undefined) continue;
    if (more.some((one) => organizationKey(one) !== organizationKey(first))) {
      const why = `The organisation has two different identifiers of the kind ${first.row.name}.`;
      issues.push(finding('organization-identifier-contradiction', `${facts.path}.identifier`, why));
    }
    if (first.warnings.includes('check-digit') && kind !== 'cvr') {
      const why = `The check digit of the ${first.row.name} is wrong.`;
      issues.push(finding('organization-identifier-check-digit', `${first.path}.value`, why, 'warning'));
    }
    return first;
  }
  const why =
    'FMK knows the organisation of the creator by GLN (pharmacies), ydernummer, SKS, kommunekode, SOR or CVR; it has none of them.';
  issues.push(finding('organization-identifier-missing', `${facts.path}.identifier`, why));
  return undefined;
};

const givenType = ({ resource, path }: Facts, context: MappingContext): string | undefined => {
  const codings = resource?.type?.flatMap(({ coding }) => coding ?? []) ?? [];
  const type = codings.find(({ system }) => system === FMK_ORGANISATION_TYPE)?.code;
  if (type === undefined) return undefined;
  const at = `${path}.type`;
  if (type === 'Lægepraksis') {
    const why = 'Lægepraksis is no type of FMK; a general practice is Yder.';
    context.issues.push(finding('organization-type-invalid', at, why));
  } else if (type.length > 100) {
    const why = 'A type has at most 100 characters.';
    context.issues.push(finding('organization-type-invalid', at, why));
  } else if (!FMK_ORGANISATION_TYPES.includes(type)) {
    const why = "The type is not in FMK's list, which is an open one; it is sent as it is.";
    context.issues.push(finding('organization-type-unknown', at, why, 'warning'));
  }
  return type;
};

/** A type that is not told by the kind of identifier must be told by the Organization. */
const chooseType = (facts: Facts, identifier: Known, context: MappingContext): string | undefined => {
  const { issues } = context;
  const type = givenType(facts, context);
  const at = `${facts.path}.type`;
  if (type === 'Apotek' && identifier.kind !== 'gln') {
    const why = 'FMK takes a pharmacy (Apotek) as creator only with its GLN (EAN-Lokationsnummer).';
    issues.push(finding('organization-type-identifier', `${facts.path}.identifier`, why));
  }
  if (identifier.kind === 'cvr' && type !== 'Administrator') {
    const why =
      'An organisation known by CVR alone is taken as Administrator only, and only if Organization.type says so; a pharmacy needs its GLN.';
    issues.push(finding('organization-type-cvr', at, why));
    return undefined;
  }
  const implied = PRECEDENCE.find(([kind]) => kind === identifier.kind)?.[1];
  if (type !== undefined || implied !== undefined) return type ?? implied;
  const why = `The type of an organisation known by ${identifier.row.name} alone must be given (system ${FMK_ORGANISATION_TYPE}).`;
  issues.push(finding('organization-type-missing', at, why));
  return undefined;
};

const chooseName = ({ name, path }: Facts, context: MappingContext): string | undefined => {
  const text = name?.trim() ?? '';
  if (text === '') {
    context.issues.push(
      finding('organization-name-missing', `${path}.name`, 'The name of the organisation is missing.'),
    );
    return undefined;
  }
  if (text.length > 200) {
    const why = 'The name of an organisation has at most 200 characters.';
    context.issues.push(finding('organization-name-too-long', `${path}.name`, why));
  }
  return text;
};

const MOST_LINES = 5;
const LINE = 100;

const linesOf = (address: Address | undefined): readonly string[] => {
  if (address === undefined) return [];
  const place = [address.postalCode, address.city].filter((part) => part !== undefined).join(' ');
  const parts = [...(address.line ?? []), place].map((line) => line.trim()).filter((line) => line !== '');
  return parts.length === 0 && address.text !== undefined
    ? address.text.split(/\r?\n/).flatMap((line) => line.trim() || [])
    : parts;
};

const addressLines = ({ resource, path }: Facts, context: MappingContext): readonly string[] => {
  const { issues, settings } = context;
  const index = resource?.address?.findIndex(({ use }) => use !== 'old') ?? -1;
  const all = linesOf(resource?.address?.[index]);
  const at = `${path}.address[${index}].line`;
  const lines =
    settings.addressLines === 'join' && all.length > MOST_LINES
      ? [...all.slice(0, MOST_LINES - 1), all.slice(MOST_LINES - 1).join(', ')]
      : all;
  if (lines.length > MOST_LINES) {
    const why = 'FMK takes at most five address lines, postal code and city among them.';
    issues.push(finding('address-lines', at, why));
  }
  if (lines.some((line) => line.length > LINE)) {
    issues.push(finding('address-line-too-long', at, 'An address line has at most 100 characters.'));
  }
  return lines;
};

const firstOf = (
  { resource, path }: Facts,
  system: ContactPoint['system'],
): { readonly value: string; readonly path: string } | undefined => {
  const index = resource?.telecom?.findIndex((one) => one.system === system && one.use !== 'old') ?? -1;
  const value = resource?.telecom?.[index]?.value?.trim();
  return value === undefined || value === '' ? undefined : { value, path: `${path}.telecom[${index}].value` };
};

const telephone = (facts: Facts, context: MappingContext): Pick<Organisation, 'TelephoneNumber'> => {
  const given = firstOf(facts, 'phone');
  if (given === undefined) return {};
  const TelephoneNumber = normalisePhone(given.value);
  if (TelephoneNumber !== undefined) return { TelephoneNumber };
  const why =
    'A telephone number is a plus sign or none and 3 to 20 digits; extensions and text cannot be sent.';
  context.issues.push(finding('phone-malformed', given.path, why));
  return {};
};

const email = (facts: Facts, context: MappingContext): Pick<Organisation, 'EmailAddress'> => {
  const given = firstOf(facts, 'email');
  if (given === undefined) return {};
  const { length } = given.value;
  if (length < 6) {
    const why = 'An e-mail address has at least 6 characters.';
    context.issues.push(finding('email-malformed', given.path, why));
  }
  if (length > 256) {
    const why = 'An e-mail address has at most 256 characters.';
    context.issues.push(finding('email-too-long', given.path, why));
  }
  return { EmailAddress: given.value };
};

const factsOf = (
  reference: Reference,
  holder: Holder,
  path: string,
  context: MappingContext,
): Facts | undefined => {
  const { issues } = context;
  const before = issues.length;
  const found =
    reference.reference === undefined ? undefined : followOrganization(reference, holder, path, context);
  if (found === undefined && reference.reference !== undefined) {
    if (issues.length === before) {
      issues.push(finding('reference-not-supported', path, 'The reference leads to no Organization.'));
    }
    return undefined;
  }
  const own = reference.identifier === undefined ? [] : [reference.identifier];
  const resource = found?.resource;
  if (resource?.active === false) {
    issues.push(finding('organization-inactive', path, 'The organisation is not active.'));
  }
  return {
    identifiers: [...(resource?.identifier ?? []), ...own],
    name: resource?.name ?? reference.display,
    resource,
    path: found?.path ?? path,
  };
};

/** `Organisation` of a modificator, from what a reference leads to; undefined after a finding. */
export const readOrganisation = (
  reference: Reference | undefined,
  holder: Holder,
  path: string,
  context: MappingContext,
): Organisation | undefined => {
  if (reference === undefined || (reference.reference ?? reference.identifier) === undefined) {
    const why = 'The organisation that the creator acts for is missing.';
    context.issues.push(finding('organization-missing', path, why));
    return undefined;
  }
  const facts = factsOf(reference, holder, path, context);
  if (facts === undefined) return undefined;
  const identifier = chooseIdentifier(facts, context);
  const type = identifier === undefined ? undefined : chooseType(facts, identifier, context);
  const name = chooseName(facts, context);
  const rest = {
    AddressLine: addressLines(facts, context),
    ...telephone(facts, context),
    ...email(facts, context),
  };
  const source = identifier?.row.fmkSource;
  if (identifier === undefined || source === undefined || type === undefined || name === undefined) {
    return undefined;
  }
  return { Identifier: { source, value: identifier.value }, Type: type, Name: name, ...rest };
};
