/** Basic treatment-relation ↔ BRS, both ways; pure. */
export { SOURCES, withAnswer } from './mapping/answer-to-basic.ts';
export { toQuestion } from './mapping/basic-to-question.ts';
export * from './mapping/codes.ts';
export { BRS_MAPPING_ISSUES, finding } from './mapping/findings.ts';
export {
  externalReferenceOf,
  followupStateOf,
  silenceMeans,
  withAlarm,
} from './mapping/followup.ts';
export type { Directory } from './mapping/organisation.ts';
export { createPlan, sameContent } from './mapping/plan.ts';
export { whoIsAskedAbout } from './mapping/who-asks.ts';
