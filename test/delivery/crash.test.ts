import { describe, expect, it } from 'vitest';
import type { Delivered, WriteOrder } from '../../src/delivery/types.ts';
import { type Failure, failure } from '../../src/failure.ts';
import type { Result } from '../../src/result.ts';
import { type Interference, Process, settleAll } from './steps.ts';
import { languageOf, type OrderParts, order, World } from './world.ts';

/** A write of each kind, and what went wrong at the national system besides. */
interface Scenario {
  readonly name: string;
  /** Is there a version 1 with value `yes` before? */
  readonly before: boolean;
  readonly parts: OrderParts;
  readonly prepare?: (world: World) => void;
  /** Versions of the resource once it is done, for the write itself. */
  readonly versions: number;
  /** The value that both hold once it is done. */
  readonly value: string | null;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'create', before: false, parts: { uniqueKey: 'k' }, versions: 1, value: 'yes' },
  {
    name: 'create of what the service already has',
    before: false,
    parts: { uniqueKey: 'k' },
    prepare: (world) => world.service.settings.set('citizen', 'yes'),
    versions: 1,
    value: 'yes',
  },
  {
    name: 'create whose answer is lost',
    before: false,
    parts: {},
    prepare: (world) => world.service.faults.push('lost'),
    versions: 1,
    value: 'yes',
  },
  {
    name: 'create with a content of many parts',
    before: false,
    parts: { value: 'å'.repeat(700_000) },
    versions: 1,
    value: 'å'.repeat(700_000),
  },
  {
    name: 'update',
    before: true,
    parts: { interaction: 'update', value: 'no', uniqueKey: 'k' },
    versions: 1,
    value: 'no',
  },
  {
    name: 'update of facade-held elements',
    before: true,
    parts: { interaction: 'update', value: 'yes', local: true },
    versions: 1,
    value: 'yes',
  },
  { name: 'delete', before: true, parts: { interaction: 'delete' }, versions: 1, value: null },
  {
    name: 'delete whose call never arrived',
    before: true,
    parts: { interaction: 'delete' },
    prepare: (world) => world.service.faults.push('silent'),
    versions: 1,
    value: null,
  },
  {
    name: 'create that is refused',
    before: false,
    parts: {},
    prepare: (world) =>
      world.service.faults.push(
        ...Array.from({ length: 5 }, () => failure('unprocessable', 'business-rule', 'no')),
      ),
    versions: 0,
    value: null,
  },
];

const opened = async (scenario: Scenario): Promise<{ world: World; orderNow: () => WriteOrder }> => {
  const world = await World.open();
  const before = scenario.before
    ? await world.delivery().execute(order({ requestId: null, uniqueKey: 'k' }))
    : undefined;
  if (before !== undefined && !before.ok) throw new Error('no version to start from');
  await world.database.batch([
    { sql: 'delete from test_audit', params: [] },
    { sql: `delete from resource where type = 'Provenance'`, params: [] },
    { sql: `delete from history where type = 'Provenance'`, params: [] },
  ]);
  world.service.calls.length = 0;
  world.service.changes.length = 0;
  scenario.prepare?.(world);
  const base = before?.value.version;
  const orderNow = () =>
    order({
      ...scenario.parts,
      ...(base === undefined ? {} : { base }),
      deadline: world.time + 10_000,
    });
  return { world, orderNow };
};

/** What must hold once nothing is open, whatever happened on the way. */
const checkInvariants = async (
  { before, parts, versions, value }: Scenario,
  world: World,
  happened: boolean,
): Promise<void> => {
  const base = before ? 1 : 0;
  const made = happened ? versions : 0;
  const expected = happened ? value : before ? 'yes' : null;
  expect(await world.count(`history where type = 'Consent'`)).toBe(base + made);
  expect(await world.stored('Consent', 'one')).toBe(expected);
  if (happened || before) expect(world.service.settings.get('citizen') ?? null).toBe(expected);
  expect(world.service.changes.length).toBeLessThanOrEqual(happened && parts.local !== true ? 1 : 0);
  expect(await world.count(`history where type = 'Provenance'`)).toBe(made);
  expect(await world.count(`test_audit where outcome = '0'`)).toBeGreaterThanOrEqual(made);
  expect(await world.count('claim')).toBe(0);
  expect(await world.count('intent_part')).toBe(0);
  expect(await world.count(`intent where state = 'claimed' or entry is not null`)).toBe(0);
};

