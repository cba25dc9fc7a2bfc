import type { Failure } from '../failure.ts';
import type { Caller, CallerKind, Role } from '../security/caller.ts';
import { ACCESSES, type AccessKey, accessKeys, PURPOSES, type PurposeKey } from './codes.ts';
import { headerFailure } from './faults.ts';
import type { MatrixRow } from './matrix-rows.ts';
import { prepareCall } from './readers.ts';
import type { HeaderSettings } from './settings.ts';

export interface Combination {
  /** As sent; undefined where the pattern has none or `report` let it be missing: then nothing is judged. */
  readonly purpose: string | undefined;
  readonly access: string | undefined;
  readonly role: Role;
  readonly kind: CallerKind;
  readonly resourceType: string;
  /** True when the ticket names an acting organisation ("med vårdgivare"). */
  readonly organization?: boolean;
}

const covers = (row: MatrixRow, purpose: PurposeKey, accesses: readonly AccessKey[], resource: string) =>
  row.purpose === purpose &&
  (row.access === '*' || accesses.includes(row.access)) &&
  (row.resource === '*' || row.resource === resource);

const names = (row: MatrixRow, { role, organization }: Combination): boolean =>
  row.roles.includes(role) && (row.organization !== role || organization === true);

/** Guardian's and purchase proxy's access is theirs alone: who else states it would speak for another. */
const has = (role: Role, access: AccessKey): boolean => ACCESSES[access].roles?.includes(role) ?? true;

/**
 * A purpose, and an access that speaks for another, is its own people's; the cells are as open as their rows
 * say, open where there is none.
 */
const opens = (
  purpose: PurposeKey,
  accesses: readonly AccessKey[],
  wanted: Combination,
  matrix: readonly MatrixRow[],
): boolean => {
  if (!PURPOSES[purpose].kinds.includes(wanted.kind)) return false;
  const own = accesses.filter((access) => has(wanted.role, access));
  if (own.length === 0) return false;
  const rows = matrix.filter((row) => covers(row, purpose, own, wanted.resourceType));
  if (rows.some((row) => row.decision === 'deny' && row.roles.includes(wanted.role))) return false;
  const allowing = rows.filter((row) => row.decision === 'allow');
  return allowing.length === 0 || allowing.some((row) => names(row, wanted));
};

/** One reading of a purpose and an access as sent, and the rows that the matrix has for it. */
export interface MatrixCell {
  readonly purpose: PurposeKey;
  readonly access: AccessKey;
  readonly rows: readonly MatrixRow[];
}

/** Every cell that this purpose and access may mean, whatever the resource; codes may be shared. */
export const matrixCells = (
  purpose: string,
  access: string,
  settings: HeaderSettings,
): readonly MatrixCell[] => {
  const { codes } = prepareCall(settings);
  const purposes = codes.purpose.get(purpose) ?? [];
  return purposes.flatMap((key) =>
    accessKeys(codes, access, [key]).map((one) => ({
      purpose: key,
      access: one,
      rows: settings.matrix.filter(
        (row) => row.purpose === key && (row.access === '*' || row.access === one),
      ),
    })),
  );
};

/**
 * Role × purpose × access × resource: `forbidden` (403) when it does not go together. Looks at nothing but
 * the call, so the answer is the same whether or not there is anything to see. Role `system` may state any
 * purpose and access.
 */
export const checkCombination = (wanted: Combination, settings: HeaderSettings): Failure | undefined => {
  if (wanted.role === 'system' || wanted.purpose === undefined || wanted.access === undefined)
    return undefined;
  const { codes } = prepareCall(settings);
  const purposes = codes.purpose.get(wanted.purpose) ?? [];
  const accesses = accessKeys(codes, wanted.access, purposes);
  if (purposes.some((purpose) => opens(purpose, accesses, wanted, settings.matrix))) return undefined;
  return headerFailure(
    'forbidden',
    'combination-not-allowed',
    `The purpose and access stated do not go together with role ${wanted.role} for ${wanted.resourceType}`,
    'X-Purpose',
  );
};

/** Calls bound to a person; a machine has no level of assurance. */
const PERSONAL: Readonly<Record<CallerKind, boolean>> = {
  care: true,
  pharmacy: true,
  mediated: true,
  machine: false,
};

/**
 * Level of assurance (DIGG): person-bound services ask for 3. A ticket that states none is refused unless
 * `loaMissing` says `accept`, which suits issuers that state it elsewhere.
 */
export const checkLoa = (
  caller: Pick<Caller, 'kind' | 'loa'>,
  settings: Pick<HeaderSettings, 'loaRequired' | 'loaMissing'>,
): Failure | undefined => {
  if (!PERSONAL[caller.kind]) return undefined;
  if (caller.loa === undefined && settings.loaMissing === 'accept') return undefined;
  if (caller.loa !== undefined && caller.loa >= settings.loaRequired) return undefined;
  return headerFailure(
    'forbidden',
    'loa-too-low',
    caller.loa === undefined
      ? `The ticket states no level of assurance; ${settings.loaRequired} is required`
      : `The level of assurance is ${caller.loa}; ${settings.loaRequired} is required`,
    'Authorization',
  );
};
