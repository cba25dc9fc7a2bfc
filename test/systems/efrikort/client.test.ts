import { describe, expect, it } from 'vitest';
import type { MailFate, MailTransport, OutgoingMail } from '../../../src/mail/transport.ts';
import { createEfrikortClient } from '../../../src/systems/efrikort/client.ts';
import { createMailOverHttp } from '../../../src/systems/efrikort/client-transport.ts';
import { concludeAttempt } from '../../../src/systems/efrikort/operations/conclude.ts';
import { createOutbox, type Outbox } from '../../../src/systems/efrikort/outbox.ts';
import { CONTEXT, DAY, draft, memoryState, NOW, parameters, stateOf, system, value } from './fixture.ts';

const REQUEST = {
  sender: 'a@b.example',
  recipients: ['c@d.example'],
  messageId: '<EFK-1.1@b.example>',
  message: 'From: a@b.example\r\n\r\nHej\r\n',
};
const CALL = { requestId: 'r', deadline: NOW + 10_000, repeat: false };
const REPEAT = { ...CALL, repeat: true };

const transport = (fate: MailFate) => {
  const mails: OutgoingMail[] = [];
  const send: MailTransport['send'] = async (mail) => {
    mails.push(mail);
    return fate;
  };
  return { mails, send };
};

const client = async (fate: MailFate, outbox?: Outbox) => {
  const away = transport(fate);
  const kept = outbox ?? createOutbox(await memoryState('efrikort'));
  return { away, outbox: kept, ...createEfrikortClient({ transport: away, outbox: kept, clock: () => NOW }) };
};

describe('sending a mail', () => {
  it('says durably that it begins before it does', async () => {
    const outbox = createOutbox(await memoryState('efrikort'));
    let seen: unknown;
    const { send } = createEfrikortClient({
      transport: {
        send: async ({ messageId }) => {
          seen = await outbox.find(messageId);
          return { fate: 'accepted' };
        },
      },
      outbox,
      clock: () => NOW,
    });
    expect((await send(REQUEST, CALL)).ok).toBe(true);
    expect(seen).toEqual({ state: 'sending', at: NOW });
    expect(await outbox.find(REQUEST.messageId)).toEqual({ state: 'sent', at: NOW });
  });
  it.each<[MailFate, string]>([
    [{ fate: 'refused', why: 'no-connection' }, 'refused unavailable transient'],
    [{ fate: 'refused', why: 'try-later' }, 'refused upstream-refused transient'],
    [{ fate: 'refused', why: 'recipient' }, 'refused upstream-refused processing'],
    [{ fate: 'refused', why: 'credentials' }, 'refused upstream-refused security'],
    [{ fate: 'unknown' }, 'unknown upstream-timeout transient'],
  ])('that ends as %j fails as %s', async (fate, expected) => {
    const answer = await (await client(fate)).send(REQUEST, CALL);
    if (answer.ok) throw new Error('accepted');
    const { fate: became, failure } = answer.failure;
    expect(`${became} ${failure.kind} ${failure.issues[0]?.code}`).toBe(expected);
  });
  it('happens once: a repeat of one that was taken is settled without a second mail', async () => {
    const one = await client({ fate: 'accepted' });
    await one.send(REQUEST, CALL);
    expect((await one.send(REQUEST, REPEAT)).ok).toBe(true);
    expect(one.away.mails).toHaveLength(1);
  });
  it('whose fate is unknown is never sent again: the write ends, and says what a person may do', async () => {
    const one = await client({ fate: 'unknown' });
    await one.send(REQUEST, CALL);
    for (const _ of [1, 2]) {
      const answer = await one.send(REQUEST, REPEAT);
      if (answer.ok) throw new Error('accepted');
      // Settled for the journal: neither unknown, nor of the kinds that it tries again.
      expect([answer.failure.fate, answer.failure.failure.kind]).toEqual(['refused', 'conflict']);
      expect(answer.failure.failure.issues[0]?.details?.code).toBe('delivery-unknown');
    }
    expect(one.away.mails).toHaveLength(1);
    expect(await one.outbox.find(REQUEST.messageId)).toEqual({ state: 'unknown', at: NOW });
  });
  it('that crashed before it began is sent by the repeat', async () => {
    const one = await client({ fate: 'accepted' });
    expect((await one.send(REQUEST, REPEAT)).ok).toBe(true);
    expect(one.away.mails).toHaveLength(1);
  });
  it('that was refused stays refused when it is settled', async () => {
    const one = await client({ fate: 'refused', why: 'try-later' });
    await one.send(REQUEST, CALL);
    const answer = await one.send(REQUEST, REPEAT);
    expect(answer.ok ? '' : answer.failure.failure.issues[0]?.details?.code).toBe('mail-refused');
    expect(one.away.mails).toHaveLength(1);
  });
});

