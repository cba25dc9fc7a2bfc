import type { Resource } from '@medplum/fhirtypes';
import type { Delivery } from '../delivery/types.ts';
import type { Failure, Issue } from '../failure.ts';
import type { Related } from '../fhir/search/related.ts';
import type { Clock, Log } from '../ports.ts';
import type { ResourceEntry, ResourceKind } from '../resources/entry.ts';
import type { Result } from '../result.ts';
import type { AuditEntry } from '../security/audit-entry.ts';
import type { SystemValue } from '../security/caller.ts';
import type { Keyring } from '../security/keyring.ts';
import type { PatientIndex } from '../store/patient-index.ts';
import type { Repository } from '../store/repository.ts';
import type { Criterion } from '../store/search-request.ts';
import type { IndexRows, StoredVersion } from '../store/types.ts';
import type { AuditReader } from './audit-event.ts';
import type { BodyReader } from './body.ts';
import type { Call } from './call.ts';
import type { SearchEngine } from './search-engine.ts';

/** What every interaction works with; put together by `app.ts`. */
export interface Server {
  readonly bodies: BodyReader;
  /** Milliseconds for a write's upstream calls, retries included. */
  readonly upstreamDeadline: number;
  readonly resources: ReadonlyMap<string, ResourceEntry>;
  readonly repository: Repository;
  readonly search: SearchEngine;
  /** Where chaining, `_has`, `_include` and `_revinclude` may lead a call. */
  readonly related: (call: Pick<Call, 'entry' | 'authority' | 'values'>) => Related;
  readonly patients: PatientIndex;
  readonly delivery: Delivery;
  readonly audit: AuditReader;
  readonly recordAudit: (entry: AuditEntry) => Promise<void>;
  /** Every fault of the resource against R4 and a profile. */
  readonly validate: (resource: unknown, profile?: string) => readonly Issue[];
  readonly indexOf: (resource: Resource) => IndexRows;
  readonly keyring: Keyring;
  readonly persons: PersonNumbers;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks the national system whether a stored version still holds; undefined where nobody can be asked. */
  readonly refreshOf: (kind: ResourceKind) => Refresh | undefined;
}

/** What the server must know of national identity numbers, whatever the country. */
export interface PersonNumbers {
  /** The system written for this alias; the system itself when it is no alias. */
  readonly canonicalSystem: (system: string) => string;
  readonly isPersonSystem: (system: string) => boolean;
  /** Does the text hold what has the shape of one, UUIDs apart? */
  readonly holdsNumber: (text: string) => boolean;
  /** Failure: what is wrong with its form, without repeating it. */
  readonly normalise: (system: string, value: string) => Result<SystemValue, string>;
}

/** Keeps the store true to the national system. Failures are those of asking it. */
export interface Refresh {
  /** The version that holds now; the same one when nothing changed or it was asked recently. */
  readonly version: (stored: StoredVersion, requestId: string) => Promise<Result<StoredVersion, Failure>>;
  /** Brings up to date what a search would find, as far as the national system can be asked for just that. */
  readonly search: (search: RefreshSearch) => Promise<Result<RefreshedSearch, Failure>>;
}

export interface RefreshSearch {
  readonly criteria: readonly Criterion[];
  /** The Patients the call may concern; undefined: any. */
  readonly patients: readonly string[] | undefined;
  readonly requestId: string;
  /** Where the national system's own list continues, from an earlier page. */
  readonly upstream: UpstreamPosition | undefined;
}

/** A place in a list that only the national system has. */
export interface UpstreamPosition {
  readonly reference: number;
  /** When the first page was asked for, milliseconds since the epoch. */
  readonly since: number;
}

export interface RefreshedSearch {
  /** When the list is long: the resources of this page of it, to which the answer is limited. */
  readonly ids?: readonly string[];
  readonly next?: UpstreamPosition;
  /** Warnings for the answer. */
  readonly issues: readonly Issue[];
}
