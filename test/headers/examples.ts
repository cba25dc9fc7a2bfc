import { checkHeaders, type HeaderCheck } from '../../src/headers/check.ts';
import { DEFAULT_HEADER_SETTINGS } from '../../src/headers/settings.ts';

export const base64 = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text, 'utf8').toString('base64');
};

/** X-Provenance of the handbook-like example 13.4, decoded. */
export const PROVENANCE = {
  resourceType: 'Provenance',
  contained: [
    {
      resourceType: 'Practitioner',
      id: 'author',
      identifier: [{ system: 'http://electronichealth.se/identifier/forskrivarkod', value: '9000100' }],
      name: [{ family: 'Exempel', given: ['Åsa'] }],
      qualification: [
        {
          code: {
            coding: [{ system: 'http://electronichealth.se/fhir/CodeSystem/profession-code', code: 'LK' }],
          },
        },
      ],
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
};

/** The Danish variant: a person, a role and an organisation. */
export const DANISH_PROVENANCE = {
  resourceType: 'Provenance',
  contained: [
    {
      resourceType: 'Practitioner',
      id: 'person',
      identifier: [{ system: 'urn:oid:1.2.208.176.1.2', value: '2401010001' }],
      name: [{ text: 'Karl Karlsen' }],
    },
    {
      resourceType: 'Organization',
      id: 'org',
      identifier: [{ system: 'http://www.gs1.org/gln', value: '5790001381615' }],
      name: 'Kolind Apotek',
    },
  ],
  activity: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'DELETE' }],
  },
  agent: [
    {
      type: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' },
        ],
      },
      role: [
        {
          coding: [
            {
              system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/fmk-role',
              code: 'Apoteksansat',
            },
          ],
        },
      ],
      who: { reference: '#person' },
      onBehalfOf: { reference: '#org' },
    },
  ],
};

/** As printed in 13.4 and 13.2. */
export const PROVENANCE_13_4 =
  'eyJyZXNvdXJjZVR5cGUiOiJQcm92ZW5hbmNlIiwiY29udGFpbmVkIjpbeyJyZXNvdXJjZVR5cGUiOiJQcmFjdGl0aW9uZXIiLCJpZCI6ImF1dGhvciIsImlkZW50aWZpZXIiOlt7InN5c3RlbSI6Imh0dHA6Ly9lbGVjdHJvbmljaGVhbHRoLnNlL2lkZW50aWZpZXIvZm9yc2tyaXZhcmtvZCIsInZhbHVlIjoiOTAwMDEwMCJ9XSwibmFtZSI6W3siZmFtaWx5IjoiRXhlbXBlbCIsImdpdmVuIjpbIsOFc2EiXX1dLCJxdWFsaWZpY2F0aW9uIjpbeyJjb2RlIjp7ImNvZGluZyI6W3sic3lzdGVtIjoiaHR0cDovL2VsZWN0cm9uaWNoZWFsdGguc2UvZmhpci9Db2RlU3lzdGVtL3Byb2Zlc3Npb24tY29kZSIsImNvZGUiOiJMSyJ9XX19XX1dLCJhY3Rpdml0eSI6eyJjb2RpbmciOlt7InN5c3RlbSI6Imh0dHA6Ly90ZXJtaW5vbG9neS5obDcub3JnL0NvZGVTeXN0ZW0vdjMtRGF0YU9wZXJhdGlvbiIsImNvZGUiOiJDUkVBVEUifV19LCJhZ2VudCI6W3sidHlwZSI6eyJjb2RpbmciOlt7InN5c3RlbSI6Imh0dHA6Ly90ZXJtaW5vbG9neS5obDcub3JnL0NvZGVTeXN0ZW0vcHJvdmVuYW5jZS1wYXJ0aWNpcGFudC10eXBlIiwiY29kZSI6ImF1dGhvciJ9XX0sIndobyI6eyJyZWZlcmVuY2UiOiIjYXV0aG9yIn19XX0=';

