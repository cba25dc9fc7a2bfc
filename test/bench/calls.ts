import { randomUUID } from 'node:crypto';

/**
 * The calls that the benchmarks make, as a hospital system would. Persons are of the synthetic range of
 * Skatteetaten's test population (month + 80), so that no number belongs to anybody.
 */
const K1 = [3, 7, 6, 1, 8, 9, 4, 5, 2];
const K2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

const checkDigit = (digits: string, weights: readonly number[]): number =>
  (11 - (weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0) % 11)) % 11;

const two = (value: number): string => String(value).padStart(2, '0');

/** Day, month + 80, year and serial of the n-th number; not every one of them has check digits. */
const bareNumber = (n: number): string => {
  const day = 1 + (n % 28);
  const month = 81 + (Math.floor(n / 28) % 12);
  const year = Math.floor(n / 336) % 100;
  const serial = Math.floor(n / 33_600) % 500;
  return `${two(day)}${two(month)}${two(year)}${String(serial).padStart(3, '0')}`;
};

const numbered = (bare: string): string | undefined => {
  const first = checkDigit(bare, K1);
  const second = checkDigit(`${bare}${first}`, K2);
  return first > 9 || second > 9 ? undefined : `${bare}${first}${second}`;
};

/** Different valid numbers, without end but for 16 million. */
export function* persons(): Generator<string, never> {
  for (let n = 0; ; n += 1) {
    const number = numbered(bareNumber(n));
    if (number !== undefined) yield number;
  }
}

const BASE = 'https://nordic-fhir-facade.dev/fhir';
export const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';

/** A samtykke, as it is sent. */
export const consentOf = (person: string) => ({
  resourceType: 'Consent' as const,
  status: 'active' as const,
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: `${BASE}/CodeSystem/pvk-type`, code: 'samtykke' }] }],
  patient: { identifier: { system: FNR, value: person } },
  policyRule: {
    coding: [{ system: `${BASE}/CodeSystem/pvk-definition`, code: '3fe2a80a-4200-42e2-817b-da8a6236708a' }],
  },
});

/** X-Provenance of the n-th of a hospital's four hundred authors. */
export const provenanceOf = (n: number) => ({
  resourceType: 'Provenance' as const,
  contained: [
    {
      resourceType: 'Practitioner' as const,
      id: 'author',
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: String(9_000_000 + (n % 400)) }],
      name: [{ family: 'Eksempel', given: ['Kari'] }],
    },
  ],
  activity: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE' }],
  },
  agent: [
    {
      type: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' },
        ],
      },
      who: { reference: '#author' },
    },
  ],
});

export const base64 = (value: object): string =>
  Buffer.from(JSON.stringify(value), 'utf8').toString('base64');

const USER_AGENT = base64({ name: 'Eksempeljournal', version: '4.2.1' });
const ORG_INFO = base64({
  orgNamn: 'Eksempel helseforetak',
  orgenhetsNamn: 'Eksempel sykehus',
  orgenhetsOrt: 'Oslo',
});

export type CallHeaders = Readonly<Record<string, string>>;

const TRACEABILITY: CallHeaders = {
  Accept: 'application/fhir+json',
  'X-User-Agent': USER_AGENT,
  'X-Context-ID': '0d8f3f52-6c1e-4c1b-8f0e-5a7c9b1e2d10',
};

/** Pattern 2.1. */
export const organizationHeaders = (): CallHeaders => ({ ...TRACEABILITY, 'X-Request-ID': randomUUID() });

/** Pattern 2.2.2. */
export const readHeaders = (token: string, patient: string): CallHeaders => ({
  ...organizationHeaders(),
  Authorization: `Bearer ${token}`,
  'X-Org-Info': ORG_INFO,
  'X-Purpose': 'VARD',
  'X-Access': 'TILLFALLIGT_SAMTYCKE',
  'X-PatientRef': patient,
});

/** Pattern 2.3. */
export const createHeaders = (token: string, n: number): CallHeaders => ({
  ...organizationHeaders(),
  Authorization: `Bearer ${token}`,
  'Content-Type': 'application/fhir+json',
  'X-Org-Info': ORG_INFO,
  'X-Provenance': base64(provenanceOf(n)),
});
