import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivered } from '../../src/delivery/types.ts';
import type { Failure } from '../../src/failure.ts';
import type { Result } from '../../src/result.ts';
import { Process, settleAll } from './steps.ts';
import { languageOf, order, World } from './world.ts';

/** Mulberry32: small, seeded, good enough to shuffle steps. */
const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Lets one of the waiting steps go at a time, chosen by the seed. */
class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly wait = (): Promise<void> => new Promise((resolve) => this.#waiting.push(resolve));

  async drive(next: () => number, over: () => boolean, between: () => Promise<void>): Promise<void> {
    for (let rounds = 0; !over() && rounds < 5_000; rounds += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      const [chosen] = this.#waiting.splice(Math.floor(next() * this.#waiting.length), 1);
      chosen?.();
      await new Promise((resolve) => setImmediate(resolve));
      await between();
    }
    if (!over()) throw new Error('the writers never came to an end');
  }
}

type Answer = Result<Delivered, Failure> | 'died';

interface Plan {
  readonly seed: number;
  readonly writers: readonly {
    readonly interaction: 'update' | 'delete';
    /** Writes again after a conflict, as a client does. */
    readonly tries: number;
    /** The step before or after which it dies; beyond its last step: never. */
    readonly death: number;
    readonly fault: 'none' | 'lost' | 'silent';
  }[];
  /** Milliseconds that pass now and then. */
  readonly leap: number;
  /** How often, between two steps, time leaps and a settler comes by. */
  readonly haste: number;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer(),
  writers: fc.array(
    fc.record({
      interaction: fc.constantFrom('update', 'update', 'delete'),
      tries: fc.integer({ min: 1, max: 6 }),
      death: fc.integer({ min: 1, max: 80 }),
      fault: fc.constantFrom('none', 'none', 'lost', 'silent'),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  leap: fc.constantFrom(0, 500, 4_000, 16_000),
  haste: fc.constantFrom(0.05, 0.1, 0.2),
});

/** Reads, then writes what it has read on, again after each conflict. */
const writer = async (world: World, process: Process, index: number, plan: Plan['writers'][number]) => {
  const delivery = world.delivery(process.deps(world));
  const answers: Answer[] = [];
  for (let attempt = 1; attempt <= plan.tries; attempt += 1) {
    const base = await world.repository.read('Consent', 'one');
    if (base === undefined) throw new Error('the resource has vanished');
    const answer = await delivery.execute(
      order({
        interaction: base.deleted ? 'update' : plan.interaction,
        base,
        value: `writer ${index} try ${attempt}`,
        requestId: `0000000${index}-0000-4000-8000-00000000000${attempt}`,
        deadline: world.time + 10_000,
        uniqueKey: 'k',
      }),
    );
    answers.push(answer);
    if (answer.ok) break;
  }
  return answers;
};

const play = async (plan: Plan): Promise<void> => {
  const world = await World.open();
  await world.delivery().execute(order({ requestId: null, uniqueKey: 'k' }));
  for (const one of plan.writers) if (one.fault !== 'none') world.service.faults.push(one.fault);
  const turns = new Turns();
  const next = random(plan.seed);
  const processes = plan.writers.map(
    ({ death }) =>
      new Process(
        (step, when) => (step === death && when === (death % 2 ? 'before' : 'after') ? 'die' : 'go on'),
        turns.wait,
      ),
  );
  let running = processes.length;
  const works = plan.writers.map(async (one, index) => {
    const process = processes[index];
    if (process === undefined) throw new Error('no process');
    const answers = await Promise.race([writer(world, process, index, one), process.death]);
    running -= 1;
    return answers === 'died' ? [] : answers;
  });
  // A settler of its own, whose steps mix with those of the writers.
  const settler = new Process(() => 'go on', turns.wait);
  let settling = false;
  await turns.drive(
    next,
    () => running === 0 && !settling,
    async () => {
      if (next() < plan.haste / 2) await world.pass(plan.leap);
      if (!settling && running > 0 && next() < plan.haste) {
        settling = true;
        void world
          .delivery(settler.deps(world))
          .settleDue()
          .finally(() => {
            settling = false;
          });
      }
    },
  );
  const answers = (await Promise.all(works)).flat();
  await settleAll(world);
  await checkTogether(world, answers);
};

const checkTogether = async (world: World, answers: readonly Answer[]): Promise<void> => {
  expect(await world.count('claim')).toBe(0);
  const history = await world.repository.historyOf({ types: ['Consent'], id: 'one' }, { count: 100 });
  const values = history.toReversed().map(({ deleted, content }) => (deleted ? null : languageOf(content)));
  // The versions follow one another without a gap, and the service saw the same values in the same order.
  expect(history.map(({ version }) => version)).toEqual(history.map((_, index) => history.length - index));
  expect(world.service.changes.map(({ value }) => value)).toEqual(
    values.filter((value, index) => index === 0 || value !== values[index - 1]),
  );
  expect(await world.stored('Consent', 'one')).toBe(world.service.settings.get('citizen') ?? null);
  // One Provenance for each version, one version for each request that was granted.
  const targets = await world.rows(`select content from resource where type = 'Provenance'`);
  expect(targets).toHaveLength(history.length);
  const granted = answers.flatMap((answer) =>
    answer !== 'died' && answer.ok ? [answer.value.version.version] : [],
  );
  expect(new Set(granted).size).toBe(granted.length);
  for (const answer of answers) {
    if (answer === 'died' || answer.ok) continue;
    expect(['locked', 'precondition-failed', 'upstream-timeout']).toContain(answer.failure.kind);
  }
};

describe('two or three writers of one resource', () => {
  it('leave store and service in agreement, whoever dies when, and however their steps mix', async () => {
    await fc.assert(fc.asyncProperty(plans, play), { numRuns: 250, seed: 20261121 });
  }, 60_000);

  it('with the same X-Request-ID act once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom('none', 'lost'), async (seed, fault) => {
        const world = await World.open();
        if (fault === 'lost') world.service.faults.push('lost');
        const turns = new Turns();
        let running = 3;
        const twins = ['a', 'b', 'c'].map(async (id) => {
          const process = new Process(() => 'go on', turns.wait);
          const answer = await world.delivery(process.deps(world)).execute(order({ id, uniqueKey: 'k' }));
          running -= 1;
          return answer;
        });
        await turns.drive(
          random(seed),
          () => running === 0,
          async () => {},
        );
        const answers = await Promise.all(twins);
        await settleAll(world);
        expect(world.service.changes).toHaveLength(1);
        expect(await world.count(`history where type = 'Consent'`)).toBe(1);
        for (const answer of answers) {
          if (answer.ok) expect(answer.value.version.version).toBe(1);
          else expect(answer.failure.kind).toBe('upstream-timeout');
        }
        expect(answers.filter((answer) => answer.ok && !answer.value.repeated).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60, seed: 20261121 },
    );
  }, 60_000);
});
