import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { actor, NUMBERS, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SETT = 'SettInnbyggersPersonvernInnstilling';

/** How often a kind must strike so that every try of one call meets it. */
const ALL_TRIES = 3;

type Refused = readonly [
  system: string,
  kind: string,
  count: number,
  status: number,
  code: string,
  detail: string,
];

/** What ends a create, and how it is told. */
const REFUSED: readonly Refused[] = [
  ['helsenorge', 'http-500', ALL_TRIES, 502, 'transient', 'server-error'],
  ['helsenorge', 'http-503', ALL_TRIES, 502, 'transient', 'server-error'],
  ['helsenorge', 'garbage', ALL_TRIES, 502, 'transient', 'server-error'],
  ['helsenorge', 'http-429', ALL_TRIES, 502, 'transient', 'throttled'],
  ['helsenorge', 'ikkeOk', 1, 502, 'processing', 'not-done'],
  ['helsenorge', 'EPVK-101500', 1, 422, 'business-rule', 'EPVK-101500'],
  ['helsenorge', 'epvk-101518', 1, 422, 'not-found', 'EPVK-101518'],
  ['helsenorge', 'sec-110000', 2, 502, 'security', 'SEC-110000'],
  ['helsenorge', 'ehsec-110002', 2, 502, 'security', 'EHSEC-110002'],
  ['helsenorge', 'unauthorized-empty', 2, 502, 'security', 'credentials-refused'],
  ['helsenorge', 'token-expired-401', 2, 502, 'security', 'EHSEC-110002'],
  ['helsenorge', 'token-expired-403', 2, 502, 'security', 'EHSEC-110002'],
  ['helsenorge', 'use_dpop_nonce', 3, 502, 'security', 'credentials-refused'],
  ['helsenorge', 'no-grant', 1, 403, 'forbidden', 'access-denied'],
  ['helseid', 'invalid-client', 1, 502, 'security', 'invalid_client'],
  ['helseid', 'invalid-scope', 1, 502, 'security', 'invalid_scope'],
  ['helseid', 'rejected-scope', 1, 502, 'security', 'rejected_scope'],
  ['helseid', 'multi-tenant-mismatch', 1, 502, 'security', 'invalid_request'],
  ['helseid', 'unauthorized-client', 1, 502, 'security', 'unauthorized_client'],
  ['helseid', 'http-500', ALL_TRIES, 502, 'transient', 'server-error'],
  ['helseid', 'reset', ALL_TRIES, 503, 'transient', 'no-connection'],
];

/** What a create gets over within its tries. */
const OVERCOME: readonly (readonly [system: string, kind: string])[] = [
  ['helsenorge', 'http-500'],
  ['helsenorge', 'reset'],
  ['helsenorge', 'lost-reply'],
  ['helsenorge', 'truncated'],
  ['helsenorge', 'wrong-content-type'],
  ['helsenorge', 'garbage'],
  ['helsenorge', 'http-429'],
  ['helsenorge', 'token-expired-401'],
  ['helsenorge', 'token-expired-403'],
  ['helsenorge', 'unauthorized-empty'],
  ['helsenorge', 'use-dpop-nonce'],
  ['helsenorge', 'result-key-lower'],
  ['helseid', 'use-dpop-nonce-again'],
  ['helseid', 'http-503'],
  ['helseid', 'reset'],
  ['helseid', 'clock-skew'],
];

const consentsOf = async (server: Client, number: string): Promise<readonly string[]> => {
  const patient = await server.patient(number);
  return idsIn(await server.get(`/fhir/Consent?patient=${patient}`, { patient }));
};

/** None of the text that the other side wrote comes back. */
export const expectNoForeignText = async (server: Client, reply: Reply): Promise<void> => {
  for (const { response } of await server.exchanges()) {
    for (const [, said] of (response?.body ?? '').matchAll(
      /"(?:message|error_description)":"([^"]{8,})"/gi,
    )) {
      expect(reply.text).not.toContain(said);
    }
  }
  expect(reply.text).not.toContain('Bad Gateway');
};

