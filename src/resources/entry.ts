import type { Provenance, Resource } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../failure.ts';
import type { Pattern } from '../headers/pattern.ts';
import type { Result } from '../result.ts';
import type { Caller, SystemValue } from '../security/caller.ts';
import type { JsonValue, Plan, Preview, SystemName, SystemWrite } from '../systems/system.ts';

/** R4's RESTful interactions, by R4's codes. https://hl7.org/fhir/R4/valueset-type-restful-interaction.html */
export type Interaction =
  | 'read'
  | 'vread'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'search-type';

/** Which row of the contract's "who may do what" a resource falls under. */
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
  | 'extra'
  /** The server as a whole: its history. */
  | 'server';

/**
 * One resource type the server offers. The table of these feeds the router, the CapabilityStatement and the
 * tests, so that none of them can drift.
 */
export interface ResourceEntry {
  readonly type: string;
  readonly kind: ResourceKind;
  readonly interactions: readonly Interaction[];
  /** Profile that every instance is held to. */
  readonly profile?: string;
  /** Pattern of read, vread, history and search; writes are always 2.3. */
  readonly pattern: Pattern;
  /** Holds or confirms personal data: every access is audited, and nothing of it may be cached. */
  readonly confidential: boolean;
  /** Each instance concerns one Patient: private persons and `patient/` scopes see their own only. */
  readonly patientBound?: true;
  /** Search parameters offered, `_id` and `_lastUpdated` included. */
  readonly searchParameters: readonly string[];
  /** Brings a search value into the form that is stored, where clients may write it otherwise. */
  readonly searchValue?: (name: string, value: string) => string;
  /** Search parameters by which a professional is found by a national identity number (POST _search only). */
  readonly numbered?: readonly string[];
  /** For readers of the CapabilityStatement, Markdown. */
  readonly documentation: string;
  readonly write?: WriteRules;
  /** A PUT to an id that is not there makes it (R4's update as create): for what only the facade holds. */
  readonly updateCreate?: true;
  /** What a create would send, for `$preview`; absent where no national system is told. */
  readonly preview?: (request: JsonValue) => Preview;
  /** Where a create sends nothing by itself: what the resource would lead to being sent, for `$preview`. */
  readonly previewLater?: (resource: Resource) => Promise<Result<Preview, Failure>>;
  /** For a type whose instances are of several kinds (Basic, by its code): an entry for each. */
  readonly kinds?: Kinds;
  /** Search parameters that hold for every search of this entry: what makes a resource one of its kind. */
  readonly narrowedBy?: readonly (readonly [name: string, value: string])[];
  /** The national system that is not configured: writes answer 501, and the CapabilityStatement is silent. */
  readonly unconfigured?: string;
}

/** What a connected national system makes of an entry. */
export type ConnectedParts = Pick<ResourceEntry, 'write' | 'preview' | 'previewLater'> & {
  readonly write: WriteRules;
};

/** The kinds of a type, and what tells them apart. */
export interface Kinds {
  /** One for each kind, all of the same type. */
  readonly entries: readonly ResourceEntry[];
  /** The search parameter that names a kind. */
  readonly parameter: string;
  /** The kind that a resource says it is. Failure `unprocessable`: it says none, or more than one. */
  readonly of: (resource: object) => Result<ResourceEntry, Failure>;
  /** The one kind that a search asks for; undefined: none, or several. */
  readonly named: (parameters: readonly (readonly [string, string])[]) => ResourceEntry | undefined;
}

/** What a plan may look at besides the write itself. */
export interface PlanGiven {
  /** X-Provenance, as it was sent. */
  readonly provenance?: Omit<Provenance, 'target' | 'recorded'>;
  /** What the store holds under a literal reference such as `Organization/12`; undefined: nothing. */
  readonly resolve: (reference: string) => Resource | undefined;
}

/** Who has the national system check a request, and for how long it may take. */
export interface Preflight {
  readonly caller: Caller;
  /** X-Request-ID of the call; '' when it has none. */
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** What a write of this type means; pure but for what it is handed. */
export interface WriteRules {
  /** The element that names the patient; absent where no patient is concerned. */
  readonly patient?: 'patient' | 'subject';
  /** Each resource is itself the Patient it concerns. */
  readonly isPatient?: true;
  /** The identity number under which the patient index shall know a created Patient; undefined: none. */
  readonly numberOf?: (resource: Resource) => SystemValue | undefined;
  /** The national system that is told first; absent for what only the facade holds. */
  readonly system?: SystemName;
  /** Every fault of mapping at once; the plan's resource is in the form that is stored. */
  readonly plan: (write: SystemWrite<Resource>, given: PlanGiven) => Result<Plan<Resource>, Failure>;
  /** Types whose literal references the plan wants resolved. */
  readonly resolves?: readonly string[];
  /**
   * The last step before the claim, with what came along in the call's headers: the plan to carry out instead,
   * perhaps with further warnings. Nothing has been stored or sent; a failure ends the call.
   */
  readonly attach?: (plan: Plan<Resource>, headers: Headers) => Promise<Result<Plan<Resource>, Failure>>;
  /**
   * The national system's own check of what a create would send, where it has one: `$validate` with remote=true.
   * Nothing is changed there. Failures are those of asking it.
   */
  readonly preflight?: (request: JsonValue, asked: Preflight) => Promise<Result<readonly Issue[], Failure>>;
  /** At most one live resource may have the same one. */
  readonly uniqueKey?: (resource: Resource) => string | undefined;
  /**
   * What a create with the key of a live resource comes to, whatever it says: a 409, or the live one as the answer.
   * Absent: the same content is set again, another one is a 409.
   */
  readonly duplicate?: 'refuse' | 'existing';
  /** Do these two say the same, but for what the server itself writes? */
  readonly sameContent: (a: Resource, b: Resource) => boolean;
  /** True when a write over this version must say which version it saw (428 otherwise). */
  readonly needsIfMatch?: (current: Resource, incoming: Resource | undefined) => boolean;
  /** May the organisation of this caller do this? */
  readonly mayAct?: (caller: Caller, resource: Resource) => Failure | undefined;
  /** Faults that only the caller and the resource together have, e.g. a performer that is not the caller. */
  readonly checkCaller?: (caller: Caller, resource: Resource) => readonly Issue[];
}
