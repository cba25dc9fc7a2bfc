/** The pure half of eFrikort: Basic to connection and back, plans, transitions. */

export { createPlan, type PlanDeps, sameContent } from './mapping/plan.ts';
export { type ReadConnection, readConnection } from './mapping/read.ts';
export { withProgress, writeConnection } from './mapping/write.ts';
