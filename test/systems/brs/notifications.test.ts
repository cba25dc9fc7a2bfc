import type { Basic } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  externalReferenceOf,
  followupStateOf,
  silenceMeans,
  withAlarm,
} from '../../../src/systems/brs/mapping.ts';
import type { BrsAlarm } from '../../../src/systems/brs/message-notification.ts';
import { type PollPorts, type PollState, planAlarms } from '../../../src/systems/brs/notifications.ts';
import { type DanishOptions, danishWorld } from '../dgws/danish-world.ts';
import { basic, CPR, FIELDS, result } from './samples.ts';

const alarm = (serialNumber: number, externalReferenceId = `r${serialNumber}`): BrsAlarm => ({
  serialNumber,
  creationTimestamp: '2026-06-01T08:05:00+02:00',
  externalReferenceId,
});

describe('the alarms of a poll', () => {
  it('come once a reference, in order, and the highest number is where the next poll starts', () => {
    const planned = planAlarms([alarm(9, 'a'), alarm(3, 'a'), alarm(41, 'b')], undefined);
    expect(planned.alarms.map(({ serialNumber }) => serialNumber)).toEqual([3, 41]);
    expect(planned.offset).toBe(41);
  });

  it('of two patients are two, though somebody chose the same reference for both', () => {
    const [one, other] = [
      { ...alarm(3, 'a'), patientCpr: '2512489996' },
      { ...alarm(9, 'a'), patientCpr: '2401010001' },
    ];
    expect(planAlarms([one, other, { ...one, serialNumber: 11 }], undefined)).toEqual({
      alarms: [one, other],
      offset: 11,
    });
  });

  it('that came before are left out, though the service repeats them', () => {
    expect(planAlarms([alarm(1), alarm(2), alarm(5)], 2)).toMatchObject({ alarms: [alarm(5)], offset: 5 });
    expect(planAlarms([], 7)).toEqual({ alarms: [], offset: 7 });
  });

  it('never lose one and never go back, whatever the gaps', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }));
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 1000 }), (serials, offset) => {
        const { alarms, offset: next } = planAlarms(
          serials.map((serial) => alarm(serial)),
          offset,
        );
        expect(new Set(alarms.map((one) => one.serialNumber))).toEqual(
          new Set(serials.filter((one) => one > offset)),
        );
        expect(next).toBe(Math.max(offset, ...serials));
      }),
    );
  });
});

/** A store of Basics in a test. */
const shelf = () => {
  const held = new Map<string, Basic>();
  const versions: string[] = [];
  const letters: BrsAlarm[] = [];
  let state: PollState = {};
  const ports: PollPorts = {
    load: async () => state,
    save: async (next) => {
      state = next;
    },
    byReference: async (reference) =>
      [...held.values()].filter((one) => externalReferenceOf(one) === reference),
    waiting: async () => [...held.values()].filter((one) => followupStateOf(one) === 'ordered'),
    update: async (resource) => {
      held.set(resource.id ?? '', resource);
      versions.push(`${resource.id} ${followupStateOf(resource)}`);
      return true;
    },
    deadLetter: async (one) => {
      letters.push(one);
    },
  };
  return { held, versions, letters, ports, state: () => state };
};

const story = async (options: DanishOptions = {}) => {
  const world = await danishWorld(options);
  const store = shelf();
  return {
    ...world,
    ...store,
    ask: async (id: string, resource = basic()) => {
      const planned = world.brs.plan({ interaction: 'create', resource });
      if (!planned.ok) throw new Error(JSON.stringify(planned.failure));
      const { request, resource: stored } = planned.value;
      if (request === undefined || stored === undefined) throw new Error('a create sends and stores');
      const sent = await world.brs.send(request, { ...world.context(), repeat: false });
      if (!sent.ok) throw new Error(JSON.stringify(sent.failure));
      const made = world.brs.complete(stored, request, sent.value, world.clock()).resource;
      store.held.set(id, { ...made, id });
      return result(made, 'actual-relation')?.valueCoding?.code;
    },
    poll: async () => {
      const report = await world.brs.poll(store.ports, world.context());
      if (!report.ok) throw new Error(JSON.stringify(report.failure));
      return report.value;
    },
    stateOf: (id: string) => {
      const found = store.held.get(id);
      return found === undefined ? undefined : followupStateOf(found);
    },
  };
};

