import { describe, expect, it } from 'vitest';
import { NUMBERS, samtykke } from './fixtures.ts';
import { idIn, idsIn, issuesOf } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const bodyOf = (json: object | undefined, name: string): unknown =>
  Object.entries(json ?? {}).find(([member]) => member === name)?.[1];

export const sandbox: Theme = (open) => {
  describe('the sandbox routes', () => {
    const server = useServer(open);
    const plain = { as: null } as const;

    it.each([
      ['POST', '/sandbox/token'],
      ['GET', '/sandbox/exchanges'],
      ['POST', '/sandbox/faults'],
      ['POST', '/sandbox/clock'],
      ['POST', '/sandbox/idcard'],
      ['GET', '/sandbox/mails'],
      ['POST', '/sandbox/mails/x/answer'],
      ['POST', '/sandbox/reset'],
    ])('answer on loopback without a proxy only: %s %s', async (method, path) => {
      const body = method === 'POST' ? { body: {} } : {};
      for (const headers of [
        { Host: 'facade.example' },
        { 'X-Forwarded-For': '192.0.2.1' },
        { 'X-Forwarded-Proto': 'https' },
        { Forwarded: 'for=192.0.2.1' },
      ]) {
        const refused = await server.call(method, path, { ...plain, ...body, headers });
        expect(refused.status).toBe(403);
      }
      const allowed = await server.call(method, path, {
        ...plain,
        ...body,
        headers: { Host: 'localhost:8787' },
      });
      expect(allowed.status).not.toBe(403);
    });

    it('issue a token for every role, and say what is wrong with a request for one', async () => {
      const issued = await server.post('/sandbox/token', { role: 'prescriber' }, plain);
      expect(issued.json).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
      const refused = await server.post('/sandbox/token', { role: 'wizard', colour: 'red' }, plain);
      expect(refused.status).toBe(400);
      expect(
        issuesOf(refused)
          .flatMap(({ expression }) => expression ?? [])
          .toSorted(),
      ).toEqual(['colour', 'role']);
      for (const body of [
        { role: 'citizen' },
        { role: 'guardian' },
        { role: 'citizen', patient: NUMBERS.line },
        '[]',
        'no',
      ]) {
        expect((await server.post('/sandbox/token', body, plain)).status).toBe(400);
      }
    });

    it('list exchanges newest first, by system, with status and time of each', async () => {
      await server.post('/fhir/Consent', samtykke());
      await server.post('/fhir/Consent', samtykke(NUMBERS.line));
      const all = await server.exchanges();
      expect(new Set(all.map(({ system }) => system))).toEqual(new Set(['helseid', 'helsenorge']));
      const times = all.map(({ at }) => Date.parse(at));
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      const [latest] = await server.exchanges('helsenorge');
      expect(latest).toMatchObject({
        system: 'helsenorge',
        request: { method: 'POST' },
        response: { status: 200, body: '{"returKode":"ok","instansEndret":"endret"}' },
      });
      expect(await server.exchanges('brs')).toEqual([]);
    });

    it('name in an exchange the X-Request-ID of the call that caused it', async () => {
      const requestId = crypto.randomUUID();
      await server.post('/fhir/Consent', samtykke(), { headers: { 'X-Request-ID': requestId } });
      const [latest] = await server.exchanges('helsenorge');
      expect(latest?.requestId).toBe(requestId);
    });

    it('show no token, proof, assertion or identity number in any exchange', async () => {
      await server.post('/fhir/Consent', samtykke());
      const text = JSON.stringify(await server.exchanges());
      expect(text).not.toContain(NUMBERS.documented);
      expect(text).not.toMatch(/eyJ[\w-]{8,}/);
      expect(text).toMatch(/"authorization":"DPoP \*\*\*"/);
    });

    it('list the known kinds of fault when one is unknown, and take the documented spelling', async () => {
      const refused = await server.post('/sandbox/faults', { system: 'helsenorge', kind: 'gremlins' }, plain);
      expect(refused.status).toBe(400);
      for (const kind of [
        'timeout',
        'slow',
        'reset',
        'lost-reply',
        'http-500',
        'http-503',
        'garbage',
        'truncated',
        'wrong-content-type',
        'epvk-101500',
        'ikke-ok',
        'no-grant',
        'http-429',
        'page-loops',
      ]) {
        expect(refused.text).toContain(kind);
      }
      for (const kind of ['EPVK-101500', 'ikkeOk', 'use_dpop_nonce']) {
        expect((await server.post('/sandbox/faults', { system: 'helsenorge', kind }, plain)).status).toBe(
          200,
        );
      }
      for (const body of [
        {},
        { system: 'helsenorge' },
        { system: 'brs', kind: 'epvk-101500' },
        { system: 'nobody', kind: 'timeout' },
        { system: 'helsenorge', kind: 'slow', count: 0 },
      ]) {
        expect((await server.post('/sandbox/faults', body, plain)).status).toBe(400);
      }
    });

    it('move the clock, which then runs on and is the one of resources and simulators alike', async () => {
      const moved = await server.post('/sandbox/clock', { now: '2031-03-03T07:00:00Z' }, plain);
      expect(bodyOf(moved.json, 'now')).toMatch(/^2031-03-03T07:00:0/);
      const token = await server.post('/sandbox/token', { role: 'system' }, plain);
      const headers = { Authorization: `Bearer ${bodyOf(token.json, 'access_token')}` };
      const made = await server.post('/fhir/Consent', samtykke(), { as: null, headers });
      expect(made.status).toBe(201);
      expect(made.headers.get('Last-Modified')).toContain('03 Mar 2031 07:00');
      const [exchange] = await server.exchanges('helsenorge');
      expect(exchange?.at).toMatch(/^2031-03-03T07:00/);
      expect((await server.post('/sandbox/clock', { now: 'soon' }, plain)).status).toBe(400);
    });

    it('reset everything but keys: data, faults, clock and exchanges go, tokens stay valid, the seed is back', async () => {
      const Authorization = `Bearer ${await server.token('prescriber')}`;
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.delete('/fhir/Organization/kolind-apotek', { as: 'system' });
      await server.fault('helsenorge', 'http-500', 50);
      await server.advance(60_000);
      await server.reset();
      expect(await server.exchanges()).toEqual([]);
      const gone = await server.get(`/fhir/Consent/${id}`, {
        as: null,
        patient,
        headers: { Authorization, 'X-Org-Info': 'eyJvcmdlbmhldHNPcnQiOiJTYWxhIn0=' },
      });
      expect(gone.status).toBe(404);
      expect((await server.get('/fhir/Organization/kolind-apotek', { as: null })).status).toBe(200);
      expect(idsIn(await server.get('/fhir/Provenance', { as: 'auditor' }))).toEqual([]);
      const made = await server.post('/fhir/Consent', samtykke());
      expect(made.status).toBe(201);
      expect(await server.sent('Sett')).toHaveLength(1);
      expect(Math.abs(Date.parse(made.headers.get('Last-Modified') ?? '') - Date.now())).toBeLessThan(5000);
    });

    it('issue an ID card of a person, as text or as JSON; a malformed number is refused', async () => {
      const body = { cpr: '2609782859', role: 'Apoteksansat' };
      const card = await server.call('POST', '/sandbox/idcard', { as: null, body });
      expect([card.status, atob(card.text).startsWith('<')]).toEqual([200, true]);
      const json = await server.call('POST', '/sandbox/idcard', {
        as: null,
        body,
        headers: { Accept: 'application/json' },
      });
      expect(atob(String(bodyOf(json.json, 'idcard')))).toContain('Assertion');
      const refused = await server.post('/sandbox/idcard', { cpr: 'x', role: 'y' }, plain);
      expect([refused.status, issuesOf(refused)[0]?.code]).toEqual([400, 'value']);
    });
  });

  describe('the sandbox routes of a deployed demonstration', () => {
    const key = 'a-key-for-the-demonstration-1234';
    const server = useServer(open, { SANDBOX_KEY: key });
    const away = { Host: 'facade.example' };

    it('need the key of SANDBOX_KEY', async () => {
      const ask = (headers: Readonly<Record<string, string>>) =>
        server.call('GET', '/sandbox/exchanges', { as: null, headers: { ...away, ...headers } });
      expect((await ask({})).status).toBe(403);
      expect((await ask({ 'X-Sandbox-Key': 'another' })).status).toBe(403);
      expect((await ask({ 'X-Sandbox-Key': key })).status).toBe(200);
    });
  });
};
