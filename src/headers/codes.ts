import type { CallerKind, Role } from '../security/caller.ts';

/**
 * Codes of the value sets `purpose-types` and `access-types`, under our own stable names: the rules are
 * written against the names, because several codes are not public. Those have placeholders that start with
 * `SIM_`; settings replace them.
 */
interface CodeEntry {
  readonly display: string;
  readonly code: string;
  /** False: the code is our placeholder or our assumption. */
  readonly verified: boolean;
  readonly source: string;
}

export interface PurposeEntry extends CodeEntry {
  /** Whose purpose it is, by the definitions of law (2018:1212). */
  readonly kinds: readonly CallerKind[];
  readonly law: string;
}

export type PurposeKey = 'care' | 'dispensing' | 'facilitating-use' | 'own-data';

export const PURPOSES: Readonly<Record<PurposeKey, PurposeEntry>> = {
  care: {
    display: 'Vård',
    code: 'VARD',
    verified: true,
    kinds: ['care'],
    law: '2018:1212, 3 kap. 4 §',
    source: 'S 1, S 5',
  },
  dispensing: {
    display: 'Expediering',
    code: 'SIM_EXPEDIERING',
    verified: false,
    kinds: ['pharmacy'],
    law: '2018:1212, 3 kap. 3 § 1',
    source: 'S 1; code not public',
  },
  'facilitating-use': {
    display: 'Underlättande av läkemedelsanvändning',
    code: 'SIM_UNDERLATTANDE',
    verified: false,
    kinds: ['pharmacy'],
    law: '2018:1212, 3 kap. 3 § 2',
    source: 'S 1; code not public',
  },
  'own-data': {
    display: 'Direktåtkomst till egna uppgifter',
    code: 'SIM_EGNA_UPPGIFTER',
    verified: false,
    kinds: ['mediated'],
    law: '2018:1212, 5 kap. 6 §',
    source: 'S 1; code not public',
  },
};

export interface AccessEntry extends CodeEntry {
  /** The purpose under which the handbook lists it; two accesses may share a code under different ones. */
  readonly purpose: PurposeKey;
  /** Whose access it is: who uses it acts for another person. Absent: of all whose purpose it is. */
  readonly roles?: readonly Role[];
}

const care = (display: string, code: string): AccessEntry => ({
  display,
  code,
  verified: true,
  purpose: 'care',
  source: 'S 5',
});

const assumed = (display: string, code: string, purpose: PurposeKey, source: string): AccessEntry => ({
  display,
  code,
  verified: false,
  purpose,
  source,
});

const ACCESS_TABLE = {
  'temporary-consent': care('Tillfälligt samtycke till åtkomst', 'TILLFALLIGT_SAMTYCKE'),
  'no-consent-required': care('Utan krav på samtycke', 'UTAN_KRAV_SAMTYCKE'),
  'no-consent-required-child': care('Utan krav på samtycke barn', 'UTAN_KRAV_SAMTYCKE_BARN'),
  'dose-patient': care('Åtkomst till dospatients uppgifter', 'DOSPATIENTS_UPPGIFTER'),
  'temporary-consent-locked': care(
    'Samtycke till tillfällig åtkomst till spärrade uppgifter',
    'TILLFALLIGT_SAMTYCKE_SPARRADE_UPPGIFTER',
  ),
  emergency: care('Nödåtkomst', 'NODATKOMST'),
  'presumed-consent': care('Förmodat samtycke', 'FORMODAT_SAMTYCKE'),
  'registered-access-consent': care(
    'Registrerat åtkomstsamtycke för patient till personal',
    'SAMTYCKE_PRIVAT_TILL_VARDPERSONAL',
  ),
  'no-consent-required-dispensing': assumed(
    'Utan krav på samtycke',
    'UTAN_KRAV_SAMTYCKE',
    'dispensing',
    'shared code assumed',
  ),
  'temporary-consent-facilitating': assumed(
    'Tillfälligt samtycke till åtkomst',
    'TILLFALLIGT_SAMTYCKE',
    'facilitating-use',
    'shared code assumed',
  ),
  'own-data-patient': assumed(
    'Åtkomst till egna uppgifter',
    'SIM_PATIENT',
    'own-data',
    'S 1; code not public',
  ),
  guardian: {
    ...assumed('Vårdnadshavare', 'SIM_VARDNADSHAVARE', 'own-data', 'S 1; code not public'),
    roles: ['guardian'],
  },
  'purchase-proxy': {
    ...assumed('Köpfullmakt', 'SIM_KOPFULLMAKT', 'own-data', 'S 1; code not public'),
    roles: ['agent'],
  },
} as const;

export type AccessKey = keyof typeof ACCESS_TABLE;

export const ACCESSES: Readonly<Record<AccessKey, AccessEntry>> = ACCESS_TABLE;

/** Replaces codes by internal key. */
export interface CodeOverrides {
  readonly purpose?: Readonly<Partial<Record<PurposeKey, string>>>;
  readonly access?: Readonly<Partial<Record<AccessKey, string>>>;
}

/** What a code on the wire may mean. */
export interface CodeIndex {
  readonly purpose: ReadonlyMap<string, readonly PurposeKey[]>;
  readonly access: ReadonlyMap<string, readonly AccessKey[]>;
}

const indexOf = <Key extends string>(
  table: Readonly<Record<Key, CodeEntry>>,
  overrides: Readonly<Partial<Record<Key, string>>> | undefined,
): ReadonlyMap<string, readonly Key[]> => {
  const index = new Map<string, Key[]>();
  for (const key of Object.keys(table) as Key[]) {
    const code = overrides?.[key] ?? table[key].code;
    const keys = index.get(code);
    if (keys === undefined) index.set(code, [key]);
    else keys.push(key);
  }
  return index;
};

/** Both value sets by their codes, overrides applied. */
export const codeIndex = (overrides: CodeOverrides): CodeIndex => ({
  purpose: indexOf(PURPOSES, overrides.purpose),
  access: indexOf(ACCESSES, overrides.access),
});

/** The accesses that a code means under these purposes; all of its meanings when it is listed under none. */
export const accessKeys = (
  index: CodeIndex,
  access: string,
  purposes: readonly PurposeKey[],
): readonly AccessKey[] => {
  const keys = index.access.get(access) ?? [];
  const listed = keys.filter((key) => purposes.includes(ACCESSES[key].purpose));
  return listed.length > 0 ? listed : keys;
};
