import { fail, ok, type Result } from '../../result.ts';
import type { XmlElement } from '../../xml/tree.ts';
import type { IdCard } from '../dgws/message-card.ts';
import type { Envelope } from '../dgws/message-envelope.ts';
import { FMK_MESSAGES, type FocesWhitelisting, type Modificator, modificatorFault } from './message.ts';
import { FMK_REQUEST_HEADER, WHITELISTING_HEADER, type WhitelistingHeader } from './message-headers.ts';
import type { Refusal } from './simulator-answers.ts';
import type { Operation } from './simulator-faults.ts';
import type { FmkSimulatorSettings } from './simulator-settings.ts';

/** What a call asks of the simulated FMK, read. */
export interface FmkQuestion {
  readonly operation: Exclude<Operation, 'GetPermissions'>;
  readonly cvr: FocesWhitelisting['OrganisationIdentifier'];
  /** Absent for Get. */
  readonly entry?: FocesWhitelisting;
  readonly by?: Modificator;
}

/** Why a call is not understood: a code of the DGWS layer and words. */
export type NotUnderstood = readonly [code: string, text: string];

const SCHEMA = 'request_payload_validation_error';
/** As strict as the schema itself: order and names. */
const STRICT = { order: 'strict', unknown: 'refuse' } as const;

const invalid = (what: string): Result<never, NotUnderstood> => fail([SCHEMA, what]);

const question = (
  operation: 'Create' | 'Delete',
  by: Modificator,
  entry: FocesWhitelisting,
): Result<FmkQuestion, NotUnderstood> => {
  const fault = modificatorFault(by);
  return fault === undefined
    ? ok({ operation, cvr: entry.OrganisationIdentifier, entry, by })
    : invalid(`expected ${fault}`);
};

/** Reads a body by the schema of the configured version. */
export const readQuestion = (
  operation: FmkQuestion['operation'],
  body: XmlElement,
  { version }: FmkSimulatorSettings,
): Result<FmkQuestion, NotUnderstood> => {
  const messages = FMK_MESSAGES[version];
  if (operation === 'Create') {
    const read = messages.CreateRequest.read(body, STRICT);
    if (!read.ok) return invalid(read.failure[0]?.path ?? '');
    return question(operation, read.value.value.CreatedBy, read.value.value.FocesWhitelisting);
  }
  if (operation === 'Delete') {
    const read = messages.DeleteRequest.read(body, STRICT);
    if (!read.ok) return invalid(read.failure[0]?.path ?? '');
    return question(operation, read.value.value.ModifiedBy, read.value.value.FocesWhitelisting);
  }
  const read = messages.GetRequest.read(body, STRICT);
  if (!read.ok) return invalid(read.failure[0]?.path ?? '');
  return ok({ operation, cvr: read.value.value.OrganisationIdentifier });
};

/** The header block of a call. */
export interface CallHeader {
  readonly whitelisting: WhitelistingHeader;
  readonly preflight: boolean;
}

const MISSING: NotUnderstood = ['missing_required_header', 'The whitelisting header is missing'];

/** The header in the form of the configured version. */
export const readHeader = (
  { blocks }: Envelope,
  { version }: FmkSimulatorSettings,
): Result<CallHeader, NotUnderstood> => {
  if (version === '1.4.6-E6') {
    const block = blocks.find(WHITELISTING_HEADER.is);
    if (block === undefined) return fail(MISSING);
    const read = WHITELISTING_HEADER.read(block, STRICT);
    return read.ok ? ok({ whitelisting: read.value.value, preflight: false }) : invalid('WhitelistingHeader');
  }
  const block = blocks.find(FMK_REQUEST_HEADER.is);
  if (block === undefined) return fail(MISSING);
  const read = FMK_REQUEST_HEADER.read(block, STRICT);
  if (!read.ok) return invalid(read.failure[0]?.path ?? 'FMKRequestHeader');
  const { WhitelistingHeader, PreflightOnly } = read.value.value;
  return ok({ whitelisting: WhitelistingHeader, preflight: PreflightOnly !== undefined });
};

const refusal = (code: Refusal['code'], Key: string, Value: string): Refusal => ({
  code,
  sets: [{ Key, Value }],
});

/** Whether the calling system is one that FMK knows. */
export const refuseSystem = (
  { SystemOwnerName, SystemName, SystemVersion }: WhitelistingHeader,
  { approved }: FmkSimulatorSettings,
): Refusal | undefined => {
  const known = approved?.some(
    ({ ownerName, name, version }) =>
      ownerName === SystemOwnerName && name === SystemName && version === SystemVersion,
  );
  return known === false ? refusal('SIM-0002', 'WhitelistingHeader/SystemName', SystemName) : undefined;
};

const refuseModificator = (by: Modificator, settings: FmkSimulatorSettings): Refusal | undefined => {
  if (!settings.roles.includes(by.Role)) return refusal('SIM-0003', 'CreatedBy/Role', by.Role);
  const organisation = by.Organisation;
  if (organisation?.Type.toLowerCase() !== 'apotek') return undefined;
  const { source, value } = organisation.Identifier;
  const known = source === 'EAN-Lokationsnummer' && settings.pharmacies.has(value);
  return known ? undefined : refusal('SIM-0004', 'CreatedBy/Organisation/Identifier', value);
};

const holds = (card: IdCard, by: Modificator): boolean => {
  const { source, value } = by.HealthcareProfessional?.Identifier ?? {};
  const own = source === 'Autorisation' ? card.user?.authorizationCode : card.user?.cpr;
  return own !== undefined && own === value;
};

/** The business rules, in FMK's order as far as it is guessed. */
export const refuseQuestion = (
  { cvr, by }: FmkQuestion,
  card: IdCard,
  settings: FmkSimulatorSettings,
): Refusal | undefined => {
  if (cvr.source !== 'CVR') {
    return refusal('SIM-0001', 'FocesWhitelisting/OrganisationIdentifier/@source', cvr.source);
  }
  if (!/^\d{8}$/.test(cvr.value)) {
    return refusal('SIM-0001', 'FocesWhitelisting/OrganisationIdentifier', cvr.value);
  }
  const refused = by === undefined ? undefined : refuseModificator(by, settings);
  if (refused !== undefined) return refused;
  if (settings.organisationMustBeCards && card.system.careProviderId.value !== cvr.value) {
    return refusal('SIM-0012', 'FocesWhitelisting/OrganisationIdentifier', cvr.value);
  }
  if (settings.creatorMustBeCardHolder && by !== undefined && !holds(card, by)) {
    return refusal('SIM-0013', 'CreatedBy/HealthcareProfessional/Identifier', 'another person');
  }
  return undefined;
};
