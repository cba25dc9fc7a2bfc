import type { Provenance } from '@medplum/fhirtypes';
import type { Issue } from '../failure.ts';
import type { CallerKind } from '../security/caller.ts';
import type { CodeOverrides } from './codes.ts';
import { MATRIX, type MatrixRow } from './matrix-rows.ts';
import type { OrganizationInformation } from './values.ts';

/**
 * What the handbook leaves open, or what an operator may decide. Make one frozen object at the start and
 * hand the same one to every call: what is worked out from it is kept with it.
 */
export interface HeaderSettings {
  /**
   * Encodings of a JSON header taken besides base64, each with a warning: `raw-json` a value that starts
   * with `{` (R4's own form of X-Provenance), `all` percent-encoded JSON too, `off` none.
   */
  readonly lenient: 'off' | 'raw-json' | 'all';
  /** Adds a warning for each header that its pattern ignores. */
  readonly reportIgnored: boolean;
  /** X-Org-Info from a pharmacy, which must not send it ("Anges ej"): ignored with a warning, or refused. */
  readonly pharmacyOrgInfo: 'ignore' | 'reject';
  /** Members of X-Org-Info a kind of caller must give; one of any is always asked for. Real sets unknown. */
  readonly orgInfoRequired: Readonly<Partial<Record<CallerKind, readonly (keyof OrganizationInformation)[]>>>;
  /** X-Correlation-ID, the name before 2022-11-10, is read as X-Context-ID with a warning. */
  readonly oldContextName: boolean;
  /** An unknown `return` of Prefer is refused in pattern 2.3; otherwise a warning. */
  readonly strictPrefer: boolean;
  /** `target` and `recorded` in X-Provenance are refused; otherwise the server's own win, with a warning. */
  readonly strictProvenance: boolean;
  /** Codes in place of those of `codes.ts`. */
  readonly codes: CodeOverrides;
  /** Rows of role × purpose × access × resource. */
  readonly matrix: readonly MatrixRow[];
  /** Level of assurance (DIGG) that a person's ticket must state. */
  readonly loaRequired: number;
  /** What a person's ticket without any level means. */
  readonly loaMissing: 'refuse' | 'accept';
  /** `nmi-id` of every answer; undefined: not sent. */
  readonly nmiId?: string;
  /** Bytes of the largest single header, and of all together; undefined: as the kinds of token need. */
  readonly maxValue?: number;
  readonly maxTotal?: number;
  /** Names of the rules about the patient; their text is not public, so which is which is not known. */
  readonly patientRules: string;
  /**
   * Checks X-Provenance against R4, completed with a `target` and a `recorded` as the server will do.
   * Errors become faults of the header.
   */
  readonly validateProvenance?: (provenance: Provenance) => readonly Issue[];
}

export const DEFAULT_HEADER_SETTINGS: HeaderSettings = Object.freeze({
  lenient: 'raw-json',
  reportIgnored: false,
  pharmacyOrgInfo: 'ignore',
  orgInfoRequired: {},
  oldContextName: true,
  strictPrefer: false,
  strictProvenance: false,
  codes: {},
  matrix: MATRIX,
  loaRequired: 3,
  // Section 8 of the handbook asks LOA 3 of every person-bound service, so silence is not enough.
  loaMissing: 'refuse',
  patientRules: 'VR095/VR096',
} satisfies HeaderSettings);
