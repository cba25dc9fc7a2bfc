import type { Role } from '../security/caller.ts';
import type { AccessKey, PurposeKey } from './codes.ts';

/**
 * One cell of "giltiga kombinationer": who may read what kind of resource under which purpose and access.
 * A cell with `allow` rows is open to the roles they name only; a cell without any row is open to every role
 * whose purpose it is, because most of the matrix is not public.
 */
export interface MatrixRow {
  readonly purpose: PurposeKey;
  /** `*`: every access under the purpose. */
  readonly access: AccessKey | '*';
  /** R4 resource type, or `*`. */
  readonly resource: string;
  readonly roles: readonly Role[];
  readonly decision: 'allow' | 'deny';
  /** The roles hold only with an acting organisation ("Förskrivare med vårdgivare"). */
  readonly organization?: 'prescriber';
  /** The handbook's filtering (FIL) and validation (VAL) rules for the cell; their resources are not served. */
  readonly filtering: readonly string[];
  readonly validation: readonly string[];
  readonly verified: boolean;
  readonly source: string;
}

/** What holds for a cell without any row: the decision is ours, because most of the matrix is not public. */
export const UNKNOWN_CELL = {
  decision: 'allow',
  verified: false,
  words: 'open to every role whose purpose it is',
  source: 'ours',
} as const;

const CARE: readonly Role[] = ['prescriber', 'nurse', 'pharmacist-care', 'dietitian'];

const prescription = (
  access: AccessKey,
  filtering: readonly string[],
  validation: readonly string[],
): MatrixRow => ({
  purpose: 'care',
  access,
  resource: 'MedicationRequest',
  roles: CARE,
  decision: 'allow',
  organization: 'prescriber',
  filtering,
  validation,
  verified: true,
  source: 'S 5',
});

/** The known rows: prescriptions under Vård. The facade serves no prescription; the rows show the form. */
export const MATRIX: readonly MatrixRow[] = [
  prescription('temporary-consent', ['FIL003', 'FIL017'], ['VAL009']),
  prescription('no-consent-required-child', ['FIL003', 'FIL017'], ['VAL007', 'VAL009']),
  prescription('dose-patient', ['FIL004'], ['VAL001', 'VAL009']),
];
