import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import type { WriteOrder } from '../../../src/delivery/types.ts';
import type { MailFate } from '../../../src/mail/transport.ts';
import { readConnection } from '../../../src/systems/efrikort/mapping.ts';
import { deliveryOf } from '../../../src/systems/efrikort/model.ts';
import { World } from '../../delivery/world.ts';
import { CONTEXT, codes, draft, parameters, stateOf, system, value } from './fixture.ts';

const REQUEST_ID = '1f0c3f8e-0000-4000-8000-0000000000e1';

/** The real journal, the store, and a mail server that does as it is told. */
const scene = async () => {
  const world = await World.open();
  const mails: string[] = [];
  const fates: (MailFate | 'crash')[] = [];
  const facade = await system({
    clock: () => world.time,
    transport: {
      async send({ messageId }) {
        mails.push(messageId);
        const fate = fates.shift() ?? { fate: 'accepted' };
        if (fate === 'crash') throw new Error('the process ended');
        return fate;
      },
    },
  });
  const delivery = world.delivery({ systems: (name) => (name === 'efrikort' ? facade : undefined) });

  const order = async (resource: Basic, more: Partial<WriteOrder> = {}): Promise<WriteOrder> => {
    const base = await world.repository.read('Basic', 'one');
    const interaction = base === undefined ? 'create' : 'update';
    const audit = {
      at: 0,
      interaction,
      action: base === undefined ? 'C' : 'U',
      outcome: '0',
      type: 'Basic',
    } as const;
    return {
      interaction,
      type: 'Basic',
      id: 'one',
      ...(base === undefined ? {} : { base }),
      resource,
      index: { token: [], reference: [], date: [], string: [], uri: [] },
      audit: { ...audit, callerKey: 'caller', role: 'system', clientId: 'client' },
      callerKey: 'caller',
      deadline: world.time + 10_000,
      ...more,
    };
  };
  const stored = async (): Promise<Basic> => {
    const version = await world.repository.read('Basic', 'one');
    return JSON.parse(version?.content ?? '') as Basic;
  };
  const local = async (resource: Basic) => value(await delivery.execute(await order(resource)));
  await local({ ...draft(facade, 'test'), id: 'one' });

  /** A `$submit` as it is wired: the announcement, the mail, and what became of it. */
  const submit = async (requestId = REQUEST_ID, given = parameters()) => {
    const plan = value(await facade.submit(await stored(), given, []));
    if (plan.kind !== 'send') throw new Error('by hand');
    await local(plan.attempt);
    const upstream = { system: 'efrikort', request: plan.request, onUnchanged: 'commit' } as const;
    const answer = await delivery.execute(await order(plan.sent, { upstream, requestId, fingerprint: 'f' }));
    const kind = answer.ok ? 'ok' : answer.failure.kind;
    if (!answer.ok && kind !== 'upstream-timeout') await local(plan.refused);
    return kind;
  };
  const fateOf = async () => {
    const { connection } = readConnection(await stored(), CONTEXT);
    return connection === undefined ? undefined : deliveryOf(connection);
  };
  return { world, facade, delivery, mails, fates, stored, submit, local, fateOf };
};

describe('a mail through the journal', () => {
  it('is announced in a version of its own, and sent before the state moves', async () => {
    const { submit, stored, mails, world } = await scene();
    expect(await submit()).toBe('ok');
    const versions = [1, 2, 3].map((version) => world.repository.vread('Basic', 'one', version));
    const states = (await Promise.all(versions)).map((one) =>
      stateOf(JSON.parse(one?.content ?? '{}') as Basic),
    );
    expect(states).toEqual(['draft', 'draft', 'requested']);
    expect(stateOf(await stored())).toBe('requested');
    expect(mails).toHaveLength(1);
  });
  it('that the server refuses leaves a draft that says so', async () => {
    const { submit, stored, fates, fateOf } = await scene();
    fates.push({ fate: 'refused', why: 'recipient' });
    expect(await submit()).toBe('upstream-refused');
    expect([stateOf(await stored()), await fateOf()]).toEqual(['draft', 'refused']);
    expect(await submit('1f0c3f8e-0000-4000-8000-0000000000e2')).toBe('ok');
  });
  it.each<[string, MailFate | 'crash']>([
    ['without an answer', { fate: 'unknown' }],
    ['in a crash', 'crash'],
  ])(
    'that ends %s is settled without a second mail, as an event, and waits for resend',
    async (_what, fate) => {
      const { submit, stored, facade, delivery, mails, fates, world, local, fateOf } = await scene();
      fates.push(fate);
      expect(await submit()).toBe('upstream-timeout');
      for (let round = 0; round < 3; round += 1) {
        await world.pass(120_000);
        await delivery.settleDue();
      }
      expect(mails).toHaveLength(1);
      const again = await delivery.repeat('caller', REQUEST_ID, 'f');
      expect(again?.ok === false && again.failure.issues[0]?.details?.code).toBe('delivery-unknown');
      expect(await fateOf()).toBe('open');

      const concluded = await facade.conclude(await stored());
      if (concluded === undefined) throw new Error('nothing to say');
      await local(concluded);
      expect(await fateOf()).toBe('unknown');
      expect(codes(await facade.submit(await stored(), parameters(), []))).toEqual(['delivery-unknown']);

      const plan = value(
        await facade.submit(await stored(), parameters({ name: 'resend', valueBoolean: true }), []),
      );
      expect(plan.kind === 'send' && plan.request).toMatchObject({
        messageId: '<EFK-000001.2@exempelsystem.example>',
      });
    },
  );
});
