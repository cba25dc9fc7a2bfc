import type { Resource } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../failure.ts';
import type { Pattern } from '../headers/pattern.ts';
import type { Result } from '../result.ts';
import type { Caller } from '../security/caller.ts';
import type { Plan, SystemName, SystemWrite } from '../systems/system.ts';

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
  /** For readers of the CapabilityStatement, Markdown. */
  readonly documentation: string;
  readonly write?: WriteRules;
  /** The national system that is not configured: writes answer 501, and the CapabilityStatement is silent. */
  readonly unconfigured?: string;
}

/** What a write of this type means; pure but for what it is handed. */
export interface WriteRules {
  /** The element that names the patient; absent where no patient is concerned. */
  readonly patient?: 'patient' | 'subject';
  /** Each resource is itself the Patient it concerns. */
  readonly isPatient?: true;
  /** The national system that is told first; absent for what only the facade holds. */
  readonly system?: SystemName;
  /** Every fault of mapping at once; the plan's resource is in the form that is stored. */
  readonly plan: (write: SystemWrite<Resource>) => Result<Plan<Resource>, Failure>;
  /** At most one live resource may have the same one. */
  readonly uniqueKey?: (resource: Resource) => string | undefined;
  /** Do these two say the same, but for what the server itself writes? */
  readonly sameContent: (a: Resource, b: Resource) => boolean;
  /** True when a write over this version must say which version it saw (428 otherwise). */
  readonly needsIfMatch?: (current: Resource, incoming: Resource | undefined) => boolean;
  /** May the organisation of this caller do this? */
  readonly mayAct?: (caller: Caller, resource: Resource) => Failure | undefined;
  /** Faults that only the caller and the resource together have, e.g. a performer that is not the caller. */
  readonly checkCaller?: (caller: Caller, resource: Resource) => readonly Issue[];
}
