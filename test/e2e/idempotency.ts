import { describe, expect, it } from 'vitest';
import { actor, NUMBERS, reservasjon, samtykke, tilgangsbegrensning, withdrawn } from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SETT = 'SettInnbyggersPersonvernInnstilling';
const again = () => ({ headers: { 'X-Request-ID': crypto.randomUUID() } });

export const idempotency: Theme = (open) => {
  describe('a write repeated with the same X-Request-ID', () => {
    const server = useServer(open);

    it('answers a create with the same outcome, and PVK hears it once', async () => {
      const call = again();
      const first = await server.post('/fhir/Consent', samtykke(), call);
      const second = await server.post('/fhir/Consent', samtykke(), call);
      expect([second.status, second.json]).toEqual([201, first.json]);
      for (const name of ['ETag', 'Location', 'Last-Modified']) {
        expect(second.headers.get(name)).toBe(first.headers.get(name));
      }
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('answers an update and a delete with the same outcome, and PVK hears each once', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const [put, gone] = [again(), again()];
      const write = () => server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id }, put);
      const first = await write();
      expect([(await write()).json, first.status]).toEqual([first.json, 200]);
      expect((await server.delete(`/fhir/Consent/${id}`, gone)).status).toBe(204);
      expect((await server.delete(`/fhir/Consent/${id}`, gone)).status).toBe(204);
      expect(await server.sent(SETT)).toHaveLength(3);
      const [latest] = (await server.exchanges('helsenorge')).map(({ request }) => request.body);
      expect(latest).toContain('"aktiv":false');
    });

    it('remembers the outcome even when the resource has changed since', async () => {
      const call = again();
      const first = await server.post('/fhir/Consent', samtykke(), call);
      const id = idIn(first);
      await server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id });
      const second = await server.post('/fhir/Consent', samtykke(), call);
      expect([second.status, etagIn(second)]).toEqual([201, 'W/"1"']);
      expect(await server.sent(SETT)).toHaveLength(2);
    });

    it('is a conflict with another body, another target or another If-Match: 409, and nothing is sent', async () => {
      const call = again();
      const id = idIn(await server.post('/fhir/Consent', samtykke(), call));
      const body = await server.post('/fhir/Consent', reservasjon(), call);
      const target = await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id }, call);
      const seen = { headers: { ...call.headers, 'If-Match': 'W/"1"' } };
      const condition = await server.post('/fhir/Consent', samtykke(), seen);
      for (const refused of [body, target, condition]) {
        expect(refused.status).toBe(409);
        expect(issuesOf(refused)).toMatchObject([
          { code: 'conflict', detail: 'request-id-reused', location: ['http.X-Request-ID'] },
        ]);
      }
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('is each caller’s own', async () => {
      const call = again();
      const first = await server.post('/fhir/Consent', samtykke(), call);
      const other = await server.post('/fhir/Consent', reservasjon(), { ...call, as: 'nurse' });
      expect([first.status, other.status]).toEqual([201, 201]);
    });

    it('is recognised whatever the letter case of the UUID', async () => {
      const id = crypto.randomUUID();
      const first = await server.post('/fhir/Consent', samtykke(), { headers: { 'X-Request-ID': id } });
      const capitals = { headers: { 'X-Request-ID': id.toUpperCase() } };
      expect(idIn(await server.post('/fhir/Consent', samtykke(), capitals))).toBe(idIn(first));
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('may be corrected and sent again when the call was refused for its own faults', async () => {
      const call = again();
      expect((await server.post('/fhir/Consent', { ...samtykke(), status: 'bogus' }, call)).status).toBe(400);
      expect((await server.post('/fhir/Consent', samtykke(), call)).status).toBe(201);
    });

    it('says again that PVK refused, without asking it again', async () => {
      const call = again();
      const first = await server.post('/fhir/Consent', samtykke(NUMBERS.unknownToPvk), call);
      const second = await server.post('/fhir/Consent', samtykke(NUMBERS.unknownToPvk), call);
      expect([first.status, second.status]).toEqual([422, 422]);
      expect(issuesOf(second)).toMatchObject([{ code: 'not-found', detail: 'EPVK-101518' }]);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('by concurrent twins changes PVK once and makes one version, which both hear', async () => {
      const call = again();
      const twins = await Promise.all([1, 2, 3].map(() => server.post('/fhir/Consent', samtykke(), call)));
      expect(twins.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(new Set(twins.map(idIn)).size).toBe(1);
      expect(await server.sent(SETT)).toHaveLength(1);
      const patient = await server.patient(NUMBERS.documented);
      const history = await server.get(`/fhir/Consent/${idIn(twins[0] ?? missing())}/_history`, { patient });
      expect(resourceIn(history, 'Bundle').total).toBe(1);
    });
  });

  describe('writers at the same time', () => {
    const server = useServer(open);

    it('of one version: of ten updates with the same If-Match exactly one wins, and PVK hears once', async () => {
      const made = await server.post('/fhir/Consent', tilgangsbegrensning());
      const id = idIn(made);
      const writes = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          server.put(
            `/fhir/Consent/${id}`,
            { ...tilgangsbegrensning(NUMBERS.documented, [actor(`${index + 1}`, `Nr ${index}`)]), id },
            { headers: { 'If-Match': etagIn(made) } },
          ),
        ),
      );
      const winners = writes.filter(({ status }) => status === 200);
      const losers = writes.filter(({ status }) => status !== 200);
      expect(winners.map(etagIn)).toEqual(['W/"2"']);
      for (const loser of losers) {
        expect([409, 412]).toContain(loser.status);
        if (loser.status === 409) {
          expect(issuesOf(loser)).toMatchObject([{ code: 'lock-error' }]);
          expect(loser.headers.get('Retry-After')).toMatch(/^\d+$/);
        }
      }
      expect(await server.sent(SETT)).toHaveLength(2);
    });

    it('of one new Consent: one is made, whoever else creates it meanwhile', async () => {
      const writes = await Promise.all(
        Array.from({ length: 5 }, () => server.post('/fhir/Consent', samtykke())),
      );
      expect(writes.filter(({ status }) => status === 201)).toHaveLength(1);
      for (const { status } of writes) expect([200, 201, 409]).toContain(status);
      const patient = await server.patient(NUMBERS.documented);
      expect(idsIn(await server.get('/fhir/Consent?status=active', { patient }))).toHaveLength(1);
    });

    it('of different citizens do not hinder each other', async () => {
      const numbers = [NUMBERS.documented, NUMBERS.line, NUMBERS.synthetic, NUMBERS.synthetic40];
      const writes = await Promise.all(
        numbers.map((number) => server.post('/fhir/Consent', samtykke(number))),
      );
      expect(writes.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    });
  });
};

const missing = (): never => {
  throw new Error('there is no answer');
};
