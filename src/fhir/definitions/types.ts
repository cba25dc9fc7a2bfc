/** The shape of the stripped R4 definitions (`*.generated.json`, written by `npm run build:definitions`). */

/** R4's definitions of the bundled types and of every datatype they reach. */
export interface Definitions {
  readonly fhirVersion: string;
  /** Constraints by key; a key means the same rule wherever an element names it. */
  readonly constraints: Readonly<Record<string, ConstraintDefinition>>;
  /** Types by name, e.g. `Consent`, `CodeableConcept`, `dateTime`. */
  readonly types: Readonly<Record<string, TypeDefinition>>;
}

export interface ConstraintDefinition {
  readonly severity: 'error' | 'warning';
  readonly human: string;
  /** FHIRPath; true when the rule holds. */
  readonly expression: string;
}

export interface TypeDefinition {
  readonly kind: 'primitive-type' | 'complex-type' | 'resource';
  readonly abstract?: true;
  /** Name of the type it specialises (or, for `SimpleQuantity`, constrains); absent for Element and Resource. */
  readonly base?: string;
  /** Snapshot in R4's order; the first one is the type itself. */
  readonly elements: readonly ElementDefinition[];
}

export interface ElementDefinition {
  /** Full path, e.g. `Consent.provision.actor`, `Extension.value[x]`. */
  readonly path: string;
  /** Absent: 0. */
  readonly min?: number;
  /** A number or `*`. Absent: `1`. */
  readonly max?: string;
  /** Absent on the root and where `contentReference` is. */
  readonly types?: readonly ElementType[];
  /** Path of the element whose content this one shares, e.g. `Consent.provision`. */
  readonly contentReference?: string;
  /** Required and extensible ones only. */
  readonly binding?: { readonly strength: 'required' | 'extensible'; readonly valueSet: string };
  /** Keys into `constraints`. `ele-1`, which every element has, is left out. */
  readonly constraints?: readonly string[];
  readonly isSummary?: true;
  readonly isModifier?: true;
  /** `xmlAttr`: an attribute in XML; `xhtml`: taken as XHTML. Absent: an element of its own. */
  readonly representation?: 'xmlAttr' | 'xhtml';
}

export interface ElementType {
  /** Name of a type; FHIRPath's system types are given as the FHIR type they stand for. */
  readonly code: string;
  /** For Reference and canonical: names of the types that may be pointed at. Absent: any. */
  readonly targets?: readonly string[];
  /** Names of profiles on the type, e.g. `SimpleQuantity`. */
  readonly profiles?: readonly string[];
}

/** Codes of a value set by code system; of every required value set that can be enumerated. */
export type ValueSets = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * Code systems that the definitions know as a whole: of each code that lies below others, which ones. A code system
 * whose codes lie side by side is there too, and empty.
 */
export type Hierarchies = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** One of R4's search parameters, its expression cut down to the bundled types. */
export interface SearchParameterDefinition {
  readonly code: string;
  readonly type: string;
  readonly base: readonly string[];
  readonly expression?: string;
  /** Absent: any type, or not a reference. */
  readonly target?: readonly string[];
  readonly components?: readonly { readonly definition: string; readonly expression: string }[];
}