export const ORG_INFO_CARE =
  'eyJvcmdOYW1uIjoiUmVnaW9uIEV4ZW1wZWwiLCJvcmdlbmhldHNJZCI6IlNFMjMyMTAwMDAxNi1FWDAxIiwib3JnZW5oZXRzSWRUeXAiOiJIU0EiLCJvcmdlbmhldHNOYW1uIjoiRXhlbXBlbHbDpXJkY2VudHJhbGVuIiwib3JnZW5oZXRzT3J0Ijoiw5ZzdGVyc3VuZCJ9';

export const ORG_INFO_MEDIATOR =
  'eyJvcmdOYW1uIjoiRXhlbXBlbGFwb3Rla2V0IEFCIiwib3JnZW5oZXRzSWQiOiI3MzUwMDAwMDAwMDE2Iiwib3JnZW5oZXRzSWRUeXAiOiJHTE4iLCJvcmdlbmhldHNOYW1uIjoiRXhlbXBlbGFwb3Rla2V0IGUtaGFuZGVsIiwib3JnZW5oZXRzT3J0IjoiTWFsbcO2In0=';

export const USER_AGENT = 'eyJuYW1lIjoiRXhlbXBlbGpvdXJuYWwiLCJ2ZXJzaW9uIjoiNC4yLjEifQ==';

export const PATIENT = 'c4d1f7a2-3b59-4e08-9a6c-2f1e8d7b6054';
export const PROXY = '3e1d9a77-51a6-4f9d-8d1c-7b1e0c2a9f33';

/** A good value for each header. */
export const GOOD = {
  'X-Purpose': 'VARD',
  'X-Access': 'TILLFALLIGT_SAMTYCKE',
  'X-Provenance': PROVENANCE_13_4,
  'X-PatientRef': PATIENT,
  'X-ProxyRef': PROXY,
  'X-Org-Info': ORG_INFO_CARE,
  Prefer: 'return=representation',
  'X-User-Agent': USER_AGENT,
  'X-Request-ID': '5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c03',
  'X-Context-ID': '0d8f3f52-6c1e-4c1b-8f0e-5a7c9b1e2d10',
  'X-Call-Type': 'NORMAL',
  Accept: 'application/fhir+json; fhirVersion=4.0',
  Authorization: 'Bearer e30',
} as const;

/** A value that its header never may have; Prefer cannot be malformed. */
export const BAD = {
  'X-Purpose': 'VARD?',
  'X-Access': 'alla',
  'X-Provenance': 'inte base64!',
  'X-PatientRef': '../Patient',
  'X-ProxyRef': 'a b',
  'X-Org-Info': '%%%',
  Prefer: '=;,"',
  'X-User-Agent': 'MyApp/1.0',
  'X-Request-ID': '42',
  'X-Context-ID': '{0d8f3f52-6c1e-4c1b-8f0e-5a7c9b1e2d10}',
  'X-Call-Type': 'delayed',
  Accept: 'text/plain',
  Authorization: 'Basic x',
} as const;

/** Headers as the fetch API would give them; an undefined value was not sent. */
export const headersOf = (values: Readonly<Record<string, string | undefined>>): Headers => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) headers.append(name, value);
  return headers;
};

/** One call, care staff and default settings unless said otherwise. */
export const check = (
  pattern: HeaderCheck['pattern'],
  values: Readonly<Record<string, string | undefined>>,
  more: Partial<Omit<HeaderCheck, 'pattern'>> = {},
) =>
  checkHeaders({
    pattern,
    headers: headersOf(values),
    kind: 'care',
    settings: DEFAULT_HEADER_SETTINGS,
    patientRefExpected: true,
    ...more,
  });

/** `X-Request-ID header-missing required` for each error, in order. */
export const errors = (answer: ReturnType<typeof check>): readonly string[] =>
  answer.issues
    .filter((issue) => issue.severity === 'error')
    .map((issue) => `${issue.location?.[0]?.replace('http.', '')} ${issue.details?.code} ${issue.code}`);

export const warnings = (answer: ReturnType<typeof check>): readonly string[] =>
  answer.issues
    .filter((issue) => issue.severity === 'warning')
    .map((issue) => `${issue.location?.[0]?.replace('http.', '')} ${issue.details?.code}`);
