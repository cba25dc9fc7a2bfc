import type { BenchPlan } from '../plan.ts';
import { median } from '../report.ts';
import type { Measured } from './measured.ts';

/** Something that can be put under load for some seconds. */
export type Subject = (connections: number, seconds: number) => Promise<Measured>;

export interface Medians {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

const medians = (all: readonly Measured[]): Medians => ({
  rate: median(all.map(({ rate }) => rate)),
  p50: median(all.map(({ p50 }) => p50)),
  p99: median(all.map(({ p99 }) => p99)),
});

/**
 * Every subject warmed up, then all of them in turn, round after round: what the machine does meanwhile hits all
 * alike. The medians of each subject at one number of connections, in the order given.
 */
export const inRounds = async (
  plan: BenchPlan,
  connections: number,
  subjects: readonly Subject[],
): Promise<readonly Medians[]> => {
  for (const subject of subjects) await subject(connections, plan.warmUp);
  const found: Measured[][] = subjects.map(() => []);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [at, subject] of subjects.entries()) {
      found[at]?.push(await subject(connections, plan.seconds));
    }
  }
  return found.map(medians);
};

/** The same for two: ours and what it is held against, if that is there. */
export const besideReference = async (
  plan: BenchPlan,
  connections: number,
  ours: Subject,
  reference: Subject | undefined,
): Promise<{ readonly ours: Medians; readonly reference?: Medians }> => {
  const [first, second] = await inRounds(plan, connections, [
    ours,
    ...(reference === undefined ? [] : [reference]),
  ]);
  if (first === undefined) throw new Error('nothing was measured');
  return { ours: first, ...(second === undefined ? {} : { reference: second }) };
};
