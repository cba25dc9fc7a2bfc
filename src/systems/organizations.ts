import { fail, ok, type Result } from '../result.ts';
import type { SystemValue } from './identifiers.ts';
import {
  ORGANIZATION_SYSTEMS,
  type OrganizationIdentifierKind,
  type OrganizationIdentifierWarning,
  type OrganizationSystem,
  SKS_CLASSIFICATION,
  SKS_SYSTEM,
} from './organization-systems.ts';

export {
  CVR_SYSTEM,
  GLN_SYSTEM,
  HSA_ID_SYSTEM,
  ORGANIZATION_SYSTEMS,
  type OrganizationIdentifierKind,
  type OrganizationSystem,
  SKS_SYSTEM,
  SOR_SYSTEM,
  YDER_SYSTEM,
} from './organization-systems.ts';

const BY_SYSTEM: ReadonlyMap<string, OrganizationSystem> = new Map(
  ORGANIZATION_SYSTEMS.flatMap((row) => [row.system, ...row.aliases].map((system) => [system, row] as const)),
);

/** The row of a system, by its emitted or an accepted URI; undefined for a system that is not known. */
export const organizationSystem = (system: string | undefined): OrganizationSystem | undefined =>
  system === undefined ? undefined : BY_SYSTEM.get(system);

/** All systems that mean the same as this one, itself included: `identifier=` finds whichever was stored. */
export const sameOrganizationSystems = (system: string): readonly string[] => {
  const row = BY_SYSTEM.get(system);
  return row === undefined ? [system] : [row.system, ...row.aliases];
};

/** An identifier in the one form in which it is compared and sent. */
export interface OrganizationIdentifier extends SystemValue {
  readonly kind: OrganizationIdentifierKind;
  readonly row: OrganizationSystem;
  readonly warnings: readonly OrganizationIdentifierWarning[];
}

/** Why an identifier is not taken; `text` continues a sentence and never repeats the value. */
export interface OrganizationIdentifierFault {
  readonly code: 'value' | 'too-long';
  readonly text: string;
}

/**
 * Brings an identifier of a known system into its one form. Undefined: the system is not known, the identifier is
 * kept and not used for mapping. A wrong check digit is a fault for GLN and a warning for all others.
 */
export const normaliseOrganizationIdentifier = (
  system: string | undefined,
  value: string,
): Result<OrganizationIdentifier, OrganizationIdentifierFault> | undefined => {
  if (system === SKS_CLASSIFICATION) {
    const text = `is of the SKS classification, which has no organisations: use ${SKS_SYSTEM}`;
    return fail({ code: 'value', text });
  }
  const row = organizationSystem(system);
  if (row === undefined) return undefined;
  const trimmed = value.trim();
  const cleaned = row.clean?.(trimmed) ?? trimmed;
  if (row.longest !== undefined && cleaned.length > row.longest) {
    return fail({ code: 'too-long', text: `is longer than ${row.longest} characters` });
  }
  if (!row.wellFormed(cleaned)) return fail({ code: 'value', text: `is not well-formed: ${row.format}` });
  const wrong = row.checkDigit?.(cleaned) === false;
  if (wrong && row.checkDigitWrong === 'refuse') {
    return fail({ code: 'value', text: 'has a wrong check digit' });
  }
  const warnings: OrganizationIdentifierWarning[] = [];
  if (wrong) warnings.push('check-digit');
  if (row.legacy?.(cleaned) === true) warnings.push('legacy');
  return ok({ kind: row.kind, row, system: row.system, value: cleaned, warnings });
};

/** What two identifiers of the same kind are compared by: `66001` and `066001` are the same ydernummer. */
export const organizationKey = ({ row, value }: Pick<OrganizationIdentifier, 'row' | 'value'>): string =>
  `${row.kind}|${row.key?.(value) ?? value}`;

/** An identifier in its one form, and whether its check digit holds (or it has none). */
export interface OrganizationNumber extends SystemValue {
  readonly checked: boolean;
}

/**
 * `normaliseOrganizationIdentifier` for services that judge the check digit themselves. An unknown system is a
 * fault here. The failure continues a sentence and never repeats the value. The literal GLN `0`, which BRS alone
 * knows, is let through.
 */
export const normaliseOrganizationNumber = (
  system: string,
  value: string,
): Result<OrganizationNumber, string> => {
  const row = organizationSystem(system);
  if (row?.kind === 'gln' && value.trim() === '0')
    return ok({ system: row.system, value: '0', checked: true });
  const read = normaliseOrganizationIdentifier(system, value);
  if (read === undefined) return fail('is not in a known system of organisation identifiers');
  if (!read.ok) return fail(read.failure.text);
  const checked = !read.value.warnings.includes('check-digit');
  return ok({ system: read.value.system, value: read.value.value, checked });
};
