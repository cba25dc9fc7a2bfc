import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { encoded } from './headers.ts';
import { type Theme, useServer } from './server.ts';

const NUMBER = NUMBERS.line;

/** An identity number where none belongs. */
const MISPLACED: readonly (readonly [where: string, body: unknown])[] = [
  ['the status', { ...samtykke(), status: NUMBER }],
  ['the name of an element', { ...samtykke(), [NUMBER]: true }],
  ['the name of an element within', { ...samtykke(), provision: { type: 'permit', [NUMBER]: true } }],
  ['the language', { ...samtykke(), language: ` ${NUMBER}` }],
  ['the dateTime', { ...samtykke(), dateTime: NUMBER }],
  ['the patient’s reference', { ...samtykke(), patient: { reference: `Patient/${NUMBER}` } }],
  [
    'a reference to another server',
    { ...samtykke(), patient: { reference: `https://x.example/Patient/${NUMBER}` } },
  ],
  ['a reference of a wrong type', { ...samtykke(), patient: { reference: `Observation/${NUMBER}` } }],
  ['the system of the number', { ...samtykke(), patient: { identifier: { system: NUMBER, value: NUMBER } } }],
  [
    'a number with a digit too many',
    { ...samtykke(), patient: { identifier: { system: FNR, value: `${NUMBER}1` } } },
  ],
  [
    'the code of the definition',
    { ...samtykke(), policyRule: { coding: [{ ...samtykke().policyRule?.coding?.[0], code: NUMBER }] } },
  ],
  ['the policy', { ...samtykke(), policyRule: undefined, policy: [{ uri: `urn:uuid:${NUMBER}` }] }],
  ['the resource type', { ...samtykke(), resourceType: NUMBER }],
  ['an extension', { ...samtykke(), extension: [{ url: NUMBER, valueInteger: 'x' }] }],
  ['a modifier extension', { ...samtykke(), modifierExtension: [{ url: NUMBER, valueBoolean: true }] }],
  [
    'an HPR number',
    tilgangsbegrensning(NUMBERS.documented, [
      {
        role: { coding: [] },
        reference: { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: NUMBER }, display: 'x' },
      },
    ]),
  ],
  ['broken JSON', `{"resourceType":"Consent","patient":"${NUMBER}`],
  ['a contained resource', { ...samtykke(), contained: [{ resourceType: NUMBER, id: NUMBER }] }],
  [
    'the type of an actor',
    {
      ...tilgangsbegrensning(),
      provision: {
        type: 'deny',
        actor: [{ role: { text: 'x' }, reference: { type: NUMBER, identifier: { value: NUMBER } } }],
      },
    },
  ],
  ['a media type', { ...samtykke(), sourceAttachment: { contentType: NUMBER, data: 'AAAA' } }],
  [
    'base64 data',
    { ...samtykke(), sourceAttachment: { contentType: 'application/pdf', data: `${NUMBER}?` } },
  ],
];

/** The client holds every answer to not repeating a number that was sent. */
export const privacy: Theme = (open) => {
  describe('an identity number in the wrong place', () => {
    const server = useServer(open);

    it.each(MISPLACED)('is not repeated by the refusal: %s', async (_, body) => {
      for (const path of ['/fhir/Consent', '/fhir/Consent/$preview']) {
        const refused = await server.post(path, body);
        expect([400, 404, 422]).toContain(refused.status);
        expect(refused.text).not.toContain(NUMBER);
      }
      const validated = await server.post('/fhir/Consent/$validate', body);
      expect(validated.text).not.toContain(NUMBER);
      expect(await server.exchanges()).toEqual([]);
    });

    it.each([
      `/fhir/Consent?${NUMBER}=x`,
      `/fhir/Consent?status=active&x${NUMBER}=y`,
      `/fhir/Consent?_sort=${NUMBER}`,
      `/fhir/Consent?_total=${NUMBER}`,
      `/fhir/Consent?date=${NUMBER}`,
      `/fhir/Consent?_cursor=${NUMBER}`,
      `/fhir/Consent?identifier:of-type=http://x.example|NI|${NUMBER}`,
      `/fhir/Consent?_has:Provenance:target:agent:identifier=${NUMBER}`,
      `/fhir/Consent?patient.identifier=${NUMBER}`,
      `/fhir/Consent?_format=${NUMBER}`,
      `/fhir/Consent?status:${NUMBER}=active`,
      `/fhir/Consent/${NUMBER}`,
      `/fhir/Consent/x/_history/${NUMBER}`,
      `/fhir/${NUMBER}`,
      `/fhir/StructureDefinition?${NUMBER}=x`,
      `/fhir/StructureDefinition/${NUMBER}`,
      `/fhir/Organization?${NUMBER}=x`,
      `/fhir/AuditEvent?x=${NUMBER}`,
      `/fhir/Consent/$${NUMBER}`,
    ])('is not repeated from a URL: %s', async (path) => {
      const patient = await server.patient(NUMBERS.documented);
      const as = path.includes('AuditEvent') ? 'auditor' : 'prescriber';
      const refused = await server.get(path, { as, patient });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.text).not.toContain(NUMBER);
    });

    it.each([
      'X-Purpose',
      'X-Access',
      'X-PatientRef',
      'X-Context-ID',
      'X-Call-Type',
      'X-User-Agent',
      'Accept',
      'X-Request-ID',
      'Prefer',
      'Authorization',
    ])('is not repeated from a header: %s', async (name) => {
      const patient = await server.patient(NUMBERS.documented);
      for (const value of [NUMBER, encoded({ [NUMBER]: NUMBER })]) {
        const answer = await server.get('/fhir/Consent?status=active', {
          patient,
          headers: { [name]: value },
        });
        expect(answer.text).not.toContain(NUMBER);
        expect(atob(answer.headers.get('X-Header-Findings') ?? '')).not.toContain(NUMBER);
      }
    });

    it('is not repeated from X-Provenance', async () => {
      for (const value of [
        { resourceType: 'Provenance', [NUMBER]: 1 },
        { resourceType: NUMBER },
        {
          resourceType: 'Provenance',
          agent: [{ type: { text: NUMBER }, who: { reference: `Patient/${NUMBER}` } }],
        },
      ]) {
        const refused = await server.post('/fhir/Consent', samtykke(), {
          headers: { 'X-Provenance': encoded(value) },
        });
        expect(refused.status).toBe(400);
        expect(refused.text).not.toContain(NUMBER);
      }
    });
  });
};
