import type { Pattern } from './pattern.ts';

/** The patterns that have rules. */
export type RuledPattern = Exclude<Pattern, 'discovery'>;

export const RULED_PATTERNS: readonly RuledPattern[] = ['2.1', '2.2.1', '2.2.2', '2.3'];

/** In the order of the handbook's tables 2 to 5. */
export const HEADER_NAMES = [
  'X-Purpose',
  'X-Access',
  'X-Provenance',
  'X-PatientRef',
  'X-ProxyRef',
  'X-Org-Info',
  'Prefer',
  'X-User-Agent',
  'X-Request-ID',
  'X-Context-ID',
  'X-Call-Type',
  'Accept',
  'Authorization',
] as const;

export type HeaderName = (typeof HEADER_NAMES)[number];

export type Condition = 'mandatory' | 'optional' | 'ignored' | 'conditional' | 'must-not';

/** What a conditional cell hangs on; `conditions.ts` decides it. */
export type ConditionName = 'caller' | 'patient' | 'proxy' | 'prescription';

/** One cell of the handbook's tables. */
export interface HeaderCell {
  readonly condition: Condition;
  readonly on?: ConditionName;
  /** GK, VR or TA number. */
  readonly rule?: string;
  /** What the rule says, in our words. */
  readonly words: string;
  /** The handbook's words. */
  readonly swedish: string;
  /** Where it stands; S 1 is the handbook page on meddelandehuvud, v1.6. */
  readonly source: string;
  /** Which step of the call checks it; the header stage unless said otherwise. */
  readonly checkedBy?: 'token' | 'media-type';
}

type Cells = Readonly<Record<HeaderName, HeaderCell>>;

const SOURCE = 'S 1';

const IGNORED: HeaderCell = {
  condition: 'ignored',
  words: 'Not relevant; never read, never a reason to refuse.',
  swedish: 'Ignoreras, Ej relevant',
  source: SOURCE,
};

/** The same in all four patterns. */
const TRACEABILITY = {
  'X-User-Agent': {
    condition: 'mandatory',
    rule: 'GK6',
    words: 'The calling system: base64 of JSON {name, version}.',
    swedish: 'Obligatorisk, se GK6 i Spårbarhetskrav',
    source: SOURCE,
  },
  'X-Request-ID': {
    condition: 'mandatory',
    rule: 'GK1',
    words: 'A UUID of its own for each call; echoed.',
    swedish: 'Obligatorisk, se GK1 i Spårbarhetskrav',
    source: SOURCE,
  },
  'X-Context-ID': {
    condition: 'optional',
    rule: 'GK2',
    words: 'Recommended: a UUID for the sequence of calls; echoed when sent.',
    swedish: 'Valfri, rekommenderas, se GK2 i Spårbarhetskrav',
    source: SOURCE,
  },
  'X-Call-Type': {
    condition: 'optional',
    words: 'NORMAL unless sent; DELAYED belongs to the reserve routine of TA 10 alone.',
    swedish: 'Valfri, NORMAL förvalt',
    source: SOURCE,
  },
  Accept: {
    condition: 'optional',
    words: 'JSON unless sent.',
    swedish: 'Valfri, JSON förvalt',
    source: SOURCE,
    checkedBy: 'media-type',
  },
} as const satisfies Partial<Cells>;

const TICKET: HeaderCell = {
  condition: 'mandatory',
  rule: 'GK3',
  words: 'The security ticket, OAuth2 or SAML.',
  swedish: 'Obligatorisk, se Säkerhetslösning samt GK3 i Spårbarhetskrav',
  source: SOURCE,
  checkedBy: 'token',
};

const ORG_INFO: HeaderCell = {
  condition: 'conditional',
  on: 'caller',
  words:
    'Care must send it (GK4), and so must who mediates a private person (GK5); a pharmacy must not, its ticket says it.',
  swedish:
    'Obligatorisk för Vård, se GK4; obligatorisk vid förmedling av direktåtkomst för privatperson, se GK5; anges ej för Apotekens egen åtkomst',
  source: SOURCE,
};

const PURPOSE_AND_ACCESS: HeaderCell = {
  condition: 'mandatory',
  words: 'One valid combination of purpose, access, resource and role.',
  swedish: 'Obligatorisk, se Ändamål, åtkomsttyper, resurser och behörigheter',
  source: SOURCE,
};

