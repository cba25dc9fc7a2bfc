import type { Resource } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../failure.ts';
import type { Result } from '../result.ts';

/** The names the contract gives the national systems and the security services before them. */
export type SystemName = 'helsenorge' | 'helseid' | 'brs' | 'sts' | 'fmk' | 'efrikort';

/** JSON that survives the journal: a request is planned, stored, and sent again after a crash. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue | undefined };

/** A write as a national system sees it: validated, authorised, its patient known by reference and number. */
export type SystemWrite<R extends Resource> =
  | { readonly interaction: 'create'; readonly resource: R; readonly current?: undefined }
  | { readonly interaction: 'update'; readonly resource: R; readonly current: R }
  | { readonly interaction: 'delete'; readonly resource?: undefined; readonly current: R };

/** What a write will ask of the national system; pure data. */
export interface Plan<R extends Resource> {
  /** Sent by `send`. Undefined: only what the facade itself holds has changed, nothing is sent. */
  readonly request?: JsonValue;
  /** What the store keeps when the write succeeds; undefined for a delete. */
  readonly resource?: R;
  /** What becomes of the stored version when the national system says that nothing changed there. */
  readonly onUnchanged: 'commit' | 'keep';
  /** Warnings only. */
  readonly issues: readonly Issue[];
}

/** The national system accepted the write. */
export interface Accepted {
  /**
   * `changed`: it did something. `unchanged`: it says that it already was so. `unknown`: it says so to a
   * repeat, whose first try may have been the one that changed it.
   */
  readonly effect: 'changed' | 'unchanged' | 'unknown';
  readonly issues: readonly Issue[];
}

/** The national system did not accept the write, or nobody knows. */
export interface NotAccepted {
  /** `refused`: nothing was done there, the write is over. `unknown`: it may have been done; settle it later. */
  readonly fate: 'refused' | 'unknown';
  readonly failure: Failure;
}

export interface SendContext {
  /** X-Request-ID of the call, for the exchange log; a settlement has the one of the original call. */
  readonly requestId: string;
  /** Milliseconds since the epoch by the port clock: no try starts after it, none runs beyond it. */
  readonly deadline: number;
  /** True when an earlier try may have reached the system (settlement after a crash or a timeout). */
  readonly repeat: boolean;
}

/** A resource with the system's answer in it, and the warnings about that answer. */
export interface Completed<R extends Resource> {
  readonly resource: R;
  readonly issues: readonly Issue[];
}

/** A national system behind one FHIR resource type (or one kind of Basic). */
export interface NationalSystem<R extends Resource> {
  readonly name: SystemName;
  /** Pure: every mapping fault at once, each by its FHIRPath. */
  plan(write: SystemWrite<R>): Result<Plan<R>, Failure>;
  /** Never throws for what the network or the other side does. */
  send(request: JsonValue, context: SendContext): Promise<Result<Accepted, NotAccepted>>;
  /**
   * What is stored of a planned resource once the system has accepted it, where its answer belongs into it.
   *
   * @param now when the answer came, milliseconds since the epoch
   */
  complete?(planned: R, request: JsonValue, accepted: Accepted, now: number): Completed<R>;
  /** The call as it would go out, secrets and proofs replaced by placeholders; nothing is sent. */
  preview(request: JsonValue): Preview;
}

export interface Preview {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
