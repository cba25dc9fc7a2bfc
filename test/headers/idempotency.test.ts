import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '../../src/ports.ts';
import { type Client, createClient, type Who } from '../e2e/client.ts';
import { NUMBERS, reservasjon, samtykke } from '../e2e/fixtures.ts';
import { etagIn, idIn, issuesOf, type Reply } from '../e2e/reply.ts';
import { type OpenedHere, openHere } from './open.ts';

// Repeats, conflicts and twins are in test/e2e/idempotency.ts; here is how long and in what form it is kept.

const HOUR = 3_600_000;

/** Tries of one call to PVK. */
const TRIES = 3;

let opened: OpenedHere;
let client: Client;

const start = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
  opened = await openHere(settings);
  client = createClient((request) => opened.fetch(request));
};

afterEach(async () => opened.close?.());

const create = (body: unknown, requestId: string, as: Who = 'prescriber'): Promise<Reply> =>
  client.post('/fhir/Consent', body, { as, headers: { 'X-Request-ID': requestId } });

describe('what is kept of an X-Request-ID', () => {
  beforeEach(() => start());

  it('is forgotten after IDEMPOTENCY_TTL, and not before', async () => {
    const id = crypto.randomUUID();
    await create(samtykke(), id);
    await client.advance(23 * HOUR);
    const within = await create(reservasjon(), id);
    expect([within.status, issuesOf(within)[0]?.code]).toEqual([409, 'conflict']);
    await client.advance(2 * HOUR);
    expect((await create(reservasjon(), id)).status).toBe(201);
  });

  it('is no right: the outcome is told only to who may still do the write', async () => {
    const id = crypto.randomUUID();
    const made = await create(samtykke(), id);
    const reading = await create(samtykke(), id, { role: 'prescriber', scope: 'user/Consent.rs' });
    expect(reading.status).toBe(403);
    expect(reading.text).not.toContain(idIn(made));
  });

  it('is a keyed hash and the outcome, with neither body, headers nor token', async () => {
    const id = crypto.randomUUID();
    await create(samtykke(NUMBERS.line), id);
    const token = await client.token('prescriber');
    const kept = JSON.stringify(await opened.database.query(sql('select * from intent')));
    expect(kept).toContain('settled');
    for (const secret of [id, NUMBERS.line, token.slice(0, 40), 'Exempeljournal', 'patient-privacy']) {
      expect(kept, secret.slice(0, 8)).not.toContain(secret);
    }
  });
});

describe('a write whose fate is unknown', () => {
  beforeEach(() => start({ UPSTREAM_DEADLINE: '700ms' }));

  it('answers each repeat 504 with Retry-After until it is settled, then its outcome, and acts once', async () => {
    await client.token('prescriber');
    await client.fault('helsenorge', 'lost-reply', 2 * TRIES);
    const id = crypto.randomUUID();
    for (const reply of [await create(samtykke(), id), await create(samtykke(), id)]) {
      expect(reply.status).toBe(504);
      expect(issuesOf(reply)).toMatchObject([{ code: 'transient' }]);
      expect(Number(reply.headers.get('Retry-After'))).toBeGreaterThan(0);
    }
    await client.advance(HOUR / 60);
    const settled = await create(samtykke(), id);
    expect([settled.status, etagIn(settled)]).toEqual([201, 'W/"1"']);
  });
});
