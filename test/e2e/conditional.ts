import type { Organization } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { samtykke } from './fixtures.ts';
import { etagIn, idIn, idsIn, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const clinic = (name: string): Organization => ({ resourceType: 'Organization', name });
const system = { as: 'system' } as const;

export const conditional: Theme = (open) => {
  describe('conditional interactions', () => {
    const server = useServer(open);

    it('create with If-None-Exist makes one, then answers 200 with it, and refuses several by 412', async () => {
      const headers = { 'If-None-Exist': 'name=Klinik' };
      const made = await server.post('/fhir/Organization', clinic('Klinik'), { ...system, headers });
      expect(made.status).toBe(201);
      const again = await server.post('/fhir/Organization', clinic('Klinik'), { ...system, headers });
      expect([again.status, idIn(again)]).toEqual([200, idIn(made)]);
      await server.post('/fhir/Organization', clinic('Klinik Två'), system);
      const several = await server.post('/fhir/Organization', clinic('Klinik'), { ...system, headers });
      expect(several.status).toBe(412);
    });

    it('create the same at once as one: each looks again when another was faster', async () => {
      const headers = { 'If-None-Exist': 'name=Samtidig' };
      const replies = await Promise.all(
        Array.from({ length: 6 }, () =>
          server.post('/fhir/Organization', clinic('Samtidig'), { ...system, headers }),
        ),
      );
      const statuses = replies.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([200, 200, 200, 200, 200, 201]);
      expect(new Set(replies.map(idIn)).size).toBe(1);
      const updates = await Promise.all(
        Array.from({ length: 6 }, () =>
          server.put('/fhir/Organization?name=Likadan', clinic('Likadan'), system),
        ),
      );
      expect(updates.filter(({ status }) => status === 201)).toHaveLength(1);
      const found = await server.get('/fhir/Organization?name=Likadan', { as: null });
      expect(resourceIn(found, 'Bundle').entry).toHaveLength(1);
    });

    it('update by criteria creates, then updates the one that matches, then refuses several', async () => {
      const path = '/fhir/Organization?name=Mottagning';
      const made = await server.put(path, clinic('Mottagning'), system);
      expect(made.status).toBe(201);
      const changed = await server.put(path, { ...clinic('Mottagning'), active: false }, system);
      expect([changed.status, idIn(changed), etagIn(changed)]).toEqual([200, idIn(made), 'W/"2"']);
      await server.post('/fhir/Organization', clinic('Mottagning B'), system);
      expect((await server.put(path, clinic('Mottagning'), system)).status).toBe(412);
    });

    it('update by criteria with If-Match is 412 where nothing matches: there is no version to match', async () => {
      const path = '/fhir/Organization?name=Ingen';
      const headers = { 'If-Match': 'W/"1"' };
      const refused = await server.put(path, clinic('Ingen'), { ...system, headers });
      expect(refused.status).toBe(412);
      expect(idsIn(await server.get(path, system))).toEqual([]);
    });

    it('update without criteria and without an id is refused by 400', async () => {
      expect((await server.put('/fhir/Organization', clinic('X'), system)).status).toBe(400);
    });

    it('delete by criteria deletes the one that matches, answers 204 for none, and refuses several', async () => {
      const made = await server.post('/fhir/Organization', clinic('Bort'), system);
      expect((await server.delete('/fhir/Organization?name=Bort', system)).status).toBe(204);
      expect((await server.get(`/fhir/Organization/${idIn(made)}`)).status).toBe(410);
      expect((await server.delete('/fhir/Organization?name=Bort', system)).status).toBe(204);
      await server.post('/fhir/Organization', clinic('Flera A'), system);
      await server.post('/fhir/Organization', clinic('Flera B'), system);
      expect((await server.delete('/fhir/Organization?name=Flera', system)).status).toBe(412);
    });

    it('read with If-None-Match or If-Modified-Since answers 304 with the headers of the version', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const path = `/fhir/Consent/${idIn(made)}`;
      const patient = resourceIn(made, 'Consent').patient?.reference?.split('/')[1];
      const modified = made.headers.get('last-modified') ?? '';
      const later = new Date(Date.parse(modified) + 5000).toUTCString();
      const earlier = new Date(Date.parse(modified) - 5000).toUTCString();
      for (const [headers, status] of [
        [{ 'If-None-Match': 'W/"1"' }, 304],
        [{ 'If-None-Match': '*' }, 304],
        [{ 'If-None-Match': 'W/"7", W/"1"' }, 304],
        [{ 'If-None-Match': 'W/"2"' }, 200],
        [{ 'If-Modified-Since': later }, 304],
        [{ 'If-Modified-Since': modified }, 304],
        [{ 'If-Modified-Since': earlier }, 200],
        [{ 'If-None-Match': 'W/"2"', 'If-Modified-Since': later }, 200],
        [{ 'If-None-Match': 'W/"1"', 'If-Modified-Since': earlier }, 304],
      ] as const) {
        for (const at of [path, `${path}/_history/1`]) {
          const read = await server.get(at, { patient, headers });
          expect([headers, at, read.status]).toEqual([headers, at, status]);
          expect(etagIn(read)).toBe('W/"1"');
          if (status === 304) expect(read.text).toBe('');
        }
      }
    });
  });
};
