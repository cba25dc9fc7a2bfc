import { describe, expect, it } from 'vitest';
import { DNR, FNR, NUMBERS } from './fixtures.ts';
import { idsIn, issuesOf, linkIn, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

export const patientIndex: Theme = (open) => {
  describe('the patient index', () => {
    const server = useServer(open);

    it('makes a Patient on first use: a random id and nothing but the identifier, the same ever after', async () => {
      const found = await server.search('Patient', { identifier: `${FNR}|${NUMBERS.line}` });
      expect(found.status).toBe(200);
      const bundle = resourceIn(found, 'Bundle');
      const [entry] = bundle.entry ?? [];
      const id = entry?.resource?.id ?? '';
      expect(entry?.resource).toEqual({
        resourceType: 'Patient',
        id,
        meta: expect.objectContaining({ versionId: '1' }),
        identifier: [{ system: FNR, value: NUMBERS.line }],
      });
      expect(bundle.total).toBe(1);
      expect(linkIn(bundle, 'self')).toContain(`Patient?_id=${id}`);
      expect(await server.patient(NUMBERS.line)).toBe(id);
    });

    it('is asked under every accepted name of a system, and knows one person', async () => {
      const id = await server.patient(NUMBERS.line);
      expect(await server.patient(NUMBERS.line, 'http://hl7.no/fhir/NamingSystem/FNR')).toBe(id);
      expect(await server.patient(NUMBERS.dNumber, FNR)).toBe(await server.patient(NUMBERS.dNumber, DNR));
    });

    it('makes one Patient when two ask at the same time', async () => {
      const ids = await Promise.all(Array.from({ length: 5 }, () => server.patient(NUMBERS.synthetic)));
      expect(new Set(ids).size).toBe(1);
    });

    it('is read by id under X-PatientRef', async () => {
      const id = await server.patient(NUMBERS.line);
      const read = await server.get(`/fhir/Patient/${id}`, { patient: id });
      expect(read.status).toBe(200);
      expect(resourceIn(read, 'Patient').identifier).toEqual([{ system: FNR, value: NUMBERS.line }]);
      const other = await server.patient(NUMBERS.documented);
      const mismatch = await server.get(`/fhir/Patient/${id}`, { patient: other });
      expect(mismatch.status).toBe(403);
    });

    it.each([
      ['a malformed number', `${FNR}|123`],
      ['a number without a system', NUMBERS.line],
      ['a system that is none of persons', `https://journal.example/numbers|${NUMBERS.line}`],
      ['two numbers', `${FNR}|${NUMBERS.line},${FNR}|${NUMBERS.synthetic}`],
    ])('makes nothing of %s: 400', async (_, identifier) => {
      const refused = await server.search('Patient', { identifier });
      expect(refused.status).toBe(400);
      expect(issuesOf(refused)).toMatchObject([{ severity: 'error', location: ['http.identifier'] }]);
    });

    it('lets nobody write a Patient', async () => {
      const id = await server.patient(NUMBERS.line);
      const body = { resourceType: 'Patient', id, identifier: [{ system: FNR, value: NUMBERS.line }] };
      expect((await server.post('/fhir/Patient', body)).status).toBe(405);
      const put = await server.put(`/fhir/Patient/${id}`, body);
      expect(put.status).toBe(405);
      expect(put.headers.get('Allow')).toBe('GET, HEAD');
      expect((await server.delete(`/fhir/Patient/${id}`)).status).toBe(405);
    });

    it('answers a citizen its own number, and no other', async () => {
      const own = await server.patient(NUMBERS.line);
      const as = { role: 'citizen', patient: own } as const;
      const found = await server.search('Patient', { identifier: `${FNR}|${NUMBERS.line}` }, { as });
      expect(idsIn(found)).toEqual([own]);
      await server.patient(NUMBERS.documented);
      for (const number of [NUMBERS.documented, NUMBERS.synthetic]) {
        const refused = await server.search('Patient', { identifier: `${FNR}|${number}` }, { as });
        expect(refused.status).toBe(403);
      }
      expect((await server.get(`/fhir/Patient/${own}`, { as, patient: own })).status).toBe(200);
    });

    it('answers guardian and agent those they act for, and no other', async () => {
      const [child, stranger] = [
        await server.patient(NUMBERS.line),
        await server.patient(NUMBERS.documented),
      ];
      for (const role of ['guardian', 'agent'] as const) {
        const as = { role, patient: stranger, represents: [child] };
        const ask = (number: string) => server.search('Patient', { identifier: `${FNR}|${number}` }, { as });
        expect(idsIn(await ask(NUMBERS.line))).toEqual([child]);
        expect((await ask(NUMBERS.documented)).status).toBe(403);
        expect((await server.get(`/fhir/Patient/${child}`, { as, patient: child })).status).toBe(200);
        expect((await server.get(`/fhir/Patient/${stranger}`, { as, patient: stranger })).status).toBe(403);
      }
    });
  });
};
