import { PROVENANCE } from './fixtures.ts';

/** The contract's roles. */
export type Role =
  | 'prescriber'
  | 'nurse'
  | 'pharmacist-care'
  | 'dietitian'
  | 'pharmacist'
  | 'pharmacy-staff'
  | 'citizen'
  | 'guardian'
  | 'agent'
  | 'system'
  | 'auditor';

/** UTF-8, base64: the form of NLL's JSON headers. */
export const encoded = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
};

export type Pattern = 'discovery' | '2.1' | '2.2.1' | '2.2.2' | '2.3';

const DISCOVERY =
  /^\/(?:sandbox|health|\.well-known|fhir\/(?:metadata|CodeSystem|NamingSystem|OperationDefinition|SearchParameter|StructureDefinition|ValueSet))\b/;
const TRIED = /^\/fhir\/[A-Za-z]+(?:\/[^/?]+)?\/\$(?:validate|preview)(?:\?|$)/;
const BY_TYPE: Readonly<Record<string, Pattern>> = {
  Organization: '2.1',
  $ping: '2.1',
  Consent: '2.2.2',
  Patient: '2.2.2',
  Provenance: '2.2.1',
  AuditEvent: '2.2.1',
  Basic: '2.2.1',
  _history: '2.2.2',
};

const OPERATION = /^\/fhir\/[A-Z][A-Za-z]+(?:\/[^/?$]+)?\/\$([a-z-]+)/;
const OPERATIONS: Readonly<Record<string, Pattern>> = {
  'evaluate-treatment-relation': '2.2.2',
  'poll-notifications': '2.3',
  'from-certificate': '2.2.1',
  mail: '2.2.1',
  'test-connection': '2.2.1',
};

/** A search of Basic says its kind; this one concerns a patient. */
const OF_PATIENT = /^\/fhir\/Basic\?.*code=[^&]*treatment-relation/;

/** The contract's usage pattern of a call. */
export const patternOf = (method: string, path: string): Pattern => {
  if (DISCOVERY.test(path)) return 'discovery';
  if (TRIED.test(path)) return '2.2.1';
  const operation = OPERATION.exec(path)?.[1];
  if (operation !== undefined && OPERATIONS[operation] !== undefined) return OPERATIONS[operation];
  if (OF_PATIENT.test(path)) return '2.2.2';
  const reading = method === 'GET' || method === 'HEAD' || path.endsWith('/_search');
  const [, type = ''] = /^\/fhir\/([$_A-Za-z]+)/.exec(path) ?? [];
  return reading || type === '$ping' ? (BY_TYPE[type] ?? '2.2.1') : '2.3';
};

type Kind = 'care' | 'pharmacy' | 'mediated' | 'machine';

const KIND: Readonly<Record<Role, Kind>> = {
  prescriber: 'care',
  nurse: 'care',
  'pharmacist-care': 'care',
  dietitian: 'care',
  pharmacist: 'pharmacy',
  'pharmacy-staff': 'pharmacy',
  citizen: 'mediated',
  guardian: 'mediated',
  agent: 'mediated',
  system: 'machine',
  auditor: 'machine',
};

const CARE_UNIT = encoded({ orgenhetsOrt: 'Sala' });
const MEDIATOR = encoded({
  orgNamn: 'Exempelapoteket AB',
  orgenhetsId: '7350000000016',
  orgenhetsIdTyp: 'GLN',
  orgenhetsNamn: 'Exempelapoteket e-handel',
  orgenhetsOrt: 'Malmö',
});
const ORG_INFO: Readonly<Partial<Record<Kind, string>>> = { care: CARE_UNIT, mediated: MEDIATOR };

const CARE = ['VARD', 'TILLFALLIGT_SAMTYCKE'] as const;
const PURPOSE_AND_ACCESS: Readonly<Partial<Record<Role, readonly [string, string]>>> = {
  pharmacist: ['SIM_EXPEDIERING', 'UTAN_KRAV_SAMTYCKE'],
  'pharmacy-staff': ['SIM_EXPEDIERING', 'UTAN_KRAV_SAMTYCKE'],
  citizen: ['SIM_EGNA_UPPGIFTER', 'SIM_PATIENT'],
  guardian: ['SIM_EGNA_UPPGIFTER', 'SIM_VARDNADSHAVARE'],
  agent: ['SIM_EGNA_UPPGIFTER', 'SIM_KOPFULLMAKT'],
};

export interface HeaderFacts {
  readonly method: string;
  readonly path: string;
  readonly role: Role;
  /** Logical id for X-PatientRef. */
  readonly patient?: string | undefined;
  /** The holder's own Patient: X-ProxyRef of guardians and agents. */
  readonly holder?: string | undefined;
  /** Where the path alone does not tell it: a Basic has its pattern by its kind. */
  readonly pattern?: Pattern | undefined;
}

/** Every header that the pattern makes mandatory for this caller. */
export const headersFor = (facts: HeaderFacts): Readonly<Record<string, string>> => {
  const { method, path, role, patient, holder } = facts;
  const { pattern = patternOf(method, path) } = facts;
  if (pattern === 'discovery') return {};
  const traced = {
    'X-Request-ID': crypto.randomUUID(),
    'X-User-Agent': encoded({ name: 'Exempeljournal', version: '4.2.1' }),
  };
  const unit = pattern === '2.1' ? undefined : ORG_INFO[KIND[role]];
  const [purpose, access] = PURPOSE_AND_ACCESS[role] ?? CARE;
  const proxied = role === 'guardian' || role === 'agent';
  return {
    ...traced,
    ...(unit === undefined ? {} : { 'X-Org-Info': unit }),
    ...(pattern === '2.3' ? { 'X-Provenance': encoded(PROVENANCE) } : {}),
    ...(pattern === '2.2.2' ? { 'X-Purpose': purpose, 'X-Access': access } : {}),
    ...(pattern === '2.2.2' && patient !== undefined ? { 'X-PatientRef': patient } : {}),
    ...(pattern === '2.2.2' && proxied && holder !== undefined ? { 'X-ProxyRef': holder } : {}),
  };
};