export const faults: Theme = (open) => {
  describe('a create while a national service fails', () => {
    const server = useServer(open);

    it.each(REFUSED)(
      '%s %s on every try: %i times is %i %s, nothing stored, and the next try succeeds',
      async (system, kind, count, status, code, detail) => {
        await server.fault(system, kind, count);
        const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
        const refused = await server.post('/fhir/Consent', samtykke(), call);
        expect([refused.status, issuesOf(refused)]).toEqual([
          status,
          [expect.objectContaining({ severity: 'error', code, detail })],
        ]);
        await expectNoForeignText(server, refused);
        expect(await consentsOf(server, NUMBERS.documented)).toEqual([]);
        expect((await server.post('/fhir/Consent', samtykke())).status).toBe(201);
      },
    );

    it.each(OVERCOME)('%s %s once: the caller does not notice', async (system, kind) => {
      await server.fault(system, kind);
      const made = await server.post('/fhir/Consent', samtykke());
      expect([made.status, etagIn(made)]).toEqual([201, 'W/"1"']);
      expect(await consentsOf(server, NUMBERS.documented)).toEqual([idIn(made)]);
    });

    it.each(['ikkeOk', 'EPVK-101500', 'no-grant'])(
      'a list that PVK never got is not said to be there: %s after a dropped connection',
      async (kind) => {
        const actors = [actor('9000001', 'Kari Eksempel'), actor('900000002', 'Ola Eksempel')];
        const made = await server.post(
          '/fhir/Consent',
          tilgangsbegrensning(NUMBERS.documented, actors.slice(0, 1)),
        );
        const path = `/fhir/Consent/${idIn(made)}`;
        await server.fault('helsenorge', 'reset');
        await server.fault('helsenorge', kind);
        const wider = { ...tilgangsbegrensning(NUMBERS.documented, actors), id: idIn(made) };
        const headers = { 'If-Match': 'W/"1"', 'X-Request-ID': crypto.randomUUID() };
        const first = await server.put(path, wider, { headers });
        expect(first.status).toBeGreaterThanOrEqual(500);
        // The server sends it again by itself; PVK then has what the store says.
        await server.advance(60_000);
        await expect
          .poll(async () => (await server.put(path, wider, { headers })).status, { timeout: 5_000 })
          .toBe(200);
        const [last] = (await server.sent(SETT)).slice(-1);
        expect(JSON.stringify(last)).toContain('900000002');
      },
    );

    it.each(['ikkeOk', 'EPVK-101500', 'no-grant'])(
      'a withdrawal that PVK carried out is settled as done: %s after a lost reply',
      async (kind) => {
        const made = await server.post('/fhir/Consent', samtykke());
        const path = `/fhir/Consent/${idIn(made)}`;
        await server.fault('helsenorge', 'lost-reply');
        await server.fault('helsenorge', kind);
        const removed = await server.delete(path, { headers: { 'If-Match': 'W/"1"' } });
        expect(removed.status).toBe(204);
        const patient = await server.patient(NUMBERS.documented);
        expect((await server.get(path, { patient })).status).toBe(410);
      },
    );

    it('waits for a slow one', async () => {
      await server.fault('helsenorge', 'slow');
      expect((await server.post('/fhir/Consent', samtykke())).status).toBe(201);
    });

    it('stops asking one that has failed five times in a row: 503 with Retry-After, and nothing is sent', async () => {
      await server.fault('helsenorge', 'http-500', 5 * ALL_TRIES);
      await Promise.all(
        [
          samtykke(),
          samtykke(NUMBERS.line),
          samtykke(NUMBERS.synthetic),
          samtykke(NUMBERS.synthetic40),
          samtykke(NUMBERS.unknownToPvk),
        ].map((consent) => server.post('/fhir/Consent', consent)),
      );
      const before = await server.sent(SETT);
      const refused = await server.post('/fhir/Consent', samtykke());
      expect(refused.status).toBe(503);
      expect(issuesOf(refused)).toMatchObject([{ code: 'transient', detail: 'circuit-open' }]);
      expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
      expect(await server.sent(SETT)).toHaveLength(before.length);
      await server.advance(11_000);
      expect((await server.post('/fhir/Consent', samtykke())).status).toBe(201);
    });
  });

  describe('a write whose fate is not known', () => {
    const server = useServer(open, { UPSTREAM_DEADLINE: '700ms' });

    it.each([
      ['lost-reply', ALL_TRIES],
      ['reset', ALL_TRIES],
      ['timeout', ALL_TRIES],
      ['truncated', ALL_TRIES],
    ])(
      '%s on every try: 504 transient with Retry-After, then the same X-Request-ID finds it settled',
      async (kind, count) => {
        await server.fault('helsenorge', kind, count);
        const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
        const open504 = await server.post('/fhir/Consent', samtykke(), call);
        expect(open504.status).toBe(504);
        expect(issuesOf(open504)).toMatchObject([{ code: 'transient', detail: 'unsettled' }]);
        expect(Number(open504.headers.get('Retry-After'))).toBeGreaterThan(0);
        const settled = await server.post('/fhir/Consent', samtykke(), call);
        expect([settled.status, etagIn(settled)]).toEqual([201, 'W/"1"']);
        expect(await consentsOf(server, NUMBERS.documented)).toEqual([idIn(settled)]);
        const patient = await server.patient(NUMBERS.documented);
        const provenance = await server.get(`/fhir/Provenance?target=Consent/${idIn(settled)}`);
        expect(idsIn(provenance)).toHaveLength(1);
        const history = await server.get(`/fhir/Consent/${idIn(settled)}/_history`, { patient });
        expect(resourceIn(history, 'Bundle').total).toBe(1);
      },
    );

    it('keeps other writes of the same Consent out by 409 lock-error until it is settled', async () => {
      await server.fault('helsenorge', 'lost-reply', ALL_TRIES);
      const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
      expect((await server.post('/fhir/Consent', samtykke(), call)).status).toBe(504);
      const other = await server.post('/fhir/Consent', samtykke());
      expect(other.status).toBe(409);
      expect(issuesOf(other)).toMatchObject([{ code: 'lock-error', detail: 'resource-locked' }]);
      expect(other.headers.get('Retry-After')).toMatch(/^\d+$/);
      const settled = await server.post('/fhir/Consent', samtykke(), call);
      expect(settled.status).toBe(201);
      expect((await server.post('/fhir/Consent', samtykke())).status).toBe(200);
    });

    it('stays 504 with Retry-After for the same X-Request-ID as long as PVK does not answer', async () => {
      await server.fault('helsenorge', 'lost-reply', 2 * ALL_TRIES);
      const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
      expect((await server.post('/fhir/Consent', samtykke(), call)).status).toBe(504);
      const still = await server.post('/fhir/Consent', samtykke(), call);
      expect([still.status, issuesOf(still)[0]?.detail]).toEqual([504, 'unsettled']);
      expect(Number(still.headers.get('Retry-After'))).toBeGreaterThan(0);
    });

    it('has changed PVK once, however often it was sent', async () => {
      await server.fault('helsenorge', 'lost-reply', ALL_TRIES);
      const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
      await server.post('/fhir/Consent', samtykke(), call);
      const id = idIn(await server.post('/fhir/Consent', samtykke(), call));
      const patient = await server.patient(NUMBERS.documented);
      expect((await server.sent(SETT)).length).toBeGreaterThan(ALL_TRIES);
      await server.advance(3_600_000);
      await server.get(`/fhir/Consent/${id}`, { patient });
      const [sjekk] = await server.exchanges('helsenorge');
      expect(JSON.parse(sjekk?.response?.body ?? '')).toMatchObject({ aktiv: true, sekvensnummer: 1 });
    });

    it('is settled by the server itself, without anybody repeating it', async () => {
      await server.fault('helsenorge', 'lost-reply', ALL_TRIES);
      expect((await server.post('/fhir/Consent', samtykke())).status).toBe(504);
      expect(await consentsOf(server, NUMBERS.documented)).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await server.advance(1000);
      expect(await consentsOf(server, NUMBERS.documented)).toHaveLength(1);
    });

    it('of a delete ends in 410 once it is settled', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.fault('helsenorge', 'lost-reply', ALL_TRIES);
      const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
      expect((await server.delete(`/fhir/Consent/${id}`, call)).status).toBe(504);
      expect((await server.get(`/fhir/Consent/${id}`, { patient })).status).toBe(200);
      expect((await server.delete(`/fhir/Consent/${id}`, call)).status).toBe(204);
      expect((await server.get(`/fhir/Consent/${id}`, { patient })).status).toBe(410);
    });
  });
};
