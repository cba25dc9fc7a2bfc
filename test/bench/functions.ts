import type { BenchPlan } from './plan.ts';
import { median } from './report.ts';

let sink: unknown;

/** Microseconds a call over about `time` milliseconds. */
const slice = (work: () => unknown, time: number): number => {
  const began = performance.now();
  const end = began + time;
  let calls = 0;
  while (performance.now() < end) {
    // The clock is read now and then only: it would weigh on what takes a microsecond.
    for (let n = 0; n < 16; n += 1) sink = work();
    calls += 16;
  }
  return ((performance.now() - began) * 1000) / calls;
};

/** Microseconds a call of each function, warmed up, in interleaved slices; the median of each. */
export const timeCalls = (plan: BenchPlan, works: readonly (() => unknown)[]): readonly number[] => {
  const slices = 5;
  for (const work of works) slice(work, plan.functionTime / 2);
  const found: number[][] = works.map(() => []);
  for (let round = 0; round < slices; round += 1) {
    for (const [at, work] of works.entries()) found[at]?.push(slice(work, plan.functionTime / slices));
  }
  // The results are used, so that no optimiser leaves the work out.
  if (sink === found) throw new Error('unreachable');
  return found.map(median);
};

/** The same of what has to be waited for: microseconds of calls that are made one after another. */
const waitingSlice = async (work: () => unknown, time: number): Promise<number> => {
  const began = performance.now();
  const end = began + time;
  let calls = 0;
  while (performance.now() < end) {
    sink = await work();
    calls += 1;
  }
  return ((performance.now() - began) * 1000) / calls;
};

/** Milliseconds: a path through many functions takes longer to be compiled than one function does. */
export const WARM_UP = 400;

/** Microseconds a call, as `timeCalls`, of functions of which some give promises: no two calls at a time. */
export const timeWaits = async (
  plan: BenchPlan,
  works: readonly (() => unknown)[],
): Promise<readonly number[]> => {
  const slices = 5;
  for (const work of works) await waitingSlice(work, WARM_UP);
  const found: number[][] = works.map(() => []);
  for (let round = 0; round < slices; round += 1) {
    for (const [at, work] of works.entries()) {
      found[at]?.push(await waitingSlice(work, plan.functionTime / slices));
    }
  }
  if (sink === found) throw new Error('unreachable');
  return found.map(median);
};
