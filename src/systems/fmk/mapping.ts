/** Basic foces-whitelisting ↔ FMK. Pure: no I/O, no clock of its own. */
export type { FmkGiven } from './mapping/context.ts';
export { judgeAgainstDirectory, tellingIdentifier } from './mapping/directory.ts';
export { mergeListed, storedWhitelisting, toBasic } from './mapping/entries.ts';
export { FMK_MAPPING_ISSUES } from './mapping/findings.ts';
export { createFmkPlan, uniqueKeyOf } from './mapping/plan.ts';
