import { base64, REQUEST_ID, USER_AGENT } from '../pages/example.ts';
import type { SandboxGuide } from '../platform.ts';

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

/**
 * A call for the sandbox: a token, then a Consent as a hospital system would send it. The person is the example of
 * Helsenorge's documentation.
 */
const writingCall = (base: string): string =>
  `TOKEN=$(curl -s ${base}/sandbox/token -d '{"role":"prescriber"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl -i ${base}/fhir/Consent \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/fhir+json' \\
  -H ${REQUEST_ID} \\
  -H ${USER_AGENT} \\
  -H 'X-Org-Info: ${base64({ orgenhetsOrt: 'Oslo' })}' \\
  -H 'X-Provenance: ${base64(PROVENANCE)}' \\
  -d '${JSON.stringify(CONSENT)}'`;

/** What the start of a sandbox prints. */
export const exampleCall = (base: string): string => `Try it (paste into a shell):

${writingCall(base)}

What Helsenorge received: curl -s '${base}/sandbox/exchanges?system=helsenorge'
`;

/** What the start page tells of a sandbox. */
export const GUIDE: SandboxGuide = {
  example: writingCall,
  links: { token: '/sandbox/token', exchanges: '/sandbox/exchanges' },
  notes: [
    {
      call: 'POST /sandbox/token',
      body: '{"role":"prescriber"}',
      text: 'gives a token; other roles are nurse, pharmacist, citizen, guardian, system, auditor and more.',
    },
    {
      call: 'GET /sandbox/exchanges',
      text: 'shows what each national system was sent and answered, newest first.',
    },
    {
      call: 'POST /sandbox/faults',
      body: '{"system":"helsenorge","kind":"timeout"}',
      text: 'makes the next call to a system misbehave; an unknown kind lists the known ones.',
    },
    {
      call: 'POST /sandbox/clock',
      body: '{"now":"2026-03-03T07:00:00Z"}',
      text: 'moves the clock of the facade and of everything simulated.',
    },
    { call: 'POST /sandbox/reset', text: 'goes back to the first start; tokens stay valid.' },
  ],
};
