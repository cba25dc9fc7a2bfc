import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Caller, CallerKind, Role } from './caller.ts';

/** What the contract's table "Who may do what" distinguishes; the kinds of Basic are their own. */
export type ResourceKind =
  | 'Consent'
  | 'treatment-relation'
  | 'foces-whitelisting'
  | 'efrikort-connection'
  | 'Organization'
  | 'Patient'
  | 'Provenance'
  | 'AuditEvent'
  /** A type of FACADE_EXTRA_TYPES. */
  | 'extra';

/**
 * `read` is read, vread, history of one resource, and search; `write` is create, update, patch, delete and the
 * operations that change state; `history` is that of a whole type (or, for the kind `server`, of everything);
 * `poll` is `$poll-notifications`.
 */
export type AccessAction = 'read' | 'write' | 'history' | 'poll';

/**
 * How far a role reaches: `own` is what concerns the caller's own Patient, `represented` what concerns those it
 * acts for, `written-by-self` what its own calls wrote.
 */
export type Reach = 'all' | 'own' | 'represented' | 'written-by-self';

type Cells = Partial<Readonly<Record<AccessAction, Reach>>>;
type Row = Partial<Readonly<Record<ResourceKind | 'server', Cells>>>;

const READ_WRITE: Cells = { read: 'all', write: 'all' };
const EVERYONE: Row = { Organization: { read: 'all' } };

const CARE: Row = {
  ...EVERYONE,
  Consent: READ_WRITE,
  'treatment-relation': READ_WRITE,
  Patient: { read: 'all' },
  Provenance: { read: 'written-by-self' },
};

const PHARMACY: Row = {
  ...EVERYONE,
  'foces-whitelisting': READ_WRITE,
  Provenance: { read: 'written-by-self' },
};

const REPRESENTATIVE: Row = {
  ...EVERYONE,
  Consent: { read: 'represented', write: 'represented' },
  Patient: { read: 'represented' },
};

const SYSTEM: Cells = { read: 'all', write: 'all', history: 'all' };

/** A cell that is absent means no. */
const TABLE: Readonly<Record<Role, Row>> = {
  prescriber: CARE,
  nurse: CARE,
  'pharmacist-care': CARE,
  dietitian: CARE,
  pharmacist: PHARMACY,
  'pharmacy-staff': PHARMACY,
  citizen: { ...EVERYONE, Consent: { read: 'own', write: 'own' }, Patient: { read: 'own' } },
  guardian: REPRESENTATIVE,
  agent: REPRESENTATIVE,
  system: {
    Organization: SYSTEM,
    Consent: SYSTEM,
    'efrikort-connection': SYSTEM,
    extra: SYSTEM,
    'foces-whitelisting': { read: 'all', history: 'all' },
    'treatment-relation': { poll: 'all' },
    // X-PatientRef is the id in this index, and a system must send it too; written as an extra type only.
    Patient: SYSTEM,
    server: { history: 'all' },
  },
  auditor: { ...EVERYONE, AuditEvent: { read: 'all' }, Provenance: { read: 'all' } },
};

const KIND_OF_ROLE: Readonly<Record<Role, CallerKind>> = {
  prescriber: 'care',
  nurse: 'care',
  'pharmacist-care': 'care',
  dietitian: 'care',
  pharmacist: 'pharmacy',
  'pharmacy-staff': 'pharmacy',
  citizen: 'mediated',
  guardian: 'mediated',
  agent: 'mediated',
  system: 'machine',
  auditor: 'machine',
};

/** What the X-Org-Info rule sees in a role. */
export const kindOfRole = (role: Role): CallerKind => KIND_OF_ROLE[role];

/** Roles that act for others: their Patients are those the token says they represent. */
const REPRESENTATIVES: ReadonlySet<Role> = new Set<Role>(['guardian', 'agent']);

const VERB: Readonly<Record<AccessAction, string>> = {
  read: 'read',
  write: 'write',
  history: 'read the whole history of',
  poll: 'poll the notifications of',
};

const NAME_OF_KIND: Readonly<Partial<Record<ResourceKind | 'server', string>>> = {
  extra: 'this type',
  server: 'the server',
};

/**
 * What a role may do with a kind of resource, whatever the token's scopes say (they narrow it further).
 *
 * @returns the reach, which the caller of this function applies; or failure `forbidden`, whose text depends on
 *   role, kind and action alone and so tells nothing about what is stored
 */
export const mayDo = (
  caller: Pick<Caller, 'role'>,
  kind: ResourceKind | 'server',
  action: AccessAction,
): Result<Reach, Failure> => {
  const reach = TABLE[caller.role][kind]?.[action];
  if (reach !== undefined) return ok(reach);
  const text = `The role ${caller.role} may not ${VERB[action]} ${NAME_OF_KIND[kind] ?? kind}.`;
  const details = { system: codeSystem('header-issue'), code: 'combination-not-allowed' };
  return fail(failure('forbidden', 'forbidden', text, { details }));
};

/** Ids of the Patients whose data a private person's call may touch; `any` for every other role. */
export const patientsWithin = (
  caller: Pick<Caller, 'role' | 'patient' | 'represents'>,
): 'any' | readonly string[] =>
  KIND_OF_ROLE[caller.role] === 'mediated' ? patientsInContext(caller) : 'any';

/** Ids of the Patients that a `patient/` scope covers: the caller's own, or those it acts for. */
export const patientsInContext = (
  caller: Pick<Caller, 'role' | 'patient' | 'represents'>,
): readonly string[] => {
  if (REPRESENTATIVES.has(caller.role)) return caller.represents;
  return caller.patient === undefined ? [] : [caller.patient];
};

/**
 * Whether the call may touch what concerns this Patient.
 *
 * @param patient its logical id; undefined when the resource concerns none
 * @returns failure `forbidden`, the same whether or not that Patient or its data exist
 */
export const checkPatient = (
  caller: Pick<Caller, 'role' | 'patient' | 'represents'>,
  patient: string | undefined,
): Result<void, Failure> => {
  const within = patientsWithin(caller);
  if (within === 'any' || (patient !== undefined && within.includes(patient))) return ok(undefined);
  const text = `The role ${caller.role} reaches only the patients that its token names.`;
  const details = { system: codeSystem('header-issue'), code: 'patient-mismatch' };
  return fail(failure('forbidden', 'forbidden', text, { details }));
};
