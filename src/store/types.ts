import type { SqlValue } from '../ports.ts';

/** One version of a resource as the store keeps it. */
export interface StoredVersion {
  readonly type: string;
  readonly id: string;
  /** 1, 2, 3 …; `meta.versionId` is its decimal form. */
  readonly version: number;
  /** Milliseconds since the epoch; strictly growing along a resource's versions. */
  readonly lastUpdated: number;
  /** True for the version that a delete made; its `content` is empty. */
  readonly deleted: boolean;
  /** The interaction that made it, for the history Bundle. */
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** JSON text of the resource with `id` and `meta`, ready to be sent. */
  readonly content: string;
  /** Logical id of the Patient it concerns; null when it concerns none. */
  readonly patient: string | null;
  /** Keyed hash of the caller that wrote it; null when the server itself did. */
  readonly owner: string | null;
  /** When the national system last confirmed it, milliseconds since the epoch; null when it never did. */
  readonly checkedAt: number | null;
}

/** A version to be written. The caller knows its predecessor, because it holds the claim on the resource. */
export interface NewVersion extends StoredVersion {
  /** At most one live (not deleted) resource may hold a key, e.g. patient and definition of a Consent. */
  readonly uniqueKey: string | null;
  /** Empty for a deletion. */
  readonly index: IndexRows;
}

/** A condition that every statement of a guarded batch carries: a boolean SQL expression. */
export interface Guard {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** The search values of one resource, by kind of search parameter. */
export interface IndexRows {
  readonly token: readonly TokenRow[];
  readonly reference: readonly ReferenceRow[];
  readonly date: readonly DateRow[];
  readonly string: readonly StringRow[];
  readonly uri: readonly UriRow[];
  /** Absent: none, like the two that follow. */
  readonly number?: readonly NumberRow[];
  readonly quantity?: readonly QuantityRow[];
  readonly composite?: readonly CompositeRow[];
  /** Absent: the type is not searched by its words. */
  readonly text?: TextRow;
}

/** The words of a resource, lower case without diacritics. */
export interface TextRow {
  /** Of its narrative. */
  readonly narrative: string;
  /** Of everything else. */
  readonly content: string;
}

export interface TokenRow {
  readonly param: string;
  readonly system: string | null;
  readonly code: string | null;
}

export interface ReferenceRow {
  readonly param: string;
  readonly targetType: string | null;
  readonly targetId: string | null;
  readonly targetVersion: string | null;
  /** Logical reference; never a national identity number, those are found through the patient index. */
  readonly identifierSystem: string | null;
  readonly identifierValue: string | null;
}

/** A period of time, both ends included, milliseconds since the epoch; open ends are ±8.64e15. */
export interface DateRow {
  readonly param: string;
  readonly low: number;
  readonly high: number;
}

export interface StringRow {
  readonly param: string;
  /** Lower case without diacritics, for the default match. */
  readonly folded: string;
  /** As written, for `:exact`. */
  readonly exact: string;
}

export interface UriRow {
  readonly param: string;
  readonly value: string;
}

/** A number, or a range of numbers with both ends included; open ends are ±1e308. */
export interface NumberRow {
  readonly param: string;
  readonly low: number;
  readonly high: number;
}

/**
 * The system of a quantity's second row: what it says in the base units that UCUM makes of its unit, so that a search
 * in kg finds what was written in g. No system of anybody else's; searches and sorting that name no system pass it by.
 */
export const BASE_UNITS = '#ucum';

export interface QuantityRow extends NumberRow {
  readonly system: string | null;
  readonly code: string | null;
  /** The unit as people read it. */
  readonly unit: string | null;
}

/** One value of one component; components belong together that share a group. */
export interface CompositeRow {
  readonly param: string;
  /** Which of the elements that the parameter is evaluated on: 0, 1, 2 … */
  readonly group: number;
  /** Which component, in the order of the definition: 0, 1, 2 … */
  readonly component: number;
  readonly value: ComponentValue;
}

type ValueOf<R extends { readonly param: string }> = Omit<R, 'param'>;

export type ComponentValue =
  | ({ readonly of: 'token' } & ValueOf<TokenRow>)
  | ({ readonly of: 'reference' } & ValueOf<ReferenceRow>)
  | ({ readonly of: 'date' } & ValueOf<DateRow>)
  | ({ readonly of: 'string' } & ValueOf<StringRow>)
  | ({ readonly of: 'uri' } & ValueOf<UriRow>)
  | ({ readonly of: 'number' } & ValueOf<NumberRow>)
  | ({ readonly of: 'quantity' } & ValueOf<QuantityRow>);
