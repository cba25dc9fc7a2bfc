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
  /** What else comes with a page, beside its matches; absent: nothing. */
  readonly includes?: readonly Include[];
}

/** The kinds of index: one table each. */
export type IndexKind =
  | 'token'
  | 'reference'
  | 'date'
  | 'string'
  | 'uri'
  | 'number'
  | 'quantity'
  | 'composite';

export type Criterion = PlainCriterion | ChainCriterion | ReverseCriterion;

/** A criterion about the resource's own values. */
export type PlainCriterion =
  | IdCriterion
  | LastUpdatedCriterion
  | TokenCriterion
  | ReferenceCriterion
  | DateCriterion
  | StringCriterion
  | UriCriterion
  | NumberCriterion
  | QuantityCriterion
  | CompositeCriterion
  | TextCriterion
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
  /**
   * Name in the index: the parameter's code, `<code>:identifier` for a reference's logical half, or
   * `<code>:of-type` for identifiers by their type.
   */
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
  /** Name in the index: the parameter's code, or `<code>:text` for what a token says in words. */
  readonly param: string;
  readonly anyOf: readonly StringMatch[];
}

interface UriCriterion {
  readonly kind: 'uri';
  readonly param: string;
  readonly anyOf: readonly UriMatch[];
}

interface NumberCriterion {
  readonly kind: 'number';
  readonly param: string;
  readonly anyOf: readonly NumberMatch[];
}

interface QuantityCriterion {
  readonly kind: 'quantity';
  readonly param: string;
  readonly anyOf: readonly QuantityMatch[];
}

interface CompositeCriterion {
  readonly kind: 'composite';
  readonly param: string;
  /** Each alternative has one match a component, in their order; all must be met within one group. */
  readonly anyOf: readonly (readonly ComponentMatch[])[];
}

/** `_text` and `_content`, of types whose words are kept. */
interface TextCriterion {
  readonly kind: 'text';
  /** Queries in the language of SQLite's FTS5, the columns they look at included. */
  readonly anyOf: readonly string[];
}

/** Resources that have no value for a parameter, or that have one. */
interface MissingCriterion {
  readonly kind: 'missing';
  readonly param: string;
  readonly of: IndexKind;
  readonly missing: boolean;
}

/** Chaining (`subject:Patient.name=x`): resources that refer to one that meets the criterion. */
export interface ChainCriterion {
  readonly kind: 'chain';
  /** The reference parameter. */
  readonly param: string;
  /** It finds canonicals: they refer to what has their url, and their version if they name one. */
  readonly canonical?: true;
  readonly anyOf: readonly ChainTarget[];
}

export interface ChainTarget {
  readonly type: string;
  readonly criterion: Criterion;
  readonly reach: Reach;
}

/** Reverse chaining (`_has:Observation:patient:code=x`): resources that one refers to that meets the criterion. */
export interface ReverseCriterion {
  readonly kind: 'reverse';
  /** Type of the resources that refer. */
  readonly source: string;
  /** Their reference parameter. */
  readonly param: string;
  /** As in a chain. */
  readonly canonical?: true;
  readonly criterion: Criterion;
  readonly reach: Reach;
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

/**
 * For `eq` and `ne` the range that a number stands for by its precision, without its upper end; for `ap` the
 * range that is near enough, both ends included; for the others the number itself, twice.
 */
export interface NumberMatch {
  readonly prefix: DatePrefix;
  readonly low: number;
  readonly high: number;
}

/** `unit`: the code or the words of a unit, whatever its system. Nothing of the three: any unit. */
export interface QuantityMatch extends NumberMatch {
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
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

/** What one component of a composite parameter must be. */
export type ComponentMatch =
  | { readonly of: 'token'; readonly match: TokenMatch }
  | { readonly of: 'reference'; readonly match: ReferenceMatch }
  | { readonly of: 'date'; readonly match: DateMatch }
  | { readonly of: 'string'; readonly match: StringMatch }
  | { readonly of: 'uri'; readonly match: UriMatch }
  | { readonly of: 'number'; readonly match: NumberMatch }
  | { readonly of: 'quantity'; readonly match: QuantityMatch };

export type SortKind = Exclude<IndexKind, 'composite'>;

/** `by` is `_id`, `_lastUpdated` or the name of a parameter of the kind `of`. */
export interface SortKey {
  readonly by: string;
  readonly descending: boolean;
  /** Absent: a date, `_id` or `_lastUpdated`. */
  readonly of?: SortKind;
}

/** Whose resources may be found, beyond what the search itself says. */
export type Within =
  | { /** Logical ids of Patients. */ readonly patients: readonly string[] }
  | {
      /** Keyed hashes of the caller that wrote it, one for each key that is still read. */ readonly owners: readonly string[];
    };

/** How far a caller sees into a type that a search reaches by way of another. Neither member: all of it. */
export interface Reach {
  readonly within?: Within;
  /** What the resources must meet besides, e.g. the `?category=…` of a scope. */
  readonly criteria?: readonly PlainCriterion[];
}

/** `_include` and `_revinclude`, resolved. */
export interface Include {
  /** forward: what a resource of `source` refers to. reverse: the resources of `source` that refer to it. */
  readonly direction: 'forward' | 'reverse';
  readonly source: string;
  /** Reference parameters of `source`. */
  readonly params: readonly string[];
  /** Those of them that find canonicals, which refer by url and version. Absent: none. */
  readonly canonical?: readonly string[];
  /** Types that may come along, and how far each is seen. Reverse: `source` alone. */
  readonly yields: readonly { readonly type: string; readonly reach: Reach }[];
  /** Reverse only: the type that is referred to. Absent: any. */
  readonly target?: string;
  /** True (`:iterate`): also on what came along, not on the matches alone. */
  readonly iterate: boolean;
}

/** Where a page ended: the next one holds what sorts after it, whatever was written meanwhile. */
export interface SearchPosition {
  /** Values of the sort keys. */
  readonly keys: readonly (string | number)[];
  readonly id: string;
}
