import type { Provenance, Resource } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../failure.ts';
import type { Result } from '../result.ts';
import type { AuditEntry } from '../security/audit-entry.ts';
import type { IndexRows, StoredVersion } from '../store/types.ts';
import type { JsonValue, SystemName } from '../systems/system.ts';

/** A write, ready to be done: validated, authorised, planned. Everything in it survives the journal. */
export interface WriteOrder {
  readonly interaction: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  /** The version this write starts from, as it was read; undefined when there is none. */
  readonly base?: Pick<StoredVersion, 'version' | 'lastUpdated' | 'deleted'>;
  /** What is stored, without `meta.versionId` and `meta.lastUpdated`; undefined for a delete. */
  readonly resource?: Resource;
  readonly index?: IndexRows;
  readonly patient?: string;
  /** Place in the caller's list (a transaction's entries); told again with the outcome. */
  readonly position?: number;
  /** At most one live resource may hold it; another one makes the order a `conflict` with code `duplicate`. */
  readonly uniqueKey?: string;
  /**
   * How far the history went when a condition was found to name nothing (`Versions.mark`): a resource of this type made
   * since may be the one it names, so the order is `precondition-failed`, and its caller looks again.
   */
  readonly seen?: number;
  /** The national system to be told first, and what; absent for what only the facade holds. */
  readonly upstream?: {
    readonly system: SystemName;
    readonly request: JsonValue;
    /** What becomes of the stored version when the system says that nothing changed there. */
    readonly onUnchanged: 'commit' | 'keep';
  };
  /** From X-Provenance, `target` and `recorded` still missing: stored with the version it made, only then. */
  readonly provenance?: Omit<Provenance, 'target' | 'recorded'>;
  /** `at`, `outcome` and `version` are filled in by the delivery. */
  readonly audit: AuditEntry;
  /** Keyed hash of issuer, client and subject; null for the server's own writes. */
  readonly callerKey: string | null;
  /** X-Request-ID as sent; without it a repeat cannot be recognised. */
  readonly requestId?: string;
  /** Method, target and body of the call: a repeat with another one is a `conflict`. Hashed, never stored. */
  readonly fingerprint?: string;
  /** Milliseconds since the epoch: no upstream try runs beyond it. */
  readonly deadline: number;
  /**
   * Further writes that happen together with this one or not at all (the rest of a transaction). Only what the
   * facade itself holds: this order's upstream call, if it has one, decides for all.
   */
  readonly companions?: readonly LocalWrite[];
  /** What the rest of a transaction found as it was to be: not written, but told again with the outcome. */
  readonly kept?: readonly KeptVersion[];
}

/** A version that an entry of a transaction left as it was. */
export interface KeptVersion {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
}

/** A write of a transaction besides the one that carries it. */
export type LocalWrite = Omit<
  WriteOrder,
  'upstream' | 'companions' | 'kept' | 'requestId' | 'fingerprint' | 'deadline'
>;

/** What became of a write. */
export interface Delivered {
  readonly effect: 'created' | 'updated' | 'unchanged' | 'deleted';
  /** The version that now holds. For `unchanged` the one that already did. */
  readonly version: StoredVersion;
  /** Warnings of the national system. */
  readonly issues: readonly Issue[];
  /** True when this answer repeats an earlier one (same caller, X-Request-ID and body). */
  readonly repeated: boolean;
  /** That of the order. */
  readonly position?: number;
  /**
   * What became of the order's companions, in their order; absent when it has none. Of a repeat also what the order
   * kept.
   */
  readonly companions?: readonly Pick<Delivered, 'effect' | 'version' | 'position'>[];
}

export interface Delivery {
  /**
   * Claims, sends, commits. Failures: `precondition-failed` (another version than `base`), `locked` (another
   * write of the same resource is under way), `conflict` (duplicate key, or X-Request-ID with other content),
   * what the national system refused, `upstream-timeout` with a `transient` issue when its answer is unknown.
   */
  execute(order: WriteOrder): Promise<Result<Delivered, Failure>>;
  /**
   * The earlier outcome of this caller's X-Request-ID, if the journal knows it: so that a repeat is answered
   * before validation and planning, which may judge differently now. Undefined: not seen before.
   */
  repeat(
    callerKey: string,
    requestId: string,
    fingerprint: string,
  ): Promise<Result<Delivered, Failure> | undefined>;
  /**
   * Holds an X-Request-ID for a batch, whose entries have names of their own in the journal: another call with it
   * is then a `conflict`, and this one is when another call had it. `fresh`: held by this call, and by no earlier
   * one with the same fingerprint; for {@link release}.
   */
  reserve(
    callerKey: string,
    requestId: string,
    fingerprint: string,
  ): Promise<Result<{ readonly fresh?: string }, Failure>>;
  /** Gives up what {@link reserve} held: nothing of the batch was done. */
  release(fresh: string): Promise<void>;
  /** Settles what a crash or a timeout left open and is due; the number of writes settled. */
  settleDue(): Promise<number>;
  /** Forgets the outcomes older than IDEMPOTENCY_TTL. */
  sweep(): Promise<void>;
}