const checkAnswer = (scenario: Scenario, answer: Result<Delivered, Failure>): void => {
  if (!answer.ok) {
    expect(answer.failure.kind).toBe('unprocessable');
    return;
  }
  expect(scenario.versions).toBe(1);
  const { version } = answer.value;
  expect(version.version).toBe(scenario.before ? 2 : 1);
  expect(version.deleted ? null : languageOf(version.content)).toBe(scenario.value);
};

const run = async (scenario: Scenario, interfere: Interference): Promise<Process> => {
  const { world, orderNow } = await opened(scenario);
  const process = new Process(interfere);
  const answer = await Promise.race([world.delivery(process.deps(world)).execute(orderNow()), process.death]);
  // What a client has been told is durable already.
  if (answer !== 'died' && answer.ok) {
    expect(await world.count(`history where type = 'Consent'`)).toBe(scenario.before ? 2 : 1);
  }
  await settleAll(world);
  const known = (await world.count('intent where request_key is not null')) === 1;
  await checkInvariants(scenario, world, known);
  const calls = world.service.calls.length;
  const repeat = await world.delivery().execute(orderNow());
  if (known) {
    checkAnswer(scenario, repeat);
    expect(world.service.calls.length).toBe(calls);
    if (repeat.ok) expect(repeat.value.repeated).toBe(true);
    if (repeat.ok && answer !== 'died' && answer.ok) {
      expect(repeat.value.version.content).toBe(answer.value.version.content);
    }
  }
  await settleAll(world);
  await checkInvariants(scenario, world, true);
  const third = await world.delivery().execute(orderNow());
  checkAnswer(scenario, third);
  await checkInvariants(scenario, world, true);
  return process;
};

/** Every step of the undisturbed write, from the run that finds out how many there are. */
const everyStep = async (scenario: Scenario): Promise<readonly string[]> =>
  (await run({ ...scenario }, () => 'go on')).names;

describe.each(SCENARIOS)('$name', (scenario) => {
  it.each(['die', 'throw'] as const)(
    'is done once or not at all, and told the same ever after, when the process or a port %ss at any step',
    async (what) => {
      const names = await everyStep(scenario);
      expect(names).toContain('batch');
      for (const [index, name] of names.entries()) {
        if (name === 'clock' && what === 'throw') continue;
        if (name === 'hash' && what === 'throw') continue;
        for (const when of ['before', 'after'] as const) {
          try {
            await run(scenario, (step, at) => (step === index + 1 && at === when ? what : 'go on'));
          } catch (error) {
            throw new Error(`${what} ${when} step ${index + 1} (${name})`, { cause: error });
          }
        }
      }
    },
  );

  it('survives a second crash, of the process that settles it', async () => {
    const { names } = await run(scenario, () => 'go on');
    const send = names.indexOf('send') + 1;
    if (send === 0) return;
    for (let fatal = 1; fatal <= 8; fatal += 1) {
      for (const when of ['before', 'after'] as const) {
        const { world, orderNow } = await opened(scenario);
        const first = new Process((step, at) => (step === send && at === 'after' ? 'die' : 'go on'));
        await Promise.race([world.delivery(first.deps(world)).execute(orderNow()), first.death]);
        await world.pass(61_000);
        const second = new Process((step, at) => (step === fatal && at === when ? 'die' : 'go on'));
        await Promise.race([world.delivery(second.deps(world)).settleDue(), second.death]);
        await settleAll(world);
        await checkInvariants(scenario, world, true);
      }
    }
  });
});
