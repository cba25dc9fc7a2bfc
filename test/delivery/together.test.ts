import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivered, LocalWrite, WriteOrder } from '../../src/delivery/types.ts';
import { type Failure, failure } from '../../src/failure.ts';
import type { Result } from '../../src/result.ts';
import { Process, settleAll } from './steps.ts';
import { type OrderParts, order, World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
});

const companion = (parts: OrderParts): LocalWrite => {
  const { upstream: _u, requestId: _r, fingerprint: _f, deadline: _d, ...local } = order(parts);
  return local;
};

const carrying = (companions: readonly LocalWrite[], parts: OrderParts = {}): WriteOrder => ({
  ...order({ deadline: world.time + 10_000, ...parts }),
  companions,
});

const many = (count: number): readonly LocalWrite[] =>
  Array.from({ length: count }, (_, index) => companion({ id: `c${index}`, value: `v${index}` }));

const done = (answer: Result<Delivered, Failure>): Delivered => {
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
};

const nothingStored = async (): Promise<void> => {
  expect(await world.count('history')).toBe(0);
  expect(await world.count('claim')).toBe(0);
};

describe('writes that happen together', () => {
  it('are all stored, each with its own Provenance and audit, once the national system has accepted', async () => {
    const { companions } = done(await world.delivery().execute(carrying(many(3))));
    expect(companions?.map(({ effect, version }) => [effect, version.id])).toEqual([
      ['created', 'c0'],
      ['created', 'c1'],
      ['created', 'c2'],
    ]);
    expect(await world.count(`history where type = 'Consent'`)).toBe(4);
    expect(await world.count(`history where type = 'Provenance'`)).toBe(4);
    expect(await world.count('test_audit')).toBe(4);
    expect(await world.count('claim')).toBe(0);
  });

  it('are undone by the refusal of the one that goes upstream', async () => {
    world.service.faults.push(failure('unprocessable', 'business-rule', 'no'));
    const answer = await world.delivery().execute(carrying(many(2)));
    expect(answer.ok).toBe(false);
    await nothingStored();
  });

  it.each([true, false])(
    'reach nobody when one of them starts from another version (local: %s)',
    async (local) => {
      const stale = companion({
        id: 'gone',
        interaction: 'update',
        base: { version: 4, lastUpdated: 1, deleted: false },
      });
      const answer = await world.delivery().execute(carrying([...many(2), stale], { local }));
      expect(answer.ok ? '' : answer.failure.kind).toBe('precondition-failed');
      expect(world.service.calls).toEqual([]);
      await nothingStored();
    },
  );

  it('reach nobody when one of them holds the unique key of another live resource', async () => {
    done(
      await world.delivery().execute(order({ id: 'first', uniqueKey: 'k', requestId: null, local: true })),
    );
    const answer = await world
      .delivery()
      .execute(carrying([companion({ id: 'second', uniqueKey: 'k' })], { requestId: null }));
    expect(answer.ok ? '' : answer.failure.issues[0]?.code).toBe('duplicate');
    expect(world.service.calls).toEqual([]);
    expect(await world.count(`history where type = 'Consent'`)).toBe(1);
  });

  it('are as many as a Bundle may hold: no statement takes more than a hundred parameters', async () => {
    const { companions } = done(await world.delivery().execute(carrying(many(150), { local: true })));
    expect(companions).toHaveLength(150);
  });

  it('are told again to a repeat of the call, and done once', async () => {
    const first = done(await world.delivery().execute(carrying(many(2))));
    const again = done(await world.delivery().execute(carrying(many(2))));
    expect(again.repeated).toBe(true);
    expect(again.companions?.map(({ version }) => version.content)).toEqual(
      first.companions?.map(({ version }) => version.content),
    );
    expect(await world.count(`history where type = 'Consent'`)).toBe(3);
  });

  it('are all there or none of them, whichever step the process dies at', async () => {
    const steps = await crashAt(0, 'before');
    for (let step = 1; step <= steps; step += 1) {
      for (const when of ['before', 'after'] as const) await crashAt(step, when);
    }
  });
});

/** The number of steps of the run; everything is settled afterwards, and holds together. */
const crashAt = async (fatal: number, when: 'before' | 'after'): Promise<number> => {
  world = await World.open();
  const process = new Process((step, at) => (step === fatal && at === when ? 'die' : 'go on'));
  await Promise.race([world.delivery(process.deps(world)).execute(carrying(many(2))), process.death]);
  await settleAll(world);
  const stored = await world.count(`history where type = 'Consent'`);
  expect([0, 3]).toContain(stored);
  expect(world.service.settings.get('citizen') === 'yes').toBe(stored === 3);
  expect(await world.count('claim')).toBe(0);
  return process.names.length;
};
