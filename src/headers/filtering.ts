/** A filtering rule of the handbook: what is left out of an answer, by purpose and access. */
export interface FilteringRule {
  readonly id: string;
  /** Undefined: that it exists is known, its text is not public. */
  readonly words: string | undefined;
  /** False: what it filters (prescriptions, dispenses, locks) is no resource of this server. */
  readonly applies: boolean;
  readonly source: string;
}

const rule = (id: string, words?: string): FilteringRule => ({ id, words, applies: false, source: 'S 6' });

/**
 * None of them has anything to filter here; they are listed, so that nobody looks for them in vain. FIL007 to
 * FIL016 are not known to us.
 */
export const FILTERING_RULES: readonly FilteringRule[] = [
  rule(
    'FIL001',
    'Expediering: only what was registered within the last 24 months; shown even if locked for care by an integrity lock.',
  ),
  rule('FIL002', 'Nödåtkomst: what an integrity lock covers is not filtered out.'),
  rule(
    'FIL003',
    'Vård and Underlättande: prescription chains under an integrity lock, and locked dispenses of paper prescriptions, are filtered out for Tillfälligt samtycke, Utan krav på samtycke barn, Förmodat samtycke and Registrerat åtkomstsamtycke (Vård) and Tillfälligt samtycke (Underlättande).',
  ),
  rule('FIL004', 'Åtkomst till dospatients uppgifter: what an integrity lock covers is not filtered out.'),
  rule('FIL005'),
  rule('FIL006', 'The reason for a prescription is filtered, and the extension nlldataAbsentReason says so.'),
  rule('FIL017'),
];
