import type { Consent } from '@medplum/fhirtypes';

/** Test numbers, all published or computed for tests (identifiers, section 6). */
export const NUMBERS = {
  /** The documentation's own; its check digits are wrong. */
  documented: '12048645510',
  /** NHN's reserved static test person. */
  line: '13116900216',
  synthetic: '01817500168',
  synthetic40: '01417500185',
  dNumber: '41817500151',
  /** The one that the simulated PVK does not know. */
  unknownToPvk: '24927500155',
} as const;

export const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
export const DNR = 'urn:oid:2.16.578.1.12.4.1.4.2';
export const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4';

const OWN = 'https://nordic-fhir-facade.dev/fhir';
export const PVK_TYPE = `${OWN}/CodeSystem/pvk-type`;
export const PVK_DEFINITION = `${OWN}/CodeSystem/pvk-definition`;
export const PVK_PART = `${OWN}/NamingSystem/pvk-part`;
export const BASIC_KIND = `${OWN}/CodeSystem/basic-kind`;

export const BIOBANK = '3fe2a80a-4200-42e2-817b-da8a6236708a';
export const REGISTER = 'ecc56090-124b-4405-8137-2a616c683ffc';
export const MEDICATION_LIST = '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0';

/** X-Provenance, decoded: who and why; the server adds when and of what. */
export const PROVENANCE = {
  resourceType: 'Provenance',
  contained: [
    {
      resourceType: 'Practitioner',
      id: 'author',
      identifier: [{ system: 'http://electronichealth.se/identifier/forskrivarkod', value: '9000100' }],
      name: [{ family: 'Exempel', given: ['Åsa'] }],
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

const consentOf = (kind: string, definition: string, type: 'permit' | 'deny', number: string): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: PVK_TYPE, code: kind }] }],
  patient: { identifier: { system: FNR, value: number } },
  policyRule: { coding: [{ system: PVK_DEFINITION, code: definition }] },
  provision: { type },
});

/** A citizen's consent to a biobank, as a hospital system would send it. */
export const samtykke = (number: string = NUMBERS.documented): Consent =>
  consentOf('samtykke', BIOBANK, 'permit', number);

/** A citizen's reservation against a register. */
export const reservasjon = (number: string = NUMBERS.documented): Consent =>
  consentOf('reservasjon', REGISTER, 'deny', number);

export const actor = (hpr: string, display: string) => ({
  role: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
  },
  reference: { identifier: { system: HPR, value: hpr }, display },
});

/** A citizen's restriction: these named health personnel do not see the medication list. */
export const tilgangsbegrensning = (
  number: string = NUMBERS.documented,
  actors = [actor('9000001', 'Kari Eksempel'), actor('900000002', 'Ola Eksempel')],
): Consent => ({
  ...consentOf('tilgangsbegrensning', MEDICATION_LIST, 'deny', number),
  provision: { type: 'deny', actor: actors },
});

export const withdrawn = (consent: Consent): Consent => {
  const { provision: _, ...rest } = consent;
  return { ...rest, status: 'inactive' };
};
