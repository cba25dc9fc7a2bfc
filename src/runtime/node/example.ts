/**
 * A call to paste after the start: a token, then a Consent as a hospital system would send it. The person
 * is the example of Helsenorge's documentation.
 */
const PROVENANCE = {
  resourceType: 'Provenance',
  contained: [
    {
      resourceType: 'Practitioner',
      id: 'author',
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9000001' }],
    },
  ],
  agent: [
    {
      type: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
            code: 'author',
          },
        ],
      },
      who: { reference: '#author' },
    },
  ],
};

const CONSENT = {
  resourceType: 'Consent',
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [
    {
      coding: [{ system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-type', code: 'samtykke' }],
    },
  ],
  patient: { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '12048645510' } },
  policyRule: {
    coding: [
      {
        system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-definition',
        code: '3fe2a80a-4200-42e2-817b-da8a6236708a',
      },
    ],
  },
};

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');

export const exampleCall = (base: string): string => `Try it (paste into a shell):

TOKEN=$(curl -s ${base}/sandbox/token -d '{"role":"prescriber"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl -i ${base}/fhir/Consent \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/fhir+json' \\
  -H "X-Request-ID: $(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)" \\
  -H 'X-User-Agent: ${base64({ name: 'Example', version: '1' })}' \\
  -H 'X-Org-Info: ${base64({ orgenhetsOrt: 'Oslo' })}' \\
  -H 'X-Provenance: ${base64(PROVENANCE)}' \\
  -d '${JSON.stringify(CONSENT)}'

What Helsenorge received: curl -s '${base}/sandbox/exchanges?system=helsenorge'
`;
