import { describe, expect, it } from 'vitest';
import { NUMBERS, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SETT = 'SettInnbyggersPersonvernInnstilling';

export const consentDelete: Theme = (open) => {
  describe('delete Consent', () => {
    const server = useServer(open);

    it('withdraws at PVK and answers 204', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const gone = await server.delete(`/fhir/Consent/${id}`);
      expect([gone.status, gone.text]).toEqual([204, '']);
      expect((await server.sent(SETT)).at(-1)).toEqual({
        innbyggerFnr: '***',
        definisjonGuid: '3fe2a80a-4200-42e2-817b-da8a6236708a',
        definisjonNavn: 'Samtykke til oppbevaring av biomateriale',
        partKode: 'NFS',
        typePi: 'samtykke',
        aktiv: false,
      });
    });

    it('leaves 410 deleted on read, nothing to search, and the whole history', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.delete(`/fhir/Consent/${id}`);
      const read = await server.get(`/fhir/Consent/${id}`, { patient });
      expect(read.status).toBe(410);
      expect(issuesOf(read)).toMatchObject([{ code: 'deleted' }]);
      expect(idsIn(await server.get(`/fhir/Consent?patient=${patient}`, { patient }))).toEqual([]);
      const history = resourceIn(await server.get(`/fhir/Consent/${id}/_history`, { patient }), 'Bundle');
      expect(history.entry?.map(({ request }) => request?.method)).toEqual(['DELETE', 'POST']);
      expect(history.entry?.[0]?.resource).toBeUndefined();
      const first = await server.get(`/fhir/Consent/${id}/_history/1`, { patient });
      expect(first.status).toBe(200);
      expect((await server.get(`/fhir/Consent/${id}/_history/2`, { patient })).status).toBe(410);
    });

    it('answers 204 again for what is already deleted, or was never there, and sends nothing more', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      await server.delete(`/fhir/Consent/${id}`);
      expect((await server.delete(`/fhir/Consent/${id}`)).status).toBe(204);
      expect((await server.delete('/fhir/Consent/0193b5b2-7c1e-7000-8000-000000000000')).status).toBe(204);
      expect(await server.sent(SETT)).toHaveLength(2);
    });

    it('lets a create afterwards make a new record with a new id', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      await server.delete(`/fhir/Consent/${id}`);
      const made = await server.post('/fhir/Consent', samtykke());
      expect([made.status, etagIn(made)]).toEqual([201, 'W/"1"']);
      expect(idIn(made)).not.toBe(id);
    });

    it('refuses a stale If-Match by 412, and a tilgangsbegrensning without one by 428', async () => {
      const made = await server.post('/fhir/Consent', tilgangsbegrensning());
      const path = `/fhir/Consent/${idIn(made)}`;
      expect((await server.delete(path)).status).toBe(428);
      expect((await server.delete(path, { headers: { 'If-Match': 'W/"4"' } })).status).toBe(412);
      expect(await server.sent(SETT)).toHaveLength(1);
      expect((await server.delete(path, { headers: { 'If-Match': etagIn(made) } })).status).toBe(204);
      expect((await server.sent(SETT)).at(-1)).not.toHaveProperty('TbInnbyggerMetadata');
    });
  });

  describe('delete Consent where the configuration keeps active settings', () => {
    const server = useServer(open, { HELSENORGE_DELETE: 'refuse' });

    it('answers 409 while it is active, and sends nothing', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      expect((await server.delete(`/fhir/Consent/${id}`)).status).toBe(409);
      expect(await server.sent(SETT)).toHaveLength(1);
    });
  });
};
