import type { Role } from './caller.ts';
import { type ClaimPath, type Claims, textAt, textsAt } from './token/claim-reader.ts';

/**
 * How an NLL ticket's attributes give a role (handbook "Tjänster och behöriga roller"; the derivation is an
 * inference). `FORSKRIVARKOD`, `VARDGIVARE` and `YRKESKOD` are the members printed in NLL's own example; how the
 * ticket spells the others is not known, so they default to the names of the Sambi attributes.
 */
export interface NllRoleRule {
  readonly derive: 'nll';
  /** personalPrescriptionCode. */
  readonly prescriberCode: ClaimPath;
  /** healthcareProviderId: makes "med vårdgivare". */
  readonly careProvider: ClaimPath;
  /**
   * healthcareProfessionalLicense. `LK` and `AP` are seen in NLL's pages; the other codes below are those of the
   * national register of licensed staff, assumed to be the same.
   */
  readonly professions: ClaimPath;
  readonly pharmacy: ClaimPath;
  readonly personalNumber: ClaimPath;
  /** Licence codes of the pharmacists. */
  readonly pharmacistCodes: readonly string[];
  /** Licence codes of care staff without the right to prescribe, and the role each makes. */
  readonly careRoles: Readonly<Record<string, Role>>;
}

export const NLL_ROLE: NllRoleRule = {
  derive: 'nll',
  prescriberCode: 'FORSKRIVARKOD',
  careProvider: 'VARDGIVARE',
  professions: 'YRKESKOD',
  pharmacy: 'pharmacyIdentifier',
  personalNumber: 'personalIdentityNumber',
  pharmacistCodes: ['AP', 'RC'],
  careRoles: { SJ: 'nurse', AP: 'pharmacist-care', RC: 'pharmacist-care', DT: 'dietitian' },
};

/** The role of a ticket. A user may have several; the first that fits in the handbook's order is taken. */
export const nllRole = (rule: NllRoleRule, claims: Claims): Role | undefined => {
  const professions = textsAt(claims, rule.professions);
  if (textAt(claims, rule.pharmacy) !== undefined) {
    return professions.some((code) => rule.pharmacistCodes.includes(code)) ? 'pharmacist' : 'pharmacy-staff';
  }
  if (textAt(claims, rule.prescriberCode) !== undefined) return 'prescriber';
  const careRole = professions
    .map((code) => (Object.hasOwn(rule.careRoles, code) ? rule.careRoles[code] : undefined))
    .find((role) => role !== undefined);
  if (careRole !== undefined) {
    return textAt(claims, rule.careProvider) === undefined ? undefined : careRole;
  }
  // A licensed person without a provider acts in no role here; only somebody without a profession is private.
  const isPrivate = professions.length === 0 && textAt(claims, rule.personalNumber) !== undefined;
  return isPrivate ? 'citizen' : undefined;
};
