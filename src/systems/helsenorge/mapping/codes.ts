import { codeSystem, namingSystem, structureDefinition } from '../../../canonical.ts';

/** The systems and URLs that the mapping of Consent reads and writes. */
export const PVK_TYPE = codeSystem('pvk-type');
export const PVK_DEFINITION = codeSystem('pvk-definition');
export const PVK_PART = namingSystem('pvk-part');
export const CONSENT_SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';
export const PARTICIPATION_TYPE = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
/** "Information recipient": whom a tilgangsbegrensning keeps out, as IHE PCF writes it. */
export const INFORMATION_RECIPIENT = 'IRCP';
export const LOINC = 'http://loinc.org';
/** "Patient Consent", the category that the draft Norwegian guide and IHE PCF use. */
export const PATIENT_CONSENT = '59284-0';
export const URN_UUID = 'urn:uuid:';

export const SEKVENSNUMMER = structureDefinition('sekvensnummer');
export const OPPRETTET = structureDefinition('opprettet-tidspunkt');
export const SIST_ENDRET = structureDefinition('sist-endret-tidspunkt');
export const OMFANG_ELEMENT = structureDefinition('omfang-element');

/** The extensions that only the server writes, from what PVK tells. */
export const SERVER_WRITTEN: ReadonlySet<string> = new Set([
  SEKVENSNUMMER,
  OPPRETTET,
  SIST_ENDRET,
  OMFANG_ELEMENT,
]);

/** Whether a Consent in this status is an active setting; undefined: the status has no meaning to PVK. */
export const AKTIV: Readonly<Record<string, boolean | undefined>> = {
  active: true,
  inactive: false,
  rejected: false,
  'entered-in-error': false,
};

/** What `provision.type` says for each kind of setting. */
export const PROVISION_TYPE = {
  samtykke: 'permit',
  reservasjon: 'deny',
  tilgangsbegrensning: 'deny',
} as const;