describe('mail over HTTP', () => {
  const over = (answer: () => Promise<Response>, deadline = NOW + 5_000) =>
    createMailOverHttp({
      url: 'https://mail.example/send',
      token: 'secret',
      fetch: answer,
      clock: () => NOW,
    }).send(REQUEST, { requestId: 'r', deadline });
  it.each([
    [202, { fate: 'accepted' }],
    [422, { fate: 'refused', why: 'recipient' }],
    [429, { fate: 'refused', why: 'try-later' }],
    [503, { fate: 'refused', why: 'try-later' }],
    [401, { fate: 'refused', why: 'credentials' }],
    [500, { fate: 'unknown' }],
    [302, { fate: 'unknown' }],
  ])('that answers %i', async (status, fate) => {
    expect(await over(async () => new Response(null, { status }))).toEqual(fate);
  });
  it('that drops the connection may have taken the mail', async () => {
    expect(await over(() => Promise.reject(new TypeError('fetch failed')))).toEqual({ fate: 'unknown' });
  });
  it('that was never reached has not', async () => {
    const never = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    expect(await over(() => Promise.reject(never))).toEqual({ fate: 'refused', why: 'no-connection' });
  });
  it('is not tried after the deadline', async () => {
    expect(await over(() => Promise.reject(new Error('called')), NOW)).toEqual({
      fate: 'refused',
      why: 'try-later',
    });
  });
  it('carries envelope, key of repeat and message', async () => {
    let request: Request | undefined;
    const fetch = async (given: Request) => {
      request = given.clone();
      return new Response(null, { status: 202 });
    };
    await createMailOverHttp({
      url: 'https://mail.example/send',
      token: 'secret',
      fetch,
      clock: () => NOW,
    }).send(REQUEST, CALL);
    expect(await request?.text()).toBe(REQUEST.message);
    expect(request?.headers.get('x-envelope-to')).toBe('c@d.example');
    expect(request?.headers.get('idempotency-key')).toBe(REQUEST.messageId);
    expect(request?.headers.get('authorization')).toBe('Bearer secret');
  });
});

describe('a mail left open by a crash', () => {
  it.each([
    ['sent', { state: 'sent', at: NOW } as const, NOW, 'requested undefined'],
    ['refused', { state: 'refused', at: NOW, why: 'message' } as const, NOW, 'draft mail-refused'],
    ['unknown', { state: 'unknown', at: NOW } as const, NOW, 'draft delivery-unknown'],
    ['still under way', { state: 'sending', at: NOW } as const, NOW + 60_000, undefined],
    ['under way for too long', { state: 'sending', at: NOW } as const, NOW + DAY, 'draft delivery-unknown'],
    ['never begun, perhaps about to', undefined, NOW + 60_000, undefined],
    ['never begun', undefined, NOW + DAY, 'draft mail-refused'],
  ])('that was %s is accounted for', async (_what, known, now, expected) => {
    const facade = await system();
    const submission = value(await facade.submit(draft(facade, 'test'), parameters(), []));
    if (submission.kind !== 'send') throw new Error('by hand');
    const concluded = concludeAttempt(submission.attempt, known, { ...CONTEXT, now });
    const kind = concluded?.extension?.at(-1)?.extension?.find(({ url }) => url === 'kind')?.valueCode;
    expect(concluded === undefined ? undefined : `${stateOf(concluded)} ${kind}`).toBe(expected);
    expect(concludeAttempt(submission.sent, known, { ...CONTEXT, now })).toBeUndefined();
  });
});
