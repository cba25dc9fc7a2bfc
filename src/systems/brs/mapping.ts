/** Basic treatment-relation ↔ BRS, both ways; pure. */
export { followupExtension, SOURCES, withAnswer } from './mapping/answer-to-basic.ts';
export { type MappedQuestion, type MappingContext, toQuestion } from './mapping/basic-to-question.ts';
export * from './mapping/codes.ts';
export { BRS_MAPPING_ISSUE, BRS_MAPPING_ISSUES, finding } from './mapping/findings.ts';
export {
  externalReferenceOf,
  followupStateOf,
  silenceMeans,
  withAlarm,
  withFollowupState,
} from './mapping/followup.ts';
export type { Directory } from './mapping/organisation.ts';
export { createPlan, type PlanDeps, sameContent } from './mapping/plan.ts';
export { type Asked, whoIsAskedAbout } from './mapping/who-asks.ts';