/** What a read with a ticket has in common: nothing but X-Org-Info beyond traceability. */
const READ: Cells = {
  'X-Purpose': IGNORED,
  'X-Access': IGNORED,
  'X-Provenance': IGNORED,
  'X-PatientRef': IGNORED,
  'X-ProxyRef': IGNORED,
  'X-Org-Info': ORG_INFO,
  Prefer: IGNORED,
  ...TRACEABILITY,
  Authorization: TICKET,
};

/** Pattern × header: the one table of the header rules. Everything else is derived from it. */
export const HEADER_TABLE: Readonly<Record<RuledPattern, Cells>> = {
  '2.1': { ...READ, 'X-Org-Info': IGNORED, Authorization: IGNORED },
  '2.2.1': READ,
  '2.2.2': {
    ...READ,
    'X-Purpose': PURPOSE_AND_ACCESS,
    'X-Access': PURPOSE_AND_ACCESS,
    'X-PatientRef': {
      condition: 'conditional',
      on: 'patient',
      rule: 'VR095/VR096',
      words: 'The logical id of the patient, except in the four cases of PATIENT_REF_EXCEPTIONS.',
      swedish: 'Obligatorisk, valideras enligt VR095 eller VR096; anges inte för TA 05, TA 08, TA 14, TA 19',
      source: SOURCE,
    },
    'X-ProxyRef': {
      condition: 'conditional',
      on: 'proxy',
      words:
        'Mandatory when the purpose is direct access to own data and the access is guardian or purchase proxy.',
      swedish:
        'Obligatorisk om ändamål är "Direktåtkomst till egna uppgifter" och Åtkomsttyp är "Vårdnadshavare" eller "Köpfullmakt"',
      source: SOURCE,
    },
    'X-Org-Info': {
      ...ORG_INFO,
      swedish: `${ORG_INFO.swedish} för ändamålen "Expediering" och "Underlättande av patients läkemedelsanvändning"`,
    },
  },
  '2.3': {
    ...READ,
    'X-Provenance': {
      condition: 'mandatory',
      words: 'Who and why: base64 of a Provenance without target and recorded.',
      swedish: 'Obligatorisk',
      source: SOURCE,
    },
    'X-PatientRef': {
      ...IGNORED,
      swedish: `${IGNORED.swedish} - anges i resurs som skapas eller uppdateras`,
    },
    'X-Org-Info': {
      ...ORG_INFO,
      swedish:
        'Obligatorisk för Vård, se GK4; obligatorisk då uppgift registreras av privatperson, se GK5; anges ej för Apoteks anrop',
    },
    Prefer: {
      condition: 'conditional',
      on: 'prescription',
      words: 'Mandatory for prescriptions, which this server does not hold; honoured when sent.',
      swedish: 'Obligatorisk, för Förskrivning. Se Krav på anropsresultat och felhantering',
      source: SOURCE,
    },
    'X-Call-Type': {
      ...TRACEABILITY['X-Call-Type'],
      rule: 'TA 10',
      swedish:
        'Valfri, NORMAL förvalt. Ska användas i TA 10 Skapa förskrivning - Vård med värdet "DELAYED" för tillämpning av reservlösningen',
    },
  },
};

/** When X-PatientRef is not given in 2.2.2, and what of it this server has. */
export const PATIENT_REF_EXCEPTIONS = [
  { rule: 'TA 05', words: 'Patient searched by identity number', here: 'POST Patient/_search by identifier' },
  { rule: 'TA 08', words: 'Check of guardianship', here: undefined },
  { rule: 'TA 14', words: 'Pharmacy, variant 1.6: direct-addressed prescriptions', here: undefined },
  { rule: 'TA 19', words: 'Pharmacy: dosage bases not approved', here: undefined },
  {
    rule: 'role system',
    words: "The server's own exception",
    here: 'search by definition, type- and system-level history',
  },
] as const;

/** Names seen in the field for headers that are called otherwise. */
export const WRONG_NAMES: Readonly<Partial<Record<HeaderName, readonly string[]>>> = {
  'X-Purpose': ['X-Purpose-Of-Use'],
  'X-User-Agent': ['X-System-ID'],
  'X-Context-ID': ['X-Correlation-ID'],
};
