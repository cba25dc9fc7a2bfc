import { describe, expect, it } from 'vitest';
import {
  actor,
  BIOBANK,
  NUMBERS,
  PVK_DEFINITION,
  REGISTER,
  samtykke,
  tilgangsbegrensning,
  withdrawn,
} from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SETT = 'SettInnbyggersPersonvernInnstilling';
const KARI = actor('9000001', 'Kari Eksempel');
const OLA = actor('900000002', 'Ola Eksempel');

export const consentUpdate: Theme = (open) => {
  describe('update Consent', () => {
    const server = useServer(open);

    it('makes a new version when PVK answers endret', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const id = idIn(made);
      const changed = await server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id });
      expect(changed.status).toBe(200);
      expect(etagIn(changed)).toBe('W/"2"');
      expect(changed.headers.get('Content-Location')).toMatch(new RegExp(`/Consent/${id}/_history/2$`));
      expect(changed.headers.has('Location')).toBe(false);
      expect(resourceIn(changed, 'Consent').status).toBe('inactive');
      const [, withdrawal] = await server.sent(SETT);
      expect(withdrawal).toMatchObject({ aktiv: false });
    });

    it('answers a no-op with 200, the same ETag and Last-Modified, no version and no Provenance', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const id = idIn(made);
      const same = await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id });
      expect(same.status).toBe(200);
      expect(etagIn(same)).toBe(etagIn(made));
      expect(same.headers.get('Last-Modified')).toBe(made.headers.get('Last-Modified'));
      expect(await server.sent(SETT)).toHaveLength(2);
      const patient = await server.patient(NUMBERS.documented);
      const history = await server.get(`/fhir/Consent/${id}/_history`, { patient });
      expect(resourceIn(history, 'Bundle').total).toBe(1);
      expect(idsIn(await server.get(`/fhir/Provenance?target=Consent/${id}`))).toHaveLength(1);
    });

    it('takes back unchanged what it answered', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const again = await server.put(`/fhir/Consent/${idIn(made)}`, made.json);
      expect([again.status, etagIn(again)]).toEqual([200, etagIn(made)]);
    });

    it('stores a change of what the facade alone holds without telling PVK', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const id = idIn(made);
      const identifier = [{ system: 'https://journal.example/consents', value: 'k-17' }];
      const changed = await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id, identifier });
      expect([changed.status, etagIn(changed)]).toEqual([200, 'W/"2"']);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('refuses a change of patient or of definition by 422, and sends nothing', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.put(`/fhir/Consent/${id}`, { ...samtykke(NUMBERS.line), id });
      expect(patient.status).toBe(422);
      expect(issuesOf(patient)).toContainEqual(
        expect.objectContaining({ code: 'business-rule', expression: ['Consent.patient'] }),
      );
      const policyRule = {
        coding: [{ system: PVK_DEFINITION, code: '2c11f0ca-7270-43f1-a473-bac325feb3f6' }],
      };
      const definition = await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id, policyRule });
      expect(definition.status).toBe(422);
      expect(issuesOf(definition)).toContainEqual(
        expect.objectContaining({ code: 'business-rule', expression: ['Consent.policyRule'] }),
      );
      expect([BIOBANK, REGISTER]).not.toContain(policyRule.coding[0]?.code);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('never creates: an id that is not there is refused by 405, one without an id in the body by 400', async () => {
      const unknown = '0193b5b2-7c1e-7000-8000-000000000000';
      const refused = await server.put(`/fhir/Consent/${unknown}`, { ...samtykke(), id: unknown });
      expect(refused.status).toBe(405);
      expect(refused.headers.get('Allow')).not.toBeNull();
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      expect((await server.put(`/fhir/Consent/${id}`, samtykke())).status).toBe(400);
      expect((await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id: 'other' })).status).toBe(400);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('refuses a stale If-Match by 412 conflict, and sends nothing', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const stale = await server.put(
        `/fhir/Consent/${id}`,
        { ...withdrawn(samtykke()), id },
        { headers: { 'If-Match': 'W/"7"' } },
      );
      expect(stale.status).toBe(412);
      expect(issuesOf(stale)).toMatchObject([{ code: 'conflict' }]);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('refuses an If-Match that is no entity tag by 400', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const malformed = await server.put(
        `/fhir/Consent/${id}`,
        { ...withdrawn(samtykke()), id },
        { headers: { 'If-Match': '1' } },
      );
      expect(malformed.status).toBe(400);
      expect(issuesOf(malformed)).toMatchObject([{ location: ['http.If-Match'] }]);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('asks for If-Match on a tilgangsbegrensning by 428, because PVK replaces the whole list', async () => {
      const made = await server.post('/fhir/Consent', tilgangsbegrensning(NUMBERS.documented, [KARI]));
      const id = idIn(made);
      const both = { ...tilgangsbegrensning(NUMBERS.documented, [KARI, OLA]), id };
      const blind = await server.put(`/fhir/Consent/${id}`, both);
      expect(blind.status).toBe(428);
      expect(issuesOf(blind)).toMatchObject([{ code: 'required', detail: 'version-required' }]);
      expect(await server.sent(SETT)).toHaveLength(1);
      const seen = await server.put(`/fhir/Consent/${id}`, both, {
        headers: { 'If-Match': etagIn(made) },
      });
      expect([seen.status, etagIn(seen)]).toEqual([200, 'W/"2"']);
    });

    it('lets the second of two writers on one list hear 412 when it saw the older version', async () => {
      const made = await server.post('/fhir/Consent', tilgangsbegrensning(NUMBERS.documented, [KARI]));
      const id = idIn(made);
      const headers = { 'If-Match': etagIn(made) };
      const write = (actors: ReturnType<typeof actor>[]) =>
        server.put(
          `/fhir/Consent/${id}`,
          { ...tilgangsbegrensning(NUMBERS.documented, actors), id },
          { headers },
        );
      expect((await write([KARI, OLA])).status).toBe(200);
      expect((await write([KARI, actor('7', 'Per Eksempel')])).status).toBe(412);
    });

    it('brings a deleted one back by PUT, as a new version and a new setting at PVK', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      await server.delete(`/fhir/Consent/${id}`);
      const back = await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id });
      expect([back.status, etagIn(back)]).toEqual([201, 'W/"3"']);
      expect((await server.sent(SETT)).at(-1)).toMatchObject({ aktiv: true });
    });
  });
};
