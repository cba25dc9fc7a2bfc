/** The pure half of eFrikort: Basic to connection and back. */

export { sameContent } from './mapping/plan.ts';
export { readConnection } from './mapping/read.ts';
export { writeConnection } from './mapping/write.ts';
