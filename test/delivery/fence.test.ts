import { beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryDeps } from '../../src/delivery/deps.ts';
import type { Database } from '../../src/ports.ts';
import { order, World } from './world.ts';

/** Something that sleeps at one place until it is woken. */
class Sleeper {
  wake: () => void = () => {};
  asleep = false;
  readonly #woken: Promise<void>;

  constructor() {
    this.#woken = new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  async sleep(): Promise<void> {
    this.asleep = true;
    await this.#woken;
  }

  async fellAsleep(): Promise<void> {
    while (!this.asleep) await new Promise((resolve) => setImmediate(resolve));
  }
}

let world: World;

beforeEach(async () => {
  world = await World.open();
});

/** A database that sleeps after, or before, its nth batch. */
const sleepy = (sleeper: Sleeper, nth: number, when: 'before' | 'after'): Database => {
  let batches = 0;
  return {
    query: (statement) => world.database.query(statement),
    batch: async (statements) => {
      batches += 1;
      const here = batches === nth;
      if (here && when === 'before') await sleeper.sleep();
      const results = await world.database.batch(statements);
      if (here && when === 'after') await sleeper.sleep();
      return results;
    },
  };
};

const sleepySystem = (sleeper: Sleeper): DeliveryDeps['systems'] => {
  return () => ({
    send: async (request, context) => {
      await sleeper.sleep();
      return world.service.send(request, context);
    },
  });
};

/** Somebody else writes the next value. */
const overwrite = async (): Promise<void> => {
  const base = await world.repository.read('Consent', 'one');
  if (base === undefined) throw new Error('nothing to overwrite');
  const parts = { interaction: 'update', base, value: 'newer', requestId: null } as const;
  const answer = await world.delivery().execute(order({ ...parts, deadline: world.time + 10_000 }));
  expect(answer.ok).toBe(true);
};

const expectNewer = async (): Promise<void> => {
  expect(world.service.settings.get('citizen')).toBe('newer');
  expect(await world.stored('Consent', 'one')).toBe('newer');
  expect(world.service.late).toBe(0);
};

describe('who has slept through the lease', () => {
  it('before sending: sends nothing, and tells what became of the write', async () => {
    const sleeper = new Sleeper();
    const answer = world.delivery({ database: sleepy(sleeper, 1, 'after') }).execute(order());
    await sleeper.fellAsleep();
    await world.pass(16_000);
    expect(await world.delivery().settleDue()).toBe(1);
    await overwrite();
    sleeper.wake();
    expect(await answer).toMatchObject({ ok: true, value: { version: { version: 1 }, repeated: false } });
    await expectNewer();
  });

  it('before committing: commits nothing, and tells what became of the write', async () => {
    const sleeper = new Sleeper();
    const answer = world.delivery({ database: sleepy(sleeper, 2, 'before') }).execute(order());
    await sleeper.fellAsleep();
    await world.pass(16_000);
    expect(await world.delivery().settleDue()).toBe(1);
    await overwrite();
    sleeper.wake();
    expect(await answer).toMatchObject({ ok: true, value: { version: { version: 1 } } });
    await expectNewer();
    expect(await world.count(`history where type = 'Provenance'`)).toBe(2);
    expect(world.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('before committing, while its successor is sending: leaves claim and commit to the successor', async () => {
    const [first, second] = [new Sleeper(), new Sleeper()];
    const answer = world.delivery({ database: sleepy(first, 2, 'before') }).execute(order());
    await first.fellAsleep();
    await world.pass(16_000);
    const settled = world.delivery({ systems: sleepySystem(second) }).settleDue();
    await second.fellAsleep();
    first.wake();
    expect(await answer).toMatchObject({ ok: false, failure: { kind: 'upstream-timeout' } });
    expect(await world.count('claim')).toBe(1);
    expect(await world.count('history')).toBe(0);
    second.wake();
    expect(await settled).toBe(1);
    expect(await world.stored('Consent', 'one')).toBe('yes');
    expect(await world.count('claim')).toBe(0);
  });

  it('with an unknown answer: does not move the successor’s lease', async () => {
    const [first, second] = [new Sleeper(), new Sleeper()];
    world.service.faults.push('silent');
    const answer = world.delivery({ database: sleepy(first, 2, 'before') }).execute(order());
    await first.fellAsleep();
    await world.pass(16_000);
    const settled = world.delivery({ systems: sleepySystem(second) }).settleDue();
    await second.fellAsleep();
    first.wake();
    expect(await answer).toMatchObject({ ok: false, failure: { kind: 'upstream-timeout' } });
    await world.pass(2_000);
    expect(await world.delivery().settleDue()).toBe(0);
    second.wake();
    expect(await settled).toBe(1);
  });

  it('of a settlement: sends nothing', async () => {
    world.service.faults.push('lost');
    await world.delivery().execute(order());
    await world.pass(1_000);
    const sleeper = new Sleeper();
    const late = world.delivery({ database: sleepy(sleeper, 1, 'after') }).settleDue();
    await sleeper.fellAsleep();
    await world.pass(16_000);
    expect(await world.delivery().settleDue()).toBe(1);
    await overwrite();
    sleeper.wake();
    expect(await late).toBe(0);
    await expectNewer();
  });
});
