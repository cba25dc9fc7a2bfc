import type { Failure, Issue } from '../failure.ts';
import type { HeaderValues } from '../headers/values.ts';
import type { Answer } from '../http/answer.ts';
import type { Prefer } from '../http/prefer.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';
import type { Result } from '../result.ts';
import type { AuditEntry } from '../security/audit-entry.ts';
import type { Caller } from '../security/caller.ts';
import type { ScopeGrant } from '../security/scopes.ts';

/** One call that has passed every stage before its interaction. */
export interface Call {
  readonly request: Request;
  /** `https://host/fhir`, without a trailing slash. */
  readonly base: string;
  readonly entry: ResourceEntry;
  readonly interaction: Interaction | 'operation';
  readonly id?: string;
  readonly versionId?: string;
  /** Nothing is stored under the id that is of a kind this caller may reach: to it, nothing is there. */
  readonly unseen?: true;
  /** What is wrong with a resource whose kind cannot be told, where that is the answer (`$validate`). */
  readonly unkinded?: Failure;
  /** Parameters of the URL; those of a POST _search body are in it too. */
  readonly parameters: readonly (readonly [string, string])[];
  /** Number of the Bundle entry that this call is; absent for a call of its own. */
  readonly part?: number;
  /** Absent only under pattern 2.1. */
  readonly authority?: Authority;
  readonly values: HeaderValues;
  readonly prefer: Prefer;
  /** Names of the rules about the patient, for refusals (HEADER_PATIENT_RULES). */
  readonly patientRules: string;
  /** Warnings that the answer carries: of the header rules, of the mapping, of the national system. */
  readonly warnings: Issue[];
}

/** The caller, and how far its role and scopes reach for this interaction. */
export interface Authority {
  readonly caller: Caller;
  /** Keyed hash of issuer, client and subject: never anything that could be read back. */
  readonly callerKey: string;
  /** Every keyed hash the caller may have written under, newest first. */
  readonly callerKeys: readonly string[];
  /** The Patients this call may concern; undefined: any. */
  readonly patients?: readonly string[];
  /** True: only what this caller itself wrote. */
  readonly ownOnly: boolean;
  /** Query-narrowed scopes; the resource must fit at least one. */
  readonly grants: readonly ScopeGrant[];
}

/** What an interaction found out for the audit; the rest comes from the call. */
export interface Trace {
  id?: string;
  version?: number;
  patient?: string;
  /** True when the record is already durable (the delivery writes it with the version). */
  recorded?: boolean;
  /** Nothing was found: an access all the same. */
  empty?: boolean;
}

/** One interaction: an answer or a failure, and what the audit shall say, filled into `trace`. */
export type Handler = (call: Call, trace: Trace) => Promise<Result<Answer, Failure>>;

/** The part of an audit entry that the call itself knows. */
export const auditOf = (call: Call, authority: Authority, at: number, trace: Trace): AuditEntry => {
  const { caller } = authority;
  const { values } = call;
  const id = trace.id ?? call.id;
  const patient = trace.patient ?? values.patientRef;
  const unit = values.orgInfo?.orgenhetsId ?? values.orgInfo?.orgenhetsNamn ?? values.orgInfo?.orgenhetsOrt;
  return {
    at,
    interaction: call.interaction,
    action: ACTION[call.interaction],
    outcome: '0',
    type: call.entry.type,
    callerKey: authority.callerKey,
    role: caller.role,
    clientId: caller.clientId,
    ...(id === undefined ? {} : { id }),
    ...(trace.version === undefined ? {} : { version: trace.version }),
    ...(patient === undefined ? {} : { patient }),
    ...(caller.organization === undefined
      ? {}
      : { organization: `${caller.organization.identifier.system}|${caller.organization.identifier.value}` }),
    ...(values.purpose === undefined ? {} : { purpose: values.purpose }),
    ...(values.access === undefined ? {} : { access: values.access }),
    ...(values.requestId === undefined ? {} : { requestId: values.requestId }),
    ...(values.contextId === undefined ? {} : { contextId: values.contextId }),
    ...(values.userAgent === undefined
      ? {}
      : { userAgent: `${values.userAgent.name}/${values.userAgent.version}` }),
    ...(unit === undefined ? {} : { unit }),
  };
};

/** R4's audit-event-action codes. */
const ACTION = {
  read: 'R',
  vread: 'R',
  'history-instance': 'R',
  'history-type': 'R',
  'history-system': 'R',
  'search-type': 'E',
  create: 'C',
  update: 'U',
  patch: 'U',
  delete: 'D',
  operation: 'E',
} as const satisfies Record<Call['interaction'], AuditEntry['action']>;
