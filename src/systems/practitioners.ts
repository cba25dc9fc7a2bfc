import { HPR_SYSTEM, isHprSystem } from './identifiers.ts';
import { HSA_ID_SYSTEM, organizationSystem } from './organizations.ts';

/** The identifiers of health personnel besides national identity numbers: one row per register. */

export type PractitionerIdentifierKind =
  | 'autorisation'
  | 'hpr'
  | 'forskrivarkod'
  | 'legitimationskod'
  | 'hsa';

export interface PractitionerSystem {
  readonly kind: PractitionerIdentifierKind;
  readonly name: string;
  readonly country: 'DK' | 'NO' | 'SE';
  /** The system the server writes. */
  readonly system: string;
  readonly aliases: readonly string[];
  /** The format in words, for diagnostics. */
  readonly format: string;
  /** False: worth a warning, never a refusal. */
  readonly wellFormed: (value: string) => boolean;
}

export const AUTORISATION_SYSTEM = 'https://autregweb.sst.dk';

export const PRACTITIONER_SYSTEMS: readonly PractitionerSystem[] = [
  {
    kind: 'autorisation',
    name: 'Danish authorisation id',
    country: 'DK',
    system: AUTORISATION_SYSTEM,
    aliases: ['urn:oid:1.2.208.176.1.3'],
    format: '5 consonants or digits',
    wellFormed: (value) => /^[B-DF-HJ-NP-TV-Z0-9]{5}$/i.test(value),
  },
  {
    kind: 'hpr',
    name: 'HPR number',
    country: 'NO',
    system: HPR_SYSTEM,
    aliases: ['http://hl7.no/fhir/NamingSystem/HPR'],
    format: '1 to 9 digits',
    wellFormed: (value) => /^\d{1,9}$/.test(value),
  },
  {
    kind: 'forskrivarkod',
    name: 'förskrivarkod',
    country: 'SE',
    system: 'http://electronichealth.se/identifier/forskrivarkod',
    aliases: [],
    format: '7 digits',
    wellFormed: (value) => /^\d{7}$/.test(value),
  },
  {
    kind: 'legitimationskod',
    name: 'legitimationskod',
    country: 'SE',
    system: 'http://electronichealth.se/identifier/legitimationskod',
    aliases: [],
    format: 'digits',
    wellFormed: (value) => /^\d{1,12}$/.test(value),
  },
  {
    kind: 'hsa',
    name: 'HSA-id',
    country: 'SE',
    system: HSA_ID_SYSTEM,
    aliases: organizationSystem(HSA_ID_SYSTEM)?.aliases ?? [],
    format: 'SE, 10 digits, a hyphen, then letters or digits',
    wellFormed: (value) => /^SE\d{10}-[A-Za-z0-9]+$/i.test(value),
  },
];

const BY_SYSTEM: ReadonlyMap<string, PractitionerSystem> = new Map(
  PRACTITIONER_SYSTEMS.flatMap((row) => [row.system, ...row.aliases].map((system) => [system, row] as const)),
);

/** The row of a system, by its emitted or an accepted URI. */
export const practitionerSystem = (system: string | undefined): PractitionerSystem | undefined => {
  if (system === undefined) return undefined;
  return BY_SYSTEM.get(isHprSystem(system) ? HPR_SYSTEM : system);
};
