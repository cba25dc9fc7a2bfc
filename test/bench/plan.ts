/** How long a run takes; the short one fits into a minute, the long one into five. */
export interface BenchPlan {
  /** Measured rounds; every subject once in each, so that a slow spell of the machine hits all of them. */
  readonly rounds: number;
  /** Seconds of load for one subject in one round. */
  readonly seconds: number;
  /** Seconds of load before the first round. */
  readonly warmUp: number;
  readonly connections: readonly number[];
  /** Whether peers are also measured in the kinder of their two forms. */
  readonly kinderPeers: boolean;
  /** Milliseconds for one function in one round. */
  readonly functionTime: number;
  /** Process starts that are timed. */
  readonly starts: number;
  /** Creates one after another, for the time of each stage. */
  readonly sequential: number;
}

export const FULL: BenchPlan = {
  rounds: 3,
  seconds: 2,
  warmUp: 2,
  connections: [32, 128],
  kinderPeers: true,
  functionTime: 500,
  starts: 9,
  sequential: 400,
};

export const QUICK: BenchPlan = {
  rounds: 1,
  seconds: 1,
  warmUp: 1,
  connections: [32, 128],
  kinderPeers: false,
  functionTime: 150,
  starts: 3,
  sequential: 100,
};
