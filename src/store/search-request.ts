/**
 * A search as the store runs it: parsed, every name resolved, every value in the form in which it is indexed.
 * All criteria must hold; within one, any of its values.
 */
export interface SearchRequest {
  /** Resource type. */
  readonly type: string;
  readonly criteria: readonly Criterion[];
  /** Resources on a page. 0: none, only how many there are. */
  readonly count: number;
  /** Most significant first; after them resources are told apart by id. */
  readonly sort: readonly SortKey[];
  readonly total: 'none' | 'estimate' | 'accurate';
}

export type Criterion =
  | IdCriterion
  | LastUpdatedCriterion
  | TokenCriterion
  | ReferenceCriterion
  | DateCriterion
  | StringCriterion
  | UriCriterion
  | MissingCriterion;

/** Resources with one of these ids. */
interface IdCriterion {
  readonly kind: 'id';
  readonly anyOf: readonly string[];
}

interface LastUpdatedCriterion {
  readonly kind: 'last-updated';
  readonly anyOf: readonly DateMatch[];
}

interface TokenCriterion {
  readonly kind: 'token';
  /** Name in the index: the parameter's code, or `<code>:identifier` for a reference's logical half. */
  readonly param: string;
  readonly anyOf: readonly TokenMatch[];
  /** True: resources with none of the values, those without any value included. */
  readonly not: boolean;
}

interface ReferenceCriterion {
  readonly kind: 'reference';
  readonly param: string;
  readonly anyOf: readonly ReferenceMatch[];
}

interface DateCriterion {
  readonly kind: 'date';
  readonly param: string;
  readonly anyOf: readonly DateMatch[];
}

interface StringCriterion {
  readonly kind: 'string';
  readonly param: string;
  readonly anyOf: readonly StringMatch[];
}

interface UriCriterion {
  readonly kind: 'uri';
  readonly param: string;
  readonly anyOf: readonly UriMatch[];
}

/** Resources that have no value for a parameter, or that have one. */
interface MissingCriterion {
  readonly kind: 'missing';
  readonly param: string;
  readonly of: 'token' | 'reference' | 'date' | 'string' | 'uri';
  readonly missing: boolean;
}

/** `system` null: a value without system (`|code`). Absent: any. */
export interface TokenMatch {
  readonly system?: string | null;
  readonly code?: string;
}

/** `type` null: a reference by URL, `id` is the whole URL. Absent: any type. */
export interface ReferenceMatch {
  readonly type?: string | null;
  readonly id: string;
  readonly version?: string;
}

/** R4's prefixes; what each means for two ranges is told in the search page's section 3.1.1.4.5. */
export type DatePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** The range a date stands for by its precision, both ends included, milliseconds since the epoch. */
export interface DateMatch {
  readonly prefix: DatePrefix;
  readonly low: number;
  readonly high: number;
}

export interface StringMatch {
  readonly match: 'starts' | 'contains' | 'exact';
  /** Lower case without diacritics. */
  readonly folded: string;
  /** As written. */
  readonly exact: string;
}

export interface UriMatch {
  /** `below`: the values that begin with this one. `above`: the values that this one begins with. */
  readonly match: 'exact' | 'below' | 'above';
  readonly value: string;
}

/** `by` is `_id`, `_lastUpdated` or the name of a date parameter. */
export interface SortKey {
  readonly by: string;
  readonly descending: boolean;
}

/** Whose resources may be found, beyond what the search itself says. */
export type Within =
  | { /** Logical ids of Patients. */ readonly patients: readonly string[] }
  | { /** Keyed hash of the caller that wrote it. */ readonly owner: string };

/** Where a page ended: the next one holds what sorts after it, whatever was written meanwhile. */
export interface SearchPosition {
  /** Values of the sort keys. */
  readonly keys: readonly (string | number)[];
  readonly id: string;
}
