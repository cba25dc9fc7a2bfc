/** What is not public, and what this server does about it. */
export const UNKNOWN: readonly { readonly what: string; readonly here: string }[] = [
  {
    what: 'The text of the traceability page with GK1 to GK6',
    here: 'What the page on meddelandehuvud says of each.',
  },
  {
    what: 'The text of VR095 and VR096',
    here: 'X-PatientRef equals the patient asked for, in the query, in what is stored and in every search result; a private person acts for itself or for whom the ticket names; X-ProxyRef is the person of the ticket. The name is HEADER_PATIENT_RULES.',
  },
  {
    what: 'Codes of three purposes and three accesses of private persons',
    here: 'Placeholders that start with `SIM_`, replaced by HEADER_CODES.',
  },
  { what: 'Whether two accesses share their code', here: 'Assumed, as marked above; HEADER_CODES.' },
  {
    what: 'The canonical URLs of the code systems of purposes and accesses',
    here: 'Not used: the headers carry bare codes.',
  },
  {
    what: 'The matrix for pharmacies and private persons, and most of it for Vård',
    here: 'Open to every role whose purpose it is; HEADER_MATRIX adds rows.',
  },
  { what: 'The texts of VAL001, VAL007, VAL009, FIL005, FIL017', here: 'Shown by number only.' },
  {
    what: 'Which members of X-Org-Info are mandatory for which kind of organisation',
    here: 'At least one of them; HEADER_ORG_INFO_REQUIRED.',
  },
  {
    what: 'The old, misspelt member names of X-Org-Info',
    here: 'An unknown member is a warning that names the nearest known one.',
  },
  {
    what: 'Whether X-Org-Info and X-User-Agent are base64',
    here: 'Inferred from published examples; HEADER_LENIENT decides what else is taken.',
  },
  {
    what: 'Activity and reason codes of X-Provenance',
    here: 'Any code; their presence is asked for by kind.',
  },
  {
    what: "NLL's own error codes for header and ticket faults",
    here: 'CodeSystem `header-issue` of this project; no code of NLL is imitated.',
  },
];
