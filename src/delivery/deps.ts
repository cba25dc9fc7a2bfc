import type { Resource } from '@medplum/fhirtypes';
import type { Background, Clock, Database, Log, Statement } from '../ports.ts';
import type { Result } from '../result.ts';
import type { AuditEntry } from '../security/audit-entry.ts';
import type { Guard, IndexRows, NewVersion, StoredVersion } from '../store/types.ts';
import type {
  Accepted,
  Completed,
  JsonValue,
  NotAccepted,
  SendContext,
  SystemName,
} from '../systems/system.ts';

/** The part of a national system that the delivery uses. */
export interface Sender {
  send(request: JsonValue, context: SendContext): Promise<Result<Accepted, NotAccepted>>;
  /** Puts the system's answer into the resource that was planned; absent where the plan says it all. */
  complete?(planned: Resource, request: JsonValue, accepted: Accepted, now: number): Completed<Resource>;
}

/** The part of the store that the delivery uses. */
export interface Versions {
  vread(type: string, id: string, version: number): Promise<StoredVersion | undefined>;
  /** Writes the version, its history and its index rows, each statement only where the guard holds. */
  versionStatements(version: NewVersion, guard: Guard): readonly Statement[];
}

/** Keyed hashes of a text, one for each secret, newest first, so that look-ups survive a rotation. */
export interface Hashes {
  hashAll(use: 'idempotency', text: string): Promise<readonly string[]>;
}

export interface DeliveryDeps {
  readonly database: Database;
  readonly repository: Versions;
  readonly clock: Clock;
  readonly log: Log;
  readonly background: Background;
  /** Undefined when the system is not configured. */
  readonly systems: (name: SystemName) => Sender | undefined;
  readonly auditStatement: (entry: AuditEntry, guard?: Guard) => Statement;
  readonly keys: Hashes;
  /** Search values of a resource that the delivery itself makes (Provenance). */
  readonly indexOf: (resource: Resource) => IndexRows;
  readonly options?: Partial<DeliveryOptions>;
}

/** All times in milliseconds. */
export interface DeliveryOptions {
  /** IDEMPOTENCY_TTL: how long the outcome of a request is kept for a repeat. */
  readonly idempotencyTtl: number;
  /** How long one settlement may talk to the national system. */
  readonly settleTimeout: number;
  /** What a lease lasts beyond the sender's deadline, so that the commit still falls inside it. */
  readonly leaseGrace: number;
  /** How long a repeat waits for a write that is still under way. */
  readonly repeatWait: number;
  /** The pause after the first unknown answer; it doubles with each further one. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** Writes settled at the same time. */
  readonly settleTogether: number;
  /**
   * SQL expression for the present, milliseconds, integer. The database's own clock: leases hold between
   * servers whose clocks differ, and while the sandbox moves the server's.
   */
  readonly now: string;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** New ids, in the form of a UUID. */
  readonly uuid: () => string;
}

/**
 * A UUID of version 7 (RFC 9562): 48 bits of time, then random. Rows that are made together then lie together,
 * which spares a commit many pages.
 * @param at milliseconds since the epoch
 */
export const timedUuid = (at: number): string => {
  const time = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
};

export const DEFAULT_OPTIONS: Omit<DeliveryOptions, 'uuid'> = {
  idempotencyTtl: 24 * 3600_000,
  settleTimeout: 10_000,
  leaseGrace: 5_000,
  repeatWait: 2_000,
  firstPause: 1_000,
  longestPause: 60_000,
  settleTogether: 8,
  now: `cast(unixepoch('subsec') * 1000 as integer)`,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** What the rooms of the delivery hand to each other: the dependencies with every option filled in. */
export interface Context extends Omit<DeliveryDeps, 'options'> {
  readonly options: DeliveryOptions;
}
