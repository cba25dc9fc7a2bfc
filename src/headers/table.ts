import { HANDBOOK, PATTERN_HEADINGS } from './handbook.ts';
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

/** What one cell of the handbook's tables asks. */
interface CellRule {
  readonly condition: Condition;
  readonly on?: ConditionName;
  /** GK, VR or TA number. */
  readonly rule?: string;
  /** What the rule says, in our words. */
  readonly words: string;
  /** Which step of the call checks it; the header stage unless said otherwise. */
  readonly checkedBy?: 'token' | 'media-type';
}

/** One cell, and where it comes from. */
export interface HeaderCell extends CellRule {
  /** The handbook's words. */
  readonly swedish: string;
  /** Where they stand: a mark of `SOURCES` and the table on its page. */
  readonly source: string;
}

type Rules = Readonly<Record<HeaderName, CellRule>>;

type Cells = Readonly<Record<HeaderName, HeaderCell>>;

const IGNORED: CellRule = {
  condition: 'ignored',
  words: 'Not relevant; never read, never a reason to refuse.',
};

/** The same in all four patterns. */
const TRACEABILITY = {
  'X-User-Agent': {
    condition: 'mandatory',
    rule: 'GK6',
    words: 'The calling system: base64 of JSON {name, version}.',
  },
  'X-Request-ID': {
    condition: 'mandatory',
    rule: 'GK1',
    words: 'A UUID of its own for each call; echoed.',
  },
  'X-Context-ID': {
    condition: 'optional',
    rule: 'GK2',
    words: 'Recommended: a UUID for the sequence of calls; echoed when sent.',
  },
  'X-Call-Type': {
    condition: 'optional',
    words: 'NORMAL unless sent; DELAYED belongs to the reserve routine of TA 10 alone.',
  },
  Accept: {
    condition: 'optional',
    words: 'JSON unless sent.',
    checkedBy: 'media-type',
  },
} as const satisfies Partial<Rules>;

const TICKET: CellRule = {
  condition: 'mandatory',
  rule: 'GK3',
  words: 'The security ticket, OAuth2 or SAML.',
  checkedBy: 'token',
};

const ORG_INFO: CellRule = {
  condition: 'conditional',
  on: 'caller',
  words:
    'Care must send it (GK4), and so must who mediates a private person (GK5); a pharmacy must not, its ticket says it.',
};

const PURPOSE_AND_ACCESS: CellRule = {
  condition: 'mandatory',
  words: 'One valid combination of purpose, access, resource and role.',
};

/** What a read with a ticket has in common: nothing but X-Org-Info beyond traceability. */
const READ: Rules = {
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

const RULES: Readonly<Record<RuledPattern, Rules>> = {
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
      words: 'The logical id of the patient; not given in the four cases of TA 05, TA 08, TA 14 and TA 19.',
    },
    'X-ProxyRef': {
      condition: 'conditional',
      on: 'proxy',
      words:
        'Mandatory when the purpose is direct access to own data and the access is guardian or purchase proxy.',
    },
  },
  '2.3': {
    ...READ,
    'X-Provenance': {
      condition: 'mandatory',
      words: 'Who and why: base64 of a Provenance without target and recorded.',
    },
    'X-PatientRef': { ...IGNORED, words: 'Not relevant: the patient is in the resource written.' },
    Prefer: {
      condition: 'conditional',
      on: 'prescription',
      words: 'Mandatory for prescriptions, which this server does not hold; honoured when sent.',
    },
    'X-Call-Type': {
      ...TRACEABILITY['X-Call-Type'],
      rule: 'TA 10',
    },
  },
};

const quoted = (pattern: RuledPattern): Cells =>
  Object.fromEntries(
    HEADER_NAMES.map((name) => [
      name,
      {
        ...RULES[pattern][name],
        swedish: HANDBOOK[pattern][name],
        source: `S 1, table ${PATTERN_HEADINGS[pattern].table}`,
      },
    ]),
  ) as Cells;

/** Pattern × header: the one table of the header rules. Everything else is derived from it. */
export const HEADER_TABLE: Readonly<Record<RuledPattern, Cells>> = {
  '2.1': quoted('2.1'),
  '2.2.1': quoted('2.2.1'),
  '2.2.2': quoted('2.2.2'),
  '2.3': quoted('2.3'),
};

/** When X-PatientRef is not given in 2.2.2. */
export interface PatientRefException {
  readonly rule: string;
  readonly words: string;
  /** What of it this server has; undefined: nothing. */
  readonly here: string | undefined;
}

export const PATIENT_REF_EXCEPTIONS: readonly PatientRefException[] = [
  { rule: 'TA 05', words: 'Patient searched by identity number', here: 'POST Patient/_search by identifier' },
  { rule: 'TA 08', words: 'Check of guardianship', here: undefined },
  { rule: 'TA 14', words: 'Pharmacy, variant 1.6: direct-addressed prescriptions', here: undefined },
  { rule: 'TA 19', words: 'Pharmacy: dosage bases not approved', here: undefined },
  {
    rule: 'role system',
    words: "The server's own exception",
    here: 'search by definition, type- and system-level history',
  },
];

/** Names seen in the field for headers that are called otherwise. */
export const WRONG_NAMES: Readonly<Partial<Record<HeaderName, readonly string[]>>> = {
  'X-Purpose': ['X-Purpose-Of-Use'],
  'X-User-Agent': ['X-System-ID'],
  'X-Context-ID': ['X-Correlation-ID'],
};
