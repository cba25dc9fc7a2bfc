import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS, reservasjon, samtykke, withdrawn } from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const JOURNAL = 'https://journal.example/consents';
const named = (number: string = NUMBERS.documented) => ({
  ...samtykke(number),
  identifier: [{ system: JOURNAL, value: 'k-17' }],
});
const BY_NAME = `identifier=${encodeURIComponent(`${JOURNAL}|k-17`)}`;

const entry = (method: string, url: string, resource?: object, more: object = {}) => ({
  ...(resource === undefined ? {} : { resource }),
  request: { method, url, ...more },
});
const bundleOf = (type: 'batch' | 'transaction', ...entries: readonly object[]) => ({
  resourceType: 'Bundle',
  type,
  entry: entries,
});

export const conditionalAndBundles: Theme = (open) => {
  describe('conditional interactions', () => {
    const server = useServer(open);

    it('answer 304 without a body to a read whose version is known: If-None-Match, If-Modified-Since', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const path = `/fhir/Consent/${idIn(made)}`;
      const patient = await server.patient(NUMBERS.documented);
      const known = await server.get(path, { patient, headers: { 'If-None-Match': etagIn(made) } });
      expect([known.status, known.text, etagIn(known)]).toEqual([304, '', etagIn(made)]);
      const since = { 'If-Modified-Since': made.headers.get('Last-Modified') };
      expect((await server.get(path, { patient, headers: since })).status).toBe(304);
      const other = await server.get(path, { patient, headers: { 'If-None-Match': 'W/"9"', ...since } });
      expect(other.status).toBe(200);
      expect((await server.get(path, { as: 'nurse', headers: { 'If-None-Match': '*' } })).status).toBe(400);
    });

    it('create only where nothing matches If-None-Exist, which may name a patient by number', async () => {
      const condition = {
        'If-None-Exist': `patient:identifier=${FNR}|${NUMBERS.documented}&category=samtykke`,
      };
      const first = await server.post('/fhir/Consent', samtykke(), { headers: condition });
      const second = await server.post('/fhir/Consent', withdrawn(samtykke()), { headers: condition });
      expect([first.status, second.status, idIn(second)]).toEqual([201, 200, idIn(first)]);
      expect(await server.sent('Sett')).toHaveLength(1);
      await server.post('/fhir/Consent', reservasjon());
      const several = { 'If-None-Exist': `patient:identifier=${FNR}|${NUMBERS.documented}` };
      const refused = await server.post('/fhir/Consent', samtykke(), { headers: several });
      expect(refused.status).toBe(412);
      expect(issuesOf(refused)).toMatchObject([{ code: 'multiple-matches' }]);
    });

    it('update and delete the one that the criteria name', async () => {
      const id = idIn(await server.post('/fhir/Consent', named()));
      const changed = await server.put(`/fhir/Consent?${BY_NAME}`, { ...withdrawn(named()) });
      expect([changed.status, idIn(changed), etagIn(changed)]).toEqual([200, id, 'W/"2"']);
      expect((await server.delete(`/fhir/Consent?${BY_NAME}`)).status).toBe(204);
      const patient = await server.patient(NUMBERS.documented);
      expect((await server.get(`/fhir/Consent/${id}`, { patient })).status).toBe(410);
    });

    it('touch nothing when the criteria name several, none at all, or a number in the URL', async () => {
      await server.post('/fhir/Consent', named());
      await server.post('/fhir/Consent', named(NUMBERS.line));
      expect((await server.delete(`/fhir/Consent?${BY_NAME}`)).status).toBe(412);
      expect((await server.delete('/fhir/Consent')).status).toBe(400);
      const url = `/fhir/Consent?patient:identifier=${encodeURIComponent(`${FNR}|${NUMBERS.line}`)}`;
      const refused = await server.delete(url);
      expect(refused.status).toBe(400);
      expect(issuesOf(refused)).toMatchObject([{ code: 'security' }]);
      expect(await server.sent('Sett')).toHaveLength(2);
    });
  });

  describe('batch and transaction', () => {
    const server = useServer(open);

    it('a batch settles each entry by itself', async () => {
      const reply = await server.post(
        '/fhir',
        bundleOf(
          'batch',
          entry('GET', 'Organization/kolind-apotek'),
          entry('POST', 'Consent', samtykke()),
          entry('POST', 'Consent', { ...reservasjon(), status: 'bogus' }),
          entry('GET', 'Organization/none'),
        ),
      );
      expect(reply.status).toBe(200);
      const answered = resourceIn(reply, 'Bundle');
      expect(answered.type).toBe('batch-response');
      const statuses = answered.entry?.map(({ response }) => response?.status?.slice(0, 3));
      expect(statuses).toEqual(['200', '201', '400', '404']);
      expect(answered.entry?.[2]?.response?.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
      expect(await server.sent('Sett')).toHaveLength(1);
    });

    it('judges each entry by the rights of the caller', async () => {
      const reply = await server.post(
        '/fhir',
        bundleOf('batch', entry('POST', 'Consent', samtykke()), entry('GET', 'AuditEvent')),
        { as: 'pharmacist' },
      );
      const statuses = resourceIn(reply, 'Bundle').entry?.map(({ response }) =>
        response?.status?.slice(0, 3),
      );
      expect(statuses).toEqual(['403', '403']);
      expect(await server.exchanges()).toEqual([]);
    });

    it('a transaction that fails in one entry leaves nothing behind, and points at the entry', async () => {
      const organization = { resourceType: 'Organization', name: 'Eksempel' };
      const refused = await server.post(
        '/fhir',
        bundleOf(
          'transaction',
          entry('POST', 'Organization', organization),
          entry('POST', 'Organization', { resourceType: 'Organization', active: 'no' }),
        ),
        { as: 'system' },
      );
      expect(refused.status).toBe(400);
      expect(JSON.stringify(issuesOf(refused).map(({ expression }) => expression))).toContain(
        'Bundle.entry[1]',
      );
      expect(
        idsIn(await server.get('/fhir/Organization?name=Eksempel&_count=100', { as: null })),
      ).not.toContain(undefined);
      const found = await server.get('/fhir/Organization?name:exact=Eksempel', { as: null });
      expect(idsIn(found)).toEqual([]);
    });

    it('a transaction commits all of it, references between entries included', async () => {
      const parent = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';
      const reply = await server.post(
        '/fhir',
        bundleOf(
          'transaction',
          {
            fullUrl: parent,
            ...entry('POST', 'Organization', { resourceType: 'Organization', name: 'Over' }),
          },
          entry('POST', 'Organization', {
            resourceType: 'Organization',
            name: 'Under',
            partOf: { reference: parent },
          }),
        ),
        { as: 'system' },
      );
      expect(reply.status).toBe(200);
      const [over] = idsIn(await server.get('/fhir/Organization?name=Over', { as: null }));
      const under = await server.get(`/fhir/Organization?partof=${over}`, { as: null });
      expect(idsIn(under)).toHaveLength(1);
    });

    it('refuses what is no batch or transaction by 400, and a call without a token by 401', async () => {
      expect((await server.post('/fhir', { resourceType: 'Bundle', type: 'collection' })).status).toBe(400);
      expect((await server.post('/fhir', samtykke())).status).toBe(400);
      const writing = entry('POST', 'Consent', samtykke());
      expect((await server.post('/fhir', bundleOf('transaction', writing), { as: null })).status).toBe(401);
      const each = await server.post('/fhir', bundleOf('batch', writing, entry('GET', 'Organization')), {
        as: null,
      });
      const statuses = resourceIn(each, 'Bundle').entry?.map(({ response }) => response?.status?.slice(0, 3));
      expect(statuses).toEqual(['401', '200']);
      expect(await server.exchanges()).toEqual([]);
    });
  });
};
