import { createWorker } from './edge.ts';

/** The production Worker: no sandbox, no simulators. */
export default createWorker();
