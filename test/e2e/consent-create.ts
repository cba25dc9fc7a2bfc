import { describe, expect, it } from 'vitest';
import restrictionSet from '../../profiles/examples/Consent-access-restriction-set.json' with {
  type: 'json',
};
import restrictionWithdrawn from '../../profiles/examples/Consent-access-restriction-withdrawn.json' with {
  type: 'json',
};
import consentSet from '../../profiles/examples/Consent-consent-set.json' with { type: 'json' };
import proof from '../../profiles/examples/Consent-consent-with-proof.json' with { type: 'json' };
import consentWithdrawn from '../../profiles/examples/Consent-consent-withdrawn.json' with { type: 'json' };
import reservationSet from '../../profiles/examples/Consent-reservation-set.json' with { type: 'json' };
import reservationWithdrawn from '../../profiles/examples/Consent-reservation-withdrawn.json' with {
  type: 'json',
};
import consentSetPayload from '../systems/helsenorge/golden/consent-set.payload.json' with { type: 'json' };
import proofPayload from '../systems/helsenorge/golden/consent-with-proof.payload.json' with { type: 'json' };
import consentWithdrawnPayload from '../systems/helsenorge/golden/consent-withdrawn.payload.json' with {
  type: 'json',
};
import reservationRemovedPayload from '../systems/helsenorge/golden/reservation-removed.payload.json' with {
  type: 'json',
};
import reservationSetPayload from '../systems/helsenorge/golden/reservation-set.payload.json' with {
  type: 'json',
};
import restrictionRemovedPayload from '../systems/helsenorge/golden/restriction-removed.payload.json' with {
  type: 'json',
};
import restrictionSetPayload from '../systems/helsenorge/golden/restriction-set.payload.json' with {
  type: 'json',
};
import { actor, BIOBANK, DNR, FNR, NUMBERS, reservasjon, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { etagIn, idIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SETT = 'SettInnbyggersPersonvernInnstilling';

/** The documentation's payload as it is shown: the number masked, the GUID in the case that is sent. */
const shown = (payload: { readonly definisjonGuid: string }) => ({
  ...payload,
  innbyggerFnr: '***',
  definisjonGuid: payload.definisjonGuid.toLowerCase(),
});

const DOCUMENTED = [
  ['a consent set', consentSet, consentSetPayload],
  ['a consent withdrawn', consentWithdrawn, consentWithdrawnPayload],
  ['a consent with a signed proof', proof, proofPayload],
  ['a reservation set', reservationSet, reservationSetPayload],
  ['a reservation removed', reservationWithdrawn, reservationRemovedPayload],
  ['an access restriction set', restrictionSet, restrictionSetPayload],
  ['an access restriction removed', restrictionWithdrawn, restrictionRemovedPayload],
] as const;

export const consentCreate: Theme = (open) => {
  describe('create Consent', () => {
    const server = useServer(open);

    it.each(DOCUMENTED)('sends PVK exactly the documented payload for %s', async (_, consent, payload) => {
      const made = await server.post('/fhir/Consent', consent);
      expect(made.status).toBe(201);
      expect(await server.sent(SETT)).toEqual([shown(payload)]);
    });

    it('answers 201 with Location, Content-Location, ETag and Last-Modified of the version it made', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const url = `http://127.0.0.1:8787/fhir/Consent/${idIn(made)}/_history/1`;
      expect(made.status).toBe(201);
      expect(made.headers.get('Location')).toBe(url);
      expect(made.headers.get('Content-Location')).toBe(url);
      expect(made.headers.get('ETag')).toBe('W/"1"');
      expect(Date.parse(made.headers.get('Last-Modified') ?? '')).not.toBeNaN();
      expect(made.headers.get('Cache-Control')).toBe('no-store');
      expect(resourceIn(made, 'Consent').meta?.versionId).toBe('1');
    });

    it('completes the resource: patient by reference and identifier, catalogue name and part', async () => {
      const made = resourceIn(await server.post('/fhir/Consent', samtykke()), 'Consent');
      const id = await server.patient(NUMBERS.documented);
      expect(made.patient).toEqual({
        reference: `Patient/${id}`,
        type: 'Patient',
        identifier: { system: FNR, value: NUMBERS.documented },
      });
      expect(made.policyRule?.coding?.[0]?.display).toBe('Samtykke til oppbevaring av biomateriale');
      expect(made.organization?.[0]?.identifier?.value).toBe('NFS');
    });

    it('ignores an id that is sent along and gives its own', async () => {
      const made = await server.post('/fhir/Consent', { ...samtykke(), id: 'mine' });
      expect(idIn(made)).not.toBe('mine');
    });

    it('accepts the official example number, whose check digits are wrong, with a warning', async () => {
      const made = await server.post('/fhir/Consent', samtykke(NUMBERS.documented), {
        headers: { Prefer: 'return=OperationOutcome' },
      });
      expect(made.status).toBe(201);
      expect(issuesOf(made)).toContainEqual(
        expect.objectContaining({ severity: 'warning', detail: 'patient-check-digits' }),
      );
    });

    it('takes D-numbers and synthetic numbers, and a GUID in capitals', async () => {
      const dNumber = {
        ...samtykke(),
        patient: { identifier: { system: DNR, value: NUMBERS.dNumber } },
      };
      expect((await server.post('/fhir/Consent', dNumber)).status).toBe(201);
      const capitals = samtykke(NUMBERS.synthetic);
      const coding = { ...capitals.policyRule?.coding?.[0], code: BIOBANK.toUpperCase() };
      const made = await server.post('/fhir/Consent', { ...capitals, policyRule: { coding: [coding] } });
      expect(made.status).toBe(201);
      expect(resourceIn(made, 'Consent').policyRule?.coding?.[0]?.code).toBe(BIOBANK);
    });

    it('takes the patient by reference, or as a contained Patient of nothing but its identifier', async () => {
      const id = await server.patient(NUMBERS.line);
      const byReference = { ...samtykke(), patient: { reference: `Patient/${id}` } };
      const one = await server.post('/fhir/Consent', byReference);
      expect(one.status).toBe(201);
      expect(resourceIn(one, 'Consent').patient?.identifier?.value).toBe(NUMBERS.line);
      const contained = {
        ...reservasjon(),
        contained: [{ resourceType: 'Patient', id: 'p', identifier: [{ system: FNR, value: NUMBERS.line }] }],
        patient: { reference: '#p' },
      };
      const two = resourceIn(await server.post('/fhir/Consent', contained), 'Consent');
      expect(two.patient?.reference).toBe(`Patient/${id}`);
      expect(two.contained).toBeUndefined();
    });

    it('answers by Prefer: minimal has no body, OperationOutcome says how it went', async () => {
      const minimal = await server.post('/fhir/Consent', samtykke(NUMBERS.line), {
        headers: { Prefer: 'return=minimal' },
      });
      expect([minimal.status, minimal.text]).toEqual([201, '']);
      expect(minimal.headers.get('Location')).toContain('/fhir/Consent/');
      const outcome = await server.post('/fhir/Consent', reservasjon(NUMBERS.line), {
        headers: { Prefer: 'return = OperationOutcome' },
      });
      expect(outcome.status).toBe(201);
      expect(issuesOf(outcome)[0]?.severity).not.toBe('error');
    });

    it('sends an equal create again and answers 200 with the existing record and its ETag', async () => {
      const first = await server.post('/fhir/Consent', samtykke());
      const again = await server.post('/fhir/Consent', samtykke());
      expect(again.status).toBe(200);
      expect(idIn(again)).toBe(idIn(first));
      expect(etagIn(again)).toBe(etagIn(first));
      expect(await server.sent(SETT)).toHaveLength(2);
    });

    it('refuses a create of other content by 409 that names the live one, and sends nothing', async () => {
      const first = await server.post('/fhir/Consent', tilgangsbegrensning());
      const other = tilgangsbegrensning(NUMBERS.documented, [actor('9000001', 'Kari Eksempel')]);
      const refused = await server.post('/fhir/Consent', other);
      expect(refused.status).toBe(409);
      expect(issuesOf(refused)).toMatchObject([{ code: 'duplicate' }]);
      expect(issuesOf(refused)[0]?.diagnostics).toContain(`Consent/${idIn(first)}`);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('keeps one live Consent per patient and definition, whatever the others', async () => {
      const ids = await Promise.all(
        [samtykke(), reservasjon(), samtykke(NUMBERS.line)].map(async (consent) =>
          idIn(await server.post('/fhir/Consent', consent)),
        ),
      );
      expect(new Set(ids).size).toBe(3);
    });
  });
};
