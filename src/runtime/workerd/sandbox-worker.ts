import { SANDBOX } from '../../sandbox/plug.ts';
import { createWorker } from './edge.ts';

/** The Worker of `npm run dev:worker`, with every national system simulated. */
export default createWorker(SANDBOX);
