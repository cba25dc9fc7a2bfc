import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Caller, Role, SmartScope } from './caller.ts';

/** SMART v2's five: create, read (with vread and instance history), update, delete, search (with type history). */
export type ScopeAction = 'c' | 'r' | 'u' | 'd' | 's';

/**
 * One way in which the scopes allow an interaction. With neither restriction it allows it for every resource of
 * the type. A call must fit at least one of those it was given.
 */
export interface ScopeGrant {
  /** From a `patient/` scope: only resources of the caller's own patient, or of those it acts for. */
  readonly patientOnly: boolean;
  /** From `?…`: only resources that match these search parameters, all of them. */
  readonly query?: Readonly<Record<string, string>>;
}

// https://hl7.org/fhir/smart-app-launch/STU2/scopes-and-launch-context.html
const SCOPE = /^(patient|user|system)\/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?(.+))?$/;

/** What version 1 said, in version 2's letters. */
const V1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

const isContext = (text: string | undefined): text is SmartScope['context'] =>
  text === 'patient' || text === 'user' || text === 'system';

/** A parameter said twice means both at once, which a record cannot hold: such a scope is not understood. */
const parseQuery = (text: string): Readonly<Record<string, string>> | undefined => {
  const entries = [...new URLSearchParams(text)];
  const names = new Set(entries.map(([name]) => name));
  const sound =
    entries.length > 0 && names.size === entries.length && entries.every(([name, v]) => name && v);
  return sound ? Object.fromEntries(entries) : undefined;
};

/** One scope; undefined for what is not about resources (`openid`) or not understood: it then allows nothing. */
export const parseScope = (text: string): SmartScope | undefined => {
  const [, context, type, verbs, narrowing] = SCOPE.exec(text) ?? [];
  if (!isContext(context) || type === undefined || verbs === undefined || verbs === '') return undefined;
  const actions = V1[verbs] ?? verbs;
  if (narrowing === undefined) return { context, type, actions };
  const query = parseQuery(narrowing);
  return query === undefined ? undefined : { context, type, actions, query };
};

/** The resource scopes of a `scope` claim, in order. */
export const parseScopes = (text: string): readonly SmartScope[] =>
  text
    .split(/\s+/)
    .map(parseScope)
    .filter((scope) => scope !== undefined);

/** Prints a scope as SMART v2 writes it. */
export const formatScope = ({ context, type, actions, query }: SmartScope): string =>
  `${context}/${type}.${actions}${query === undefined ? '' : `?${new URLSearchParams(query)}`}`;

const CARE = 'user/Consent.cruds user/Basic.cruds user/Patient.rs user/Provenance.rs user/Organization.rs';
const PHARMACY = 'user/Basic.cruds user/Provenance.rs user/Organization.rs';
const MEDIATED = 'patient/Consent.cruds patient/Patient.rs user/Organization.rs';

const SCOPES_OF_ROLE: Readonly<Record<Role, readonly SmartScope[]>> = {
  prescriber: parseScopes(CARE),
  nurse: parseScopes(CARE),
  'pharmacist-care': parseScopes(CARE),
  dietitian: parseScopes(CARE),
  pharmacist: parseScopes(PHARMACY),
  'pharmacy-staff': parseScopes(PHARMACY),
  citizen: parseScopes(MEDIATED),
  guardian: parseScopes(MEDIATED),
  agent: parseScopes(MEDIATED),
  system: parseScopes('system/*.cruds'),
  auditor: parseScopes('system/AuditEvent.rs system/Provenance.rs system/Organization.rs'),
};

/** All scopes a role can use: what a sandbox token without `scope` carries. */
export const scopesOf = (role: Role): readonly SmartScope[] => SCOPES_OF_ROLE[role];

const grantOf = ({ context, query }: SmartScope): ScopeGrant => ({
  patientOnly: context === 'patient',
  ...(query === undefined ? {} : { query }),
});

const sameQuery = (left: ScopeGrant, right: ScopeGrant): boolean =>
  JSON.stringify(left.query) === JSON.stringify(right.query);

/** Whether everything that `narrow` allows is allowed by `wide` too. */
const covers = (wide: ScopeGrant, narrow: ScopeGrant): boolean =>
  (!wide.patientOnly || narrow.patientOnly) && (wide.query === undefined || sameQuery(wide, narrow));

const REFUSED = { system: codeSystem('header-issue'), code: 'combination-not-allowed' };

/**
 * What the caller's scopes allow of one interaction, without those that another one covers: a single
 * unrestricted grant when there is one.
 *
 * @param type resource type, e.g. `Consent`
 * @returns failure `forbidden` when no scope allows it
 */
export const allows = (
  caller: Pick<Caller, 'scopes'>,
  type: string,
  action: ScopeAction,
): Result<readonly ScopeGrant[], Failure> => {
  let grants: readonly ScopeGrant[] = [];
  for (const scope of caller.scopes) {
    if ((scope.type !== type && scope.type !== '*') || !scope.actions.includes(action)) continue;
    const grant = grantOf(scope);
    if (grants.some((other) => covers(other, grant))) continue;
    grants = [...grants.filter((other) => !covers(grant, other)), grant];
  }
  if (grants.length > 0) return ok(grants);
  return fail(
    failure('forbidden', 'forbidden', `No scope of the token allows it; it takes ${type}.${action}.`, {
      details: REFUSED,
    }),
  );
};

/**
 * Whether one resource is within the grants.
 *
 * @param patients ids of the Patients that a `patient/` scope of this caller covers (`patientsInContext`)
 * @param resource its patient, and whether it matches a narrowed scope's search parameters
 */
export const grantsCover = (
  grants: readonly ScopeGrant[],
  patients: readonly string[],
  resource: {
    readonly patient?: string;
    readonly matches: (query: Readonly<Record<string, string>>) => boolean;
  },
): boolean =>
  grants.some(
    (grant) =>
      (!grant.patientOnly || (resource.patient !== undefined && patients.includes(resource.patient))) &&
      (grant.query === undefined || resource.matches(grant.query)),
  );

/** Two grants that differ in the value of one parameter only are one, with both values (FHIR's "or"). */
const merge = (left: ScopeGrant, right: ScopeGrant): ScopeGrant | undefined => {
  if (left.patientOnly !== right.patientOnly || left.query === undefined || right.query === undefined) {
    return undefined;
  }
  const names = Object.keys(left.query);
  if (names.length !== Object.keys(right.query).length) return undefined;
  const differing = names.filter((name) => left.query?.[name] !== right.query?.[name]);
  const [name] = differing;
  if (name === undefined) return left;
  const theirs = right.query[name];
  if (differing.length > 1 || theirs === undefined) return undefined;
  return { ...left, query: { ...left.query, [name]: `${left.query[name]},${theirs}` } };
};

/**
 * The one restriction that a search adds to its own criteria: parameters as further criteria, and the patients.
 * Never wider than the scopes: several grants that do not make one criterion are refused.
 *
 * @returns failure `forbidden` when the search cannot be narrowed to what the scopes allow
 */
export const searchNarrowing = (grants: readonly ScopeGrant[]): Result<ScopeGrant, Failure> => {
  const [first, ...rest] = grants;
  const one = rest.reduce<ScopeGrant | undefined>((sum, grant) => sum && merge(sum, grant), first);
  if (one !== undefined) return ok(one);
  const text =
    'The scopes of the token allow parts of this type that cannot be searched at once; ask for one.';
  return fail(failure('forbidden', 'forbidden', text, { details: REFUSED }));
};