const limit = (valueDateTime: string) => ({ timeLimit: { url: FIELDS.timeLimit.url, valueDateTime } });
const reference = (value: string): Partial<Basic> => ({
  identifier: [{ system: 'https://nordic-fhir-facade.dev/fhir/NamingSystem/brs-external-reference', value }],
});
const FOUR_WEEKS = limit('2026-03-31T08:00:00+02:00');
const TWO_WEEKS = limit('2026-03-17T08:00:00+01:00');

describe('four weeks with BRS', () => {
  it('D today is A in three weeks; a follow-up before then alarms, one after it is presumed met', async () => {
    const { ask, poll, moveTo, stateOf, held, versions } = await story();
    expect(await ask('short', basic(TWO_WEEKS, reference('short')))).toBe('D');
    expect(await ask('long', basic(FOUR_WEEKS, reference('long')))).toBe('D');
    expect(await poll()).toMatchObject({ received: 0, alarmed: 0, presumedMet: 0 });

    moveTo('2026-03-17T08:10:00+01:00');
    expect(await poll()).toMatchObject({ received: 1, alarmed: 1 });
    expect(stateOf('short')).toBe('alarmed');
    const told = held.get('short');
    expect(told && result(told, 'alarm')?.extension).toMatchObject([
      { url: 'serial-number', valueInteger: 1 },
      { url: 'creation-timestamp', valueDateTime: '2026-03-17T08:00:00+01:00' },
      { url: 'received-at' },
    ]);

    moveTo('2026-03-24T12:00:00+01:00');
    expect(await ask('again', basic(TWO_WEEKS, reference('again')))).toBe('A');

    moveTo('2026-03-31T12:00:00+02:00');
    await poll();
    expect(stateOf('long')).toBe('ordered');
    moveTo('2026-04-01T08:00:00+02:00');
    expect(await poll()).toMatchObject({ presumedMet: 1 });
    expect(stateOf('long')).toBe('presumed-met');
    expect(versions).toEqual(['short alarmed', 'long presumed-met']);
  });
});

