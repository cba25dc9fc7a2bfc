import type { FmkVersion } from './settings.ts';

/** A system that FMK's administration has approved; every call names one. */
export interface ApprovedSystem {
  readonly ownerName: string;
  readonly name: string;
  readonly version: string;
}

/** The switches of the simulator, first value of the documented row first; each is a guess where FMK is silent. */
export interface FmkSimulatorSettings {
  readonly version: FmkVersion;
  readonly duplicateCreate: 'echo' | 'fault';
  readonly absentDelete: 'echo' | 'fault';
  readonly deleteIgnoresCertHash: boolean;
  readonly caseSensitive: boolean;
  readonly organisationMustBeCards: boolean;
  readonly creatorMustBeCardHolder: boolean;
  readonly cardLevel: 3 | 4;
  readonly faultStatus: 500 | 400;
  readonly verifySignatures: 'on' | 'off';
  /** Undefined: every system is. */
  readonly approved: readonly ApprovedSystem[] | undefined;
  /** Roles that hold the permission AdministrerFunktionscertifikater. */
  readonly roles: readonly string[];
  /** GLN and name of the pharmacies. */
  readonly pharmacies: ReadonlyMap<string, string>;
  /** Words for the simulator's own fault codes; a real table can be loaded over it. */
  readonly faultTexts: Readonly<Record<string, string>>;
}

/** The simulator's own codes, never FMK's. */
export const SIM_FAULTS = {
  'SIM-0001': 'OrganisationIdentifier skal have source CVR og 8 cifre',
  'SIM-0002': 'Systemet er ikke godkendt i FMK',
  'SIM-0003': 'Rollen har ikke rettigheden AdministrerFunktionscertifikater',
  'SIM-0004': 'Apoteket er ukendt',
  'SIM-0010': 'Certifikatet er allerede registreret',
  'SIM-0011': 'Certifikatet er ikke registreret',
  'SIM-0012': 'Organisationens CVR er ikke ID-kortets',
  'SIM-0013': 'Opretteren er ikke ID-kortets indehaver',
} as const;

export type SimFault = keyof typeof SIM_FAULTS;

export const FMK_SIMULATOR_DEFAULTS: FmkSimulatorSettings = {
  version: '1.6.0-head',
  duplicateCreate: 'echo',
  absentDelete: 'echo',
  deleteIgnoresCertHash: false,
  caseSensitive: false,
  organisationMustBeCards: false,
  creatorMustBeCardHolder: false,
  cardLevel: 4,
  faultStatus: 500,
  verifySignatures: 'on',
  approved: undefined,
  roles: ['Apoteksansat', 'Apoteker', 'Farmaceut', 'Farmakonom', 'Web administrator'],
  pharmacies: new Map([
    ['5790001381615', 'Kolind Apotek'],
    ['5790009999997', 'Eksempel Apotek'],
    ['5790009999980', 'Prøve Apotek'],
  ]),
  faultTexts: SIM_FAULTS,
};

/** The predefined permissions that the simulator hands out, by role; the others have none. */
export const PERMISSIONS: readonly string[] = ['AdministrerFunktionscertifikater', 'ApotekOpslag'];
