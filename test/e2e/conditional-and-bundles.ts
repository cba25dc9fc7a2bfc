import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS, reservasjon, samtykke, withdrawn } from './fixtures.ts';
import { idIn, issuesOf, resourceIn } from './reply.ts';
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
  describe('the criteria of conditional interactions', () => {
    const server = useServer(open);

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

    it('tell nobody what the scopes do not let it read', async () => {
      const id = idIn(await server.post('/fhir/Consent', named()));
      const as = { role: 'prescriber', scope: 'user/Consent.c' } as const;
      const condition = { 'If-None-Exist': BY_NAME };
      const refused = await server.post('/fhir/Consent', samtykke(NUMBERS.line), { as, headers: condition });
      expect(refused.status).toBe(403);
      expect(refused.text).not.toContain(id);
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

  describe('the rights of a Bundle’s entries', () => {
    const server = useServer(open);

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
