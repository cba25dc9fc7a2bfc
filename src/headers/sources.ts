/** What the marks in the tables stand for. All are public pages of E-hälsomyndigheten or standards. */
export const SOURCES = {
  'S 1': 'NLL handbook, "Informationsspecifikation – meddelandehuvud", v1.6, 2024-05-05',
  'S 2': 'Simplifier guide SwedishNationalMedicationList, "HTTPHeaderandAuthorization"',
  'S 3':
    'Simplifier guide SwedishNationalMedicationList, operation NLLRestore, example "Restore MedicationRequests"',
  'S 4': 'NLL handbook, "Organisationsinformation – X-Org-Info", v1.2, 2024-11-05',
  'S 5': 'NLL handbook, "Giltiga kombinationer vårdrelaterade ändamål"',
  'S 6': 'NLL handbook, "Filtreringsregler"',
  'S 7': 'NLL handbook, "Krav på anropsresultat och felhantering"; Simplifier "OperationOutcome-Reply"',
  'S 8':
    'NLL handbook, "Behörighetsstyrning", "Tjänster och behöriga roller", "Formatkontroller", "Konnektivitetstest"',
  'S 9': 'NLL profile pages (NLLProvenance 2.0.0 and others), package se.electronichealth.fhir.nll.r4',
  'S 10': 'FHIR R4 (4.0.1), RFC 7240 (Prefer), Fetch (header values are byte strings)',
  ours: "this project's own decision, where the handbook is silent",
} as const;
