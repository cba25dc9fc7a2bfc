import { codeSystem, namingSystem, structureDefinition } from '../../../canonical.ts';

/** The systems and URLs that the mapping of a foces-whitelisting Basic reads and writes. */
export const BASIC_KIND = codeSystem('basic-kind');
export const FOCES_WHITELISTING = 'foces-whitelisting';
export const FMK_ROLE = codeSystem('fmk-role');
export const FMK_ORGANISATION_TYPE = codeSystem('fmk-organisation-type');
export const FOCES_ID_SYSTEM = namingSystem('foces-id');

export const FOCES_ID = structureDefinition('foces-id');
export const CERT_HASH = structureDefinition('cert-hash');
export const CERTIFICATE = structureDefinition('certificate');

/** FMK's list of roles, an open one; those that 1.4.6 does not have are marked. */
export const FMK_ROLES: ReadonlyMap<string, 'all' | '1.6.0'> = new Map([
  ...[
    'Læge',
    'Tandlæge',
    'Jordemoder',
    'Sygeplejerske',
    'Social- og sundhedsassistent',
    'Social- og sundhedshjælper',
    'Sundhedsplejerske',
    'Farmaceut',
    'Farmakonom',
    'Kommunal ansat til medicinhåndtering',
    'Apoteker',
    'System',
    'Assistent for Læge',
    'Assistent for Tandlæge',
    'Assistent for Sygeplejerske',
    'Assistent for Jordemoder',
    'Assistent for Social- og sundhedsassistent',
    'Assistent for Social- og sundhedshjælper',
    'Assistent for Sundhedsplejerske',
    'Assistent for Apoteker',
    'Assistent for Farmakonom',
    'Assistent for Farmaceut',
    'Borger',
    'Forældermyndighed',
    'Værge',
    'Web administrator',
    'Supporter',
    'Recept registrator',
    'Behandlerfarmaceut',
    'Plejehjemsassistent',
  ].map((role) => [role, 'all'] as const),
  ...[
    'Apoteksansat',
    'Tandplejer',
    'Apotekersystem',
    'Borger med læsefuldmagt',
    'Borger med handlingsfuldmagt',
    'Udenlandsk apoteker',
    'Udenlandsk apoteksansat',
    'Udenlandsk sundhedsmedarbejder',
  ].map((role) => [role, '1.6.0'] as const),
]);

/** Roles of systems: whoever creates a whitelisting is a person. */
export const SYSTEM_ROLES: ReadonlySet<string> = new Set(['System', 'Apotekersystem']);

/** FMK's list of organisation types, an open one. */
export const FMK_ORGANISATION_TYPES: readonly string[] = [
  'Sygehus',
  'Yder',
  'Apotek',
  'Kommune',
  'Administrator',
  'Apoteksudsalg',
  'Medicinudleveringssted',
  'According to Source',
];
