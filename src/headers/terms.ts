import type { HeaderName } from './table.ts';

/** A header as the handbook's table 1 names it, and how its value is written. */
export interface HeaderTerm {
  readonly swedish: string;
  readonly english: string;
  /** What is taken. */
  readonly format: string;
  readonly source: string;
}

export const HEADER_TERMS: Readonly<Record<HeaderName, HeaderTerm>> = {
  'X-Purpose': {
    swedish: 'Ändamål',
    english: 'Purpose',
    format: 'One bare code of `purpose-types`, such as `VARD`.',
    source: 'S 1, S 5; that it is the bare code: ours',
  },
  'X-Access': {
    swedish: 'Åtkomsttyp',
    english: 'Kind of access',
    format: 'One bare code of `access-types`, such as `TILLFALLIGT_SAMTYCKE`.',
    source: 'S 1, S 5; that it is the bare code: ours',
  },
  'X-Provenance': {
    swedish: 'Händelse',
    english: 'Event',
    format:
      'base64 of the UTF-8 JSON of a Provenance without `target` and `recorded`; each `agent` with a coded `type` and a `who` that refers to a contained Practitioner, PractitionerRole or Patient; `reason.text` at most 256 characters. A `signature` is stored as sent and not verified.',
    source: 'S 2, S 9; PractitionerRole: ours',
  },
  'X-PatientRef': {
    swedish: 'Patientreferens',
    english: 'Patient reference',
    format: "The Patient's logical id, `<id>` or `Patient/<id>`; never a national identity number.",
    source: 'S 1, S 3; the form with `Patient/`: ours',
  },
  'X-ProxyRef': {
    swedish: 'Referens till ombud',
    english: 'Proxy reference',
    format:
      "The logical id of the guardian or holder of a power of attorney, as X-PatientRef. The access `guardian` is the role guardian's alone, `purchase-proxy` the agent's; by any other access a private person reads its own data only.",
    source: 'S 1; whose access it is: ours',
  },
  'X-Org-Info': {
    swedish: 'Organisationsinformation',
    english: 'Organisation',
    format:
      'base64 of the UTF-8 JSON of an object with at least one of `orgNamn`, `orgenhetsId`, `orgenhetsIdTyp` (`GLN` or `HSA`), `orgenhetsNamn`, `orgenhetsOrt`; `orgenhetsId` and `orgenhetsIdTyp` together or not at all.',
    source: 'S 4; base64 inferred from S 3',
  },
  Prefer: {
    swedish: 'Styrparameter för önskad omfattning av resultat',
    english: 'Preference',
    format:
      '`return=minimal`, `return=representation` or `return=OperationOutcome`, blanks and letter case as they come; other preferences are ignored. `handling` is read on every search.',
    source: 'S 7, S 10',
  },
  'X-User-Agent': {
    swedish: 'Systeminformation',
    english: 'System',
    format:
      'base64 of the UTF-8 JSON of an object with `name` and `version`, neither empty; no product token.',
    source: 'S 3; base64 inferred',
  },
  'X-Request-ID': {
    swedish: 'Anrops-id',
    english: 'Call id',
    format: 'A UUID with hyphens, letters in either case, of its own for each call.',
    source: 'S 1',
  },
  'X-Context-ID': {
    swedish: 'Anropssekvens-id',
    english: 'Call sequence id',
    format: 'A UUID with hyphens. Its name before 2022-11-10, `X-Correlation-ID`, is taken with a warning.',
    source: 'S 1',
  },
  'X-Call-Type': {
    swedish: 'Anropstyp',
    english: 'Call type',
    format: '`NORMAL` or `DELAYED`, in capitals.',
    source: 'S 1',
  },
  Accept: {
    swedish: 'Format',
    english: 'Format',
    format:
      '`application/fhir+json`, `application/json`, `application/fhir+xml` or `*/*`, with `fhirVersion=4.0` if wanted.',
    source: 'S 1, S 2',
  },
  Authorization: {
    swedish: 'Säkerhetsintyg',
    english: 'Security ticket',
    format:
      '`Bearer <token>`: an access token, or the base64 of a SAML assertion where its issuer is set up. A token that is bound to a key comes as `DPoP <token>`, with a proof in `DPoP`.',
    source: 'S 1, S 2; DPoP: ours',
  },
};

/** How a header of base64 JSON may deviate, by the setting HEADER_LENIENT. */
export const ENCODINGS = [
  { words: 'base64, base64url, padding or none, blanks around it', taken: 'always' },
  { words: 'raw JSON (starts with `{`), with a warning', taken: 'HEADER_LENIENT=raw-json (default) or all' },
  { words: 'percent-encoded JSON (starts with `%7B`), with a warning', taken: 'HEADER_LENIENT=all' },
  { words: 'line breaks inside, bytes that are not UTF-8, JSON that is no object', taken: 'never' },
] as const;

export interface ResponseHeader {
  readonly name: string;
  readonly swedish: string;
  /** What the handbook says, in our words. */
  readonly words: string;
  /** What this server does. */
  readonly here: string;
}

/** The handbook's table 6, in its order. */
export const RESPONSE_HEADERS: readonly ResponseHeader[] = [
  {
    name: 'content-location',
    swedish: 'Direkt sökväg',
    words: 'Direct URL of the resource, without redirection.',
    here: 'The version answered: read, vread, create, update.',
  },
  {
    name: 'etag',
    swedish: 'Etag',
    words:
      'Version of the updated resource. An update that changes nothing answers 200 with the version that was there.',
    here: '`W/"<versionId>"` on read, vread, create, update and delete.',
  },
  {
    name: 'last-modified',
    swedish: 'Senast uppdaterad',
    words: 'When the resource was last updated; only when a resource is updated, never for Uttag.',
    here: "The version's own time, on read, vread, create, update; unchanged by an update that changes nothing; never on a search.",
  },
  {
    name: 'location',
    swedish: 'Sökväg',
    words: 'Address of the resource.',
    here: 'On 201, the address of the version made.',
  },
  {
    name: 'nmi-id',
    swedish: 'NMI-id',
    words: 'Identifiers of National Medical Information Systems, joined by commas.',
    here: 'The value of HEADER_NMI_ID on every answer; not sent without it.',
  },
  {
    name: 'x-context-id',
    swedish: 'Anropssekvens-id',
    words: 'As in the request, if one was sent.',
    here: 'Letter for letter, on every answer, errors included.',
  },
  {
    name: 'x-request-id',
    swedish: 'Anrops-id',
    words: 'As in the request.',
    here: 'Letter for letter, on every answer, errors included; none is made up, and what is no UUID is not told again.',
  },
];