describe('polling', () => {
  it('takes an alarm in once, though it is repeated or comes again under a new number', async () => {
    const { ask, poll, moveTo, faults, versions } = await story();
    await ask('one', basic(TWO_WEEKS));
    moveTo('2026-03-18T08:00:00+01:00');
    await poll();
    for (const kind of ['notification-repeat', 'cvr-migrated', 'notification-gap']) {
      await faults.add('brs', kind);
      expect(await poll()).toMatchObject({ alarmed: 0 });
    }
    expect(versions).toEqual(['one alarmed']);
  });

  it('gives an alarm to no patient but its own', async () => {
    const { ask, poll, moveTo, held, letters, stateOf } = await story();
    await ask('mine', basic(TWO_WEEKS));
    const other = { subject: { identifier: { system: CPR, value: '2401010001' } } };
    await ask('theirs', basic(FOUR_WEEKS, other));
    held.delete('mine');
    moveTo('2026-03-18T08:00:00+01:00');
    expect(await poll()).toMatchObject({ alarmed: 0, unmatched: 1 });
    expect([stateOf('theirs'), letters.length]).toEqual(['ordered', 1]);
  });

  it('takes silence for nothing where another organisation is told the alarm', async () => {
    const { ask, poll, moveTo, stateOf } = await story();
    const elsewhere = {
      url: FIELDS.queryableCvr.url,
      valueIdentifier: { system: 'http://cvr.dk', value: '46837428' },
    };
    await ask('theirs', basic({ ...TWO_WEEKS, queryableCvr: elsewhere }));
    moveTo('2026-03-17T12:00:00+01:00');
    await poll();
    moveTo('2026-03-18T12:00:00+01:00');
    expect(await poll()).toMatchObject({ alarmed: 0, presumedMet: 0, unknown: 1 });
    expect(stateOf('theirs')).toBe('unknown');
  });

  it('goes on behind a gap', async () => {
    const { ask, poll, moveTo, faults, state } = await story();
    await faults.add('brs', 'notification-gap');
    await poll();
    await ask('one', basic(TWO_WEEKS));
    moveTo('2026-03-18T08:00:00+01:00');
    expect(await poll()).toMatchObject({ alarmed: 1 });
    expect(state().offset).toBe(8);
  });

  it('keeps an alarm that belongs to nobody', async () => {
    const { ask, poll, moveTo, held, letters } = await story();
    await ask('gone', basic(TWO_WEEKS));
    held.clear();
    moveTo('2026-03-18T08:00:00+01:00');
    expect(await poll()).toMatchObject({ unmatched: 1 });
    expect(letters).toHaveLength(1);
  });

  it('comes back to an alarm that could not be stored', async () => {
    const { ask, brs, ports, moveTo, context, stateOf, poll, state } = await story();
    await ask('one', basic(TWO_WEEKS));
    moveTo('2026-03-18T08:00:00+01:00');
    await brs.poll({ ...ports, update: async () => false }, context());
    expect(state().offset).toBeUndefined();
    await poll();
    expect(stateOf('one')).toBe('alarmed');
  });

  it('sees only the alarms of its own CVR', async () => {
    const queryableCvr = {
      url: FIELDS.queryableCvr.url,
      valueIdentifier: { system: 'http://cvr.dk', value: '46837428' },
    };
    const { ask, poll, moveTo } = await story();
    await ask('theirs', basic({ ...TWO_WEEKS, queryableCvr }));
    moveTo('2026-03-18T08:00:00+01:00');
    expect(await poll()).toMatchObject({ received: 0 });
  });

  it('changes nothing when the call fails, and says so when it may not poll', async () => {
    const { ask, brs, ports, faults, context, moveTo, state, versions } = await story();
    await ask('one', basic(TWO_WEEKS));
    moveTo('2026-03-20T08:00:00+01:00');
    await faults.add('brs', 'not-authorized-notifications');
    expect(await brs.poll(ports, context())).toMatchObject({ failure: { kind: 'forbidden' } });
    expect(state()).toEqual({});
    expect(versions).toEqual([]);
  });

  it('finds alarms gone when it stood still for longer than they are kept: then silence means nothing', async () => {
    const { ask, poll, moveTo, stateOf } = await story();
    await poll();
    await ask('one', basic(TWO_WEEKS));
    moveTo('2026-05-20T08:00:00+02:00');
    expect(await poll()).toMatchObject({ received: 0, unknown: 1 });
    expect(stateOf('one')).toBe('unknown');
  });
});

describe('what silence means', () => {
  const DAY = 86_400_000;
  const due = Date.parse('2026-06-01T08:00:00+02:00');
  const settings = { cvr: '12345674', processingLag: DAY, retention: 30 * DAY };
  const ordered = {
    ...basic(),
    extension: [
      ...(basic().extension ?? []),
      {
        url: 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/followup-state',
        valueCoding: { code: 'ordered' },
      },
    ],
  };

  it.each([
    [due + DAY - 1, due, undefined],
    [due + DAY, due, 'presumed-met'],
    [due + 31 * DAY, due + 30 * DAY, 'presumed-met'],
    [due + 31 * DAY, due - DAY, 'unknown'],
    [due + 40 * DAY, undefined, 'unknown'],
    [due + 2 * DAY, undefined, 'presumed-met'],
  ] as const)('at %i, polled at %s: %s', (now, lastPoll, expected) => {
    expect(silenceMeans(ordered, now, lastPoll, settings)).toBe(expected);
  });

  it('nothing, where nothing was ordered', () => {
    expect(silenceMeans(basic(), due + 9 * DAY, due, settings)).toBeUndefined();
  });

  it('an alarm is added once', () => {
    const once = withAlarm(ordered, alarm(42), due);
    expect(once && followupStateOf(once)).toBe('alarmed');
    expect(once && withAlarm(once, alarm(43), due)).toBeUndefined();
  });
});
