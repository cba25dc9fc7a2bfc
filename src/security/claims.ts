import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import { kindOfRole } from './access.ts';
import {
  type ActingOrganization,
  type Caller,
  ROLES,
  type Role,
  type SmartScope,
  type SystemValue,
} from './caller.ts';
import { NLL_ROLE, type NllRoleRule, nllRole } from './nll-role.ts';
import { SAMBI_CLAIMS } from './saml/sambi.ts';
import { parseScopes, scopesOf } from './scopes.ts';
import {
  type ClaimPath,
  type Claims,
  claimAt,
  type IdentifierClaim,
  identifierAt,
  identifiersAt,
  levelAt,
  textAt,
  textsAt,
} from './token/claim-reader.ts';

/** A claim whose value, or one of whose values, names the role; the table's first match holds. */
export interface NamedRoleRule {
  readonly claim: ClaimPath;
  readonly values: Readonly<Record<string, Role>>;
}

/** Where one issuer's tokens say what a Caller needs. */
export interface ClaimMapping {
  readonly subject: ClaimPath;
  readonly clientId: ClaimPath;
  readonly role: NamedRoleRule | NllRoleRule;
  /** One text with spaces, or a list. */
  readonly scope: ClaimPath;
  /** What a token without that claim may do: nothing, or all that its role can use. */
  readonly withoutScope: 'none' | 'role';
  /** Logical id of the holder's own Patient; else `person` is looked up in the index. */
  readonly patient?: ClaimPath;
  /** Logical ids of the Patients that a guardian or agent acts for. */
  readonly represents?: ClaimPath;
  /** The holder's national identity number. */
  readonly person: readonly IdentifierClaim[];
  /** National identity numbers of those that a guardian or agent acts for, looked up in the index. */
  readonly representedPersons: readonly IdentifierClaim[];
  /** The acting organisation; the first that is there. */
  readonly organization: readonly IdentifierClaim[];
  readonly loa?: ClaimPath;
}

/** This project's own claim names: what the sandbox issuer writes, and the default for any other. */
export const OWN_CLAIMS: ClaimMapping = {
  subject: 'sub',
  clientId: 'client_id',
  role: {
    claim: 'facade_role',
    values: Object.fromEntries(ROLES.map((role) => [role, role])),
  },
  scope: 'scope',
  withoutScope: 'none',
  patient: 'patient',
  represents: 'represents',
  person: [{ claim: 'person' }],
  representedPersons: [],
  organization: [{ claim: 'organization' }],
  loa: 'loa',
};

/** NLL's access tokens: they know no scopes, the role alone decides. */
export const NLL_CLAIMS: ClaimMapping = {
  subject: 'sub',
  clientId: 'client_id',
  role: NLL_ROLE,
  scope: 'scope',
  withoutScope: 'role',
  person: [
    { claim: 'personalIdentityNumber', system: 'http://electronichealth.se/identifier/personnummer' },
    { claim: 'FORSKRIVARKOD', system: 'http://electronichealth.se/identifier/forskrivarkod' },
  ],
  representedPersons: [],
  organization: [
    { claim: 'VARDGIVARE', system: 'urn:oid:2.5.4.97' },
    { claim: 'pharmacyIdentifier', system: 'http://electronichealth.se/identifier/gln' },
  ],
  loa: 'loa',
};

/** The mappings that TOKEN_ISSUERS may name instead of spelling one out. */
export const CLAIM_MAPPINGS = { own: OWN_CLAIMS, nll: NLL_CLAIMS, sambi: SAMBI_CLAIMS } as const;

export type MappingName = keyof typeof CLAIM_MAPPINGS;

/** A Caller, and the persons whose Patients are still to be looked up. */
export interface MappedCaller {
  readonly caller: Caller;
  readonly representedPersons: readonly SystemValue[];
}

