/**
 * NLL's four usage patterns ("tillämpningsmönster", section 2 of the handbook page on meddelandehuvud),
 * and `discovery` for what no rule applies to.
 */
export type Pattern = 'discovery' | '2.1' | '2.2.1' | '2.2.2' | '2.3';
