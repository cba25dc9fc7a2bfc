import { describe, expect, it } from 'vitest';
import { BROKEN_RULES, MEBI, NOT_R4, patientWith, pdf, proof } from './bad-consents.ts';
import type { Client } from './client.ts';
import { DNR, NUMBERS, samtykke } from './fixtures.ts';
import { idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

/** Nothing went upstream, nothing is stored, and no Patient was made of a number. */
const expectUntouched = async (server: Client): Promise<void> => {
  expect(await server.exchanges()).toEqual([]);
  // Whole types are counted without the headers of a patient, which the rules only report here.
  for (const type of ['Consent', 'Patient']) {
    const counted = await server.get(`/fhir/${type}?_summary=count`, { as: 'system' });
    expect([type, resourceIn(counted, 'Bundle').total]).toEqual([type, 0]);
  }
};

export const badInput: Theme = (open) => {
  describe('a create that cannot be', () => {
    const server = useServer(open, { HEADER_RULES: 'report' });

    it.each([...NOT_R4, ...BROKEN_RULES])(
      'refuses %s, and leaves nothing behind',
      async (_, body, status, issue) => {
        const refused = await server.post('/fhir/Consent', body);
        expect([refused.status, issuesOf(refused)]).toEqual([
          status,
          expect.arrayContaining([expect.objectContaining({ severity: 'error', ...issue })]),
        ]);
        await expectUntouched(server);
      },
    );

    it('tells every fault at once, each by its expression, and lets one 400-class fault make it 400', async () => {
      const body = {
        ...samtykke(),
        status: 'bogus',
        colour: 'red',
        patient: patientWith(DNR, '123'),
        provision: { type: 'deny' },
      };
      const refused = await server.post('/fhir/Consent', body);
      expect(refused.status).toBe(400);
      const at = issuesOf(refused)
        .filter(({ severity }) => severity === 'error')
        .flatMap(({ expression }) => expression ?? []);
      expect(at).toEqual(
        expect.arrayContaining([
          'Consent.status',
          'Consent.colour',
          'Consent.patient.identifier.value',
          'Consent.provision.type',
        ]),
      );
    });

    it('takes a proof of 4 MiB exactly', async () => {
      const made = await server.post('/fhir/Consent', proof({ data: pdf(4 * MEBI) }), {
        headers: { Prefer: 'return=minimal' },
      });
      expect(made.status).toBe(201);
    });

    it('refuses a body that is not announced as FHIR JSON by 415', async () => {
      const refused = await server.post('/fhir/Consent', samtykke(), {
        headers: { 'Content-Type': 'text/plain' },
      });
      expect(refused.status).toBe(415);
      expect(issuesOf(refused)).toMatchObject([{ code: 'not-supported', location: ['http.Content-Type'] }]);
      const latin = await server.post('/fhir/Consent', samtykke(), {
        headers: { 'Content-Type': 'application/fhir+json; charset=iso-8859-1' },
      });
      expect(latin.status).toBe(415);
      expect(await server.exchanges()).toEqual([]);
    });

    it('says so when PVK does not know the citizen: 422 not-found, and keeps no Consent', async () => {
      const refused = await server.post('/fhir/Consent', samtykke(NUMBERS.unknownToPvk));
      expect(refused.status).toBe(422);
      expect(issuesOf(refused)).toMatchObject([
        { code: 'not-found', detail: 'EPVK-101518', expression: ['Consent.patient'] },
      ]);
      const patient = await server.patient(NUMBERS.unknownToPvk);
      expect(idsIn(await server.get(`/fhir/Consent?patient=${patient}`, { patient }))).toEqual([]);
    });
  });

  describe('a create that is too large', () => {
    const server = useServer(open, { MAX_BODY: '20000', HEADER_RULES: 'report' });

    it('is refused by 413 beyond MAX_BODY, announced or not, and leaves nothing behind', async () => {
      const body = JSON.stringify({ ...samtykke(), language: 'n'.repeat(20_000) });
      for (const headers of [{}, { 'Content-Length': String(body.length) }]) {
        const refused = await server.post('/fhir/Consent', body, { headers });
        expect(refused.status).toBe(413);
        expect(issuesOf(refused)).toMatchObject([{ code: 'too-long' }]);
      }
      await expectUntouched(server);
    });
  });
};
