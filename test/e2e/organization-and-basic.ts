import { describe, expect, it } from 'vitest';
import { BASIC_KIND, NUMBERS, PVK_PART } from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SYSTEM = { as: 'system' } as const;
const HSA = 'urn:oid:1.2.752.29.4.19';
const clinic = {
  resourceType: 'Organization',
  active: true,
  name: 'Ny vårdcentral',
  identifier: [{ system: HSA, value: 'SE5599990016-EX02' }],
};

export const organizationAndBasic: Theme = (open) => {
  describe('Organization', () => {
    const server = useServer(open);

    it('starts with the seeded directory, read without a token', async () => {
      const found = await server.get('/fhir/Organization?_count=100', { as: null });
      expect(idsIn(found)).toEqual(
        expect.arrayContaining(['pvk-part-nfs', 'eksempel-sykehus', 'exempelvardcentralen', 'kolind-apotek']),
      );
      expect(found.headers.has('Cache-Control')).toBe(false);
      const read = await server.get('/fhir/Organization/kolind-apotek', { as: null });
      expect([read.status, resourceIn(read, 'Organization').name]).toEqual([200, 'Kolind Apotek']);
    });

    it.each([
      ['name=exempel', 'exempelvardcentralen'],
      ['name:contains=VÅRDCENTRAL', 'exempelvardcentralen'],
      ['name:exact=Kolind Apotek', 'kolind-apotek'],
      [`identifier=${PVK_PART}|NFS`, 'pvk-part-nfs'],
      ['identifier=http://cvr.dk|12345674', 'kolind-apotek'],
      ['_id=eksempel-laegehus', 'eksempel-laegehus'],
    ])('is found by %s', async (query, id) => {
      const url = new URLSearchParams([...new URLSearchParams(query)]).toString();
      expect(idsIn(await server.get(`/fhir/Organization?${url}`, { as: null }))).toEqual([id]);
      const form = await server.search('Organization', [...new URLSearchParams(query)], { as: null });
      expect(idsIn(form)).toEqual([id]);
    });

    it('is created, updated and deleted by role system, with versions and history', async () => {
      const made = await server.post('/fhir/Organization', clinic, SYSTEM);
      expect([made.status, etagIn(made)]).toEqual([201, 'W/"1"']);
      const path = `/fhir/Organization/${idIn(made)}`;
      const changed = await server.put(
        path,
        { ...clinic, id: idIn(made), name: 'Nyare vårdcentral' },
        SYSTEM,
      );
      expect([changed.status, etagIn(changed)]).toEqual([200, 'W/"2"']);
      const same = await server.put(path, changed.json, SYSTEM);
      expect([same.status, etagIn(same)]).toEqual([200, 'W/"2"']);
      const stale = await server.put(
        path,
        { ...clinic, id: idIn(made) },
        { ...SYSTEM, headers: { 'If-Match': 'W/"1"' } },
      );
      expect(stale.status).toBe(412);
      expect((await server.delete(path, SYSTEM)).status).toBe(204);
      expect((await server.get(path, { as: null })).status).toBe(410);
      const history = resourceIn(await server.get(`${path}/_history`, { as: null }), 'Bundle');
      expect(history.entry?.map(({ request }) => request?.method)).toEqual(['DELETE', 'PUT', 'POST']);
      expect((await server.get(`${path}/_history/1`, { as: null })).status).toBe(200);
    });

    it('repeats a create with the same X-Request-ID as one', async () => {
      const call = { ...SYSTEM, headers: { 'X-Request-ID': crypto.randomUUID() } };
      const [one, two] = [
        await server.post('/fhir/Organization', clinic, call),
        await server.post('/fhir/Organization', clinic, call),
      ];
      expect([two.status, idIn(two)]).toEqual([201, idIn(one)]);
    });

    it('is refused by the rules of R4 and of its profile, every fault at once', async () => {
      const refused = await server.post(
        '/fhir/Organization',
        { resourceType: 'Organization', colour: 'red', active: 'yes' },
        SYSTEM,
      );
      expect(refused.status).toBe(400);
      const at = issuesOf(refused).flatMap(({ expression }) => expression ?? []);
      expect(at).toEqual(expect.arrayContaining(['Organization.colour', 'Organization.active']));
      const nameless = await server.post(
        '/fhir/Organization',
        { resourceType: 'Organization', active: true },
        SYSTEM,
      );
      expect(nameless.status).toBe(422);
    });

    it('stays while a live resource refers to it', async () => {
      const parent = idIn(await server.post('/fhir/Organization', clinic, SYSTEM));
      const partOf = { reference: `Organization/${parent}` };
      const child = idIn(
        await server.post(
          '/fhir/Organization',
          { ...clinic, partOf, identifier: [{ system: HSA, value: 'SE5599990016-EX03' }] },
          SYSTEM,
        ),
      );
      expect(idsIn(await server.get(`/fhir/Organization?partof=${parent}`, { as: null }))).toEqual([child]);
      expect((await server.delete(`/fhir/Organization/${parent}`, SYSTEM)).status).toBe(409);
      expect((await server.delete(`/fhir/Organization/${child}`, SYSTEM)).status).toBe(204);
      expect((await server.delete(`/fhir/Organization/${parent}`, SYSTEM)).status).toBe(204);
    });

    it('is not part of itself, by whatever way', async () => {
      const top = idIn(await server.post('/fhir/Organization', clinic, SYSTEM));
      const below = idIn(
        await server.post(
          '/fhir/Organization',
          {
            ...clinic,
            partOf: { reference: `Organization/${top}` },
            identifier: [{ system: HSA, value: 'SE5599990016-EX04' }],
          },
          SYSTEM,
        ),
      );
      for (const parent of [top, below]) {
        const circle = { ...clinic, id: top, partOf: { reference: `Organization/${parent}` } };
        const refused = await server.put(`/fhir/Organization/${top}`, circle, SYSTEM);
        expect([refused.status, issuesOf(refused)[0]?.expression]).toEqual([422, ['Organization.partOf']]);
      }
    });

    it('tells no national system', async () => {
      await server.post('/fhir/Organization', clinic, SYSTEM);
      expect(await server.exchanges()).toEqual([]);
    });
  });

  describe('Basic', () => {
    const server = useServer(open);
    const basic = (code: string) => ({
      resourceType: 'Basic',
      code: { coding: [{ system: BASIC_KIND, code }] },
    });

    it('lists the kinds for another code (422), and for none, which R4 refuses (400)', async () => {
      for (const [body, status] of [
        [basic('something'), 422],
        [{ resourceType: 'Basic' }, 400],
      ] as const) {
        const refused = await server.post('/fhir/Basic', body);
        expect(refused.status).toBe(status);
        expect(issuesOf(refused).at(-1)?.diagnostics).toContain('treatment-relation');
      }
      const searched = await server.get('/fhir/Basic?code=something', {
        pattern: '2.2.2',
        patient: await server.patient(NUMBERS.documented),
      });
      expect([searched.status, idsIn(searched)]).toEqual([200, []]);
    });

    it('$validate tells an unknown kind with 200, as every fault', async () => {
      const told = await server.post('/fhir/Basic/$validate', basic('something'));
      expect([told.status, issuesOf(told)[0]?.code]).toEqual([200, 'code-invalid']);
    });

    it('an operation that there is not is 404, on a type and on an instance', async () => {
      for (const path of ['/fhir/Basic/$nonsense', '/fhir/Organization/kolind-apotek/$nonsense']) {
        expect([path, (await server.post(path, undefined)).status]).toEqual([path, 404]);
      }
    });

    it('a conditional delete must say the kind', async () => {
      const refused = await server.delete('/fhir/Basic?identifier=https://exempel.example%7C1');
      expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([400, ['http.code']]);
    });

    it('asks for a token, refuses identity numbers in its URLs, and knows no id', async () => {
      expect((await server.post('/fhir/Basic', basic('treatment-relation'), { as: null })).status).toBe(401);
      const number = await server.get(
        '/fhir/Basic?code=treatment-relation&subject:identifier=urn:oid:1.2.208.176.1.2%7C2512489996',
      );
      expect(number.status).toBe(400);
      expect(issuesOf(number)).toMatchObject([{ code: 'security' }]);
      expect((await server.get('/fhir/Basic/x', { as: 'pharmacist' })).status).toBe(404);
      expect((await server.delete('/fhir/Basic')).status).toBe(400);
    });
  });
};
