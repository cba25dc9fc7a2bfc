import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { NUMBERS, samtykke } from './fixtures.ts';
import { etagIn, idIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SYSTEM = { as: 'system' } as const;
const ID = 'nytt-sykehus';
const UNKNOWN = '0193b5b2-7c1e-7000-8000-000000000000';
const hospital = (id: string = ID) => ({ resourceType: 'Organization', id, name: 'Nytt sykehus' });

const toldOf = async (server: Client): Promise<ReadonlyMap<string, boolean | undefined>> => {
  const { rest } = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
  return new Map((rest?.[0]?.resource ?? []).map(({ type, updateCreate: told }) => [type as string, told]));
};

export const updateCreate: Theme = (open) => {
  describe('a PUT to an id that is not there, with FACADE_UPDATE_CREATE=on', () => {
    const server = useServer(open, { FACADE_UPDATE_CREATE: 'on' });
    const put = (id: string, headers: Readonly<Record<string, string>> = {}) =>
      server.put(`/fhir/Organization/${id}`, hospital(decodeURIComponent(id)), { ...SYSTEM, headers });

    it('makes it: 201 with Location, then it is as any other', async () => {
      const made = await put(ID);
      expect([made.status, etagIn(made), idIn(made)]).toEqual([201, 'W/"1"', ID]);
      expect(made.headers.get('Location')).toMatch(new RegExp(`/fhir/Organization/${ID}/_history/1$`));
      expect((await put(ID)).status).toBe(200);
      const read = await server.get(`/fhir/Organization/${ID}`, { as: null });
      expect([read.status, etagIn(read)]).toEqual([200, 'W/"1"']);
      const history = await server.get(`/fhir/Organization/${ID}/_history`, { as: null });
      expect(resourceIn(history, 'Bundle').entry?.[0]?.request?.method).toBe('PUT');
    });

    it('makes it once, however many try at the same time', async () => {
      const statuses = (await Promise.all([1, 2, 3, 4].map(() => put(ID)))).map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(1);
      expect(statuses.filter((status) => status !== 201 && status !== 200 && status !== 409)).toEqual([]);
    });

    it.each([NUMBERS.line, `p-${NUMBERS.line}`])(
      'refuses an id that looks like a national identity number, and does not repeat it',
      async (id) => {
        const refused = await put(id);
        expect([refused.status, refused.text.includes(NUMBERS.line)]).toEqual([422, false]);
        const audit = await server.get('/fhir/AuditEvent?_count=50', { as: 'auditor' });
        expect(audit.text).not.toContain(NUMBERS.line);
      },
    );

    it.each(['under_score', 'x'.repeat(65), '%C3%A5s'])('refuses the id %s: it is none of R4', async (id) => {
      expect((await put(id)).status).toBe(400);
    });

    it('is 412 with If-Match: there is no version to match', async () => {
      const refused = await put(ID, { 'If-Match': 'W/"1"' });
      expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([412, ['http.If-Match']]);
      expect((await server.get(`/fhir/Organization/${ID}`, { as: null })).status).toBe(404);
    });

    it('holds what is made to every rule of a create', async () => {
      const nameless = await server.put(
        `/fhir/Organization/${ID}`,
        { resourceType: 'Organization', id: ID },
        SYSTEM,
      );
      expect(nameless.status).toBe(422);
      const other = await server.put(`/fhir/Organization/${ID}`, hospital('other'), SYSTEM);
      expect(other.status).toBe(400);
      expect((await server.put(`/fhir/Organization/${ID}`, hospital(), { as: 'prescriber' })).status).toBe(
        403,
      );
    });

    it('by criteria makes it under the id of the body, unless that is taken', async () => {
      const byName = (name: string) =>
        server.put(`/fhir/Organization?name:exact=${name}`, { ...hospital(), name }, SYSTEM);
      const made = await byName('Andre');
      expect([made.status, idIn(made)]).toEqual([201, ID]);
      expect((await byName('Andre')).status).toBe(200);
      expect((await byName('Tredje')).status).toBe(409);
    });

    it('works inside a transaction, referred to by its id', async () => {
      const entry = [
        {
          fullUrl: 'urn:uuid:4e2f1a34-98dd-4bc2-8a2f-0e6a7a1d2c11',
          resource: {
            ...hospital('avdeling'),
            partOf: { reference: 'urn:uuid:0c6f7a0e-3b1d-4c55-9d3d-4f6a8b9c0d12' },
          },
          request: { method: 'PUT', url: 'Organization/avdeling' },
        },
        {
          fullUrl: 'urn:uuid:0c6f7a0e-3b1d-4c55-9d3d-4f6a8b9c0d12',
          resource: { ...hospital(), name: 'Ved kriterium' },
          request: { method: 'PUT', url: 'Organization?name:exact=Ved%20kriterium' },
        },
      ];
      const done = await server.post('/fhir', { resourceType: 'Bundle', type: 'transaction', entry }, SYSTEM);
      expect(resourceIn(done, 'Bundle').entry?.map(({ response }) => response?.status.slice(0, 3))).toEqual([
        '201',
        '201',
      ]);
      const read = resourceIn(await server.get('/fhir/Organization/avdeling', { as: null }), 'Organization');
      expect(read.partOf?.reference).toBe(`Organization/${ID}`);
    });

    it('is told by $validate with mode=update', async () => {
      const told = await server.post(`/fhir/Organization/${ID}/$validate?mode=update`, hospital(), SYSTEM);
      expect(issuesOf(told)).toMatchObject([{ severity: 'information' }]);
      const numbered = NUMBERS.line;
      const refused = await server.post(
        `/fhir/Organization/${numbered}/$validate?mode=update`,
        hospital(numbered),
        SYSTEM,
      );
      expect([refused.text.includes(numbered), issuesOf(refused)[0]?.severity]).toEqual([false, 'error']);
    });

    it('is for what only the facade holds, and the CapabilityStatement says so', async () => {
      const consent = await server.put(`/fhir/Consent/${UNKNOWN}`, { ...samtykke(), id: UNKNOWN });
      expect(consent.status).toBe(405);
      expect(await server.exchanges()).toEqual([]);
      const told = await toldOf(server);
      expect([told.get('Organization'), told.get('Consent'), told.get('Patient')]).toEqual([
        true,
        false,
        false,
      ]);
    });
  });

  describe('a PUT to an id that is not there', () => {
    const server = useServer(open);

    it('is refused by 405 unless FACADE_UPDATE_CREATE is on', async () => {
      expect((await server.put(`/fhir/Organization/${ID}`, hospital(), SYSTEM)).status).toBe(405);
      expect((await toldOf(server)).get('Organization')).toBe(false);
    });
  });
};