const roleOf = (rule: NamedRoleRule | NllRoleRule, claims: Claims): Role | undefined => {
  if ('derive' in rule) return nllRole(rule, claims);
  const said = new Set(textsAt(claims, rule.claim));
  return Object.entries(rule.values).find(([value]) => said.has(value))?.[1];
};

const scopesIn = (mapping: ClaimMapping, claims: Claims, role: Role): readonly SmartScope[] => {
  // An empty claim is not an absent one: it grants nothing.
  const absent = claimAt(claims, mapping.scope) === undefined;
  if (absent) return mapping.withoutScope === 'role' ? scopesOf(role) : [];
  return parseScopes(textsAt(claims, mapping.scope).join(' '));
};

const organizationOf = (mapping: ClaimMapping, claims: Claims): ActingOrganization | undefined => {
  const found = identifierAt(claims, mapping.organization);
  if (found === undefined) return undefined;
  const { name, ...identifier } = found;
  return name === undefined ? { identifier } : { identifier, name };
};

const REFERENCE = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/;

const patientIds = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => REFERENCE.exec(text)?.[1]).filter((id) => id !== undefined);

/** What a token may leave out. */
const optionalParts = (mapping: ClaimMapping, claims: Claims) => {
  const person = identifierAt(claims, mapping.person);
  const [patient] = patientIds(textsAt(claims, mapping.patient));
  const organization = organizationOf(mapping, claims);
  const loa = levelAt(claims, mapping.loa);
  return {
    ...(person === undefined ? {} : { person: { system: person.system, value: person.value } }),
    ...(patient === undefined ? {} : { patient }),
    ...(organization === undefined ? {} : { organization }),
    ...(loa === undefined ? {} : { loa }),
  };
};

/**
 * Reads verified claims as a Caller.
 *
 * @param expiresAt milliseconds since the epoch
 * @returns failure `forbidden` when the claims give no role or name nobody: the token is genuine, but it opens
 *   nothing here
 */
export const mapClaims = (
  mapping: ClaimMapping,
  issuer: string,
  claims: Claims,
  expiresAt: number,
): Result<MappedCaller, Failure> => {
  const named = textAt(claims, mapping.subject);
  const clientId = textAt(claims, mapping.clientId) ?? named;
  const subject = named ?? clientId;
  if (subject === undefined || clientId === undefined) {
    return fail(failure('forbidden', 'forbidden', 'The token names neither a subject nor a client.'));
  }
  const role = roleOf(mapping.role, claims);
  if (role === undefined) {
    return fail(failure('forbidden', 'forbidden', 'The token gives no role that this server knows.'));
  }
  const caller: Caller = {
    issuer,
    clientId,
    subject,
    role,
    kind: kindOfRole(role),
    represents: patientIds(textsAt(claims, mapping.represents)),
    scopes: scopesIn(mapping, claims, role),
    expiresAt,
    ...optionalParts(mapping, claims),
  };
  return ok({ caller, representedPersons: identifiersAt(claims, mapping.representedPersons) });
};

/** Logical id of the Patient with this identity number; undefined when the index has none. */
export type ResolvePatient = (person: SystemValue) => Promise<string | undefined>;

/**
 * Looks up the Patients behind the identity numbers of a private person's token; other roles need none. A person
 * unknown to the index stays without a Patient, and so reaches no data.
 *
 * @returns the caller, and whether everybody was found (else another look may find more)
 */
export const completeCaller = async (
  { caller, representedPersons }: MappedCaller,
  resolve: ResolvePatient,
): Promise<{ readonly caller: Caller; readonly complete: boolean }> => {
  if (caller.kind !== 'mediated') return { caller, complete: true };
  const own = caller.patient ?? (caller.person && (await resolve(caller.person)));
  const found = await Promise.all(representedPersons.map(resolve));
  const represents = [...new Set([...caller.represents, ...found.filter((id) => id !== undefined)])];
  const complete = (own !== undefined || caller.person === undefined) && !found.includes(undefined);
  return { caller: { ...caller, represents, ...(own === undefined ? {} : { patient: own }) }, complete };
};
