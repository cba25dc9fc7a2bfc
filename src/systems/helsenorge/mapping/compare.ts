import type { Consent, ConsentProvisionActor, Meta } from '@medplum/fhirtypes';
import { isHprSystem } from '../../identifiers.ts';
import { SETT_MEMBERS, type SettRequest } from '../message.ts';
import { AKTIV, SERVER_WRITTEN } from './codes.ts';

const sameMembers = (a: object, b: object): boolean => {
  let present = 0;
  for (const member in a) {
    const value: unknown = Reflect.get(a, member);
    if (value === undefined) continue;
    present += 1;
    if (!sameJson(value, Reflect.get(b, member))) return false;
  }
  for (const member in b) if (Reflect.get(b, member) !== undefined) present -= 1;
  return present === 0;
};

/** Equality of JSON values: the order of members does not count, nor does a member that is undefined. */
export const sameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (!Array.isArray(a) && !Array.isArray(b)) return sameMembers(a, b);
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((value, index) => sameJson(value, b[index]));
};

/** The object without its members when none is left. */
const orNothing = <T extends object>(value: T): T | undefined =>
  Object.values(value).every((member) => member === undefined) ? undefined : value;

const writtenByClient = (meta: Meta | undefined): Partial<Meta> | undefined => {
  if (meta === undefined) return undefined;
  const { versionId: _version, lastUpdated: _updated, ...rest } = meta;
  return orNothing(rest);
};

/** A Consent without what the server itself writes into it. */
const content = (consent: Consent) => {
  const { id: _id, meta, extension, ...rest } = consent;
  const own = extension?.filter(({ url }) => !SERVER_WRITTEN.has(url));
  return {
    ...rest,
    meta: writtenByClient(meta),
    extension: own === undefined || own.length === 0 ? undefined : own,
  };
};

/**
 * Equal but for `id`, `meta.versionId`, `meta.lastUpdated` and the extensions that the server writes. Both are
 * expected in their stored form (`normaliseConsent`).
 */
export const sameContent = (a: Consent, b: Consent): boolean => sameJson(content(a), content(b));

const hprOf = (actor: ConsentProvisionActor): number =>
  isHprSystem(actor.reference?.identifier?.system) ? Number(actor.reference?.identifier?.value) : -1;

/** What of an actor PVK does not hear: everything but HPR number and name. */
const keptOfActor = (actor: ConsentProvisionActor) => {
  const { identifier, display: _sent, ...reference } = actor.reference ?? {};
  const { value: _number, ...kept } = identifier ?? {};
  return { ...actor, reference: { ...reference, identifier: orNothing(kept) } };
};

/** What of a Consent the facade alone holds, because PVK does not hear it. */
const facadeHeld = (consent: Consent) => {
  const { status: _status, dateTime: _dateTime, provision, sourceAttachment, ...rest } = content(consent);
  const { period: _period, actor, ...rule } = provision ?? {};
  const { contentType: _type, data: _data, ...about } = sourceAttachment ?? {};
  // PVK does not know the order of the list, so neither does the comparison.
  const actors = actor?.toSorted((a, b) => hprOf(a) - hprOf(b)).map(keptOfActor);
  return { ...rest, provision: orNothing({ ...rule, actor: actors }), about: orNothing(about) };
};

/**
 * True when two Consents differ in what the facade alone holds: identifier, text, language, tags, performer,
 * the wording of status, scope and roles and the like. Such a change makes a new version whatever PVK says.
 */
export const facadeHeldDiffers = (a: Consent, b: Consent): boolean => {
  // `inactive` and `rejected` are one to PVK and two to the reader of the Consent.
  if (a.status !== b.status && AKTIV[a.status] === AKTIV[b.status]) return true;
  return !sameJson(facadeHeld(a), facadeHeld(b));
};

const numbersOf = (request: SettRequest): ReadonlySet<number> =>
  new Set(
    request.TbInnbyggerMetadata?.detaljertAngivelse.navngittHelseperson.map(({ nummer }) => Number(nummer)),
  );

const limitsOf = (request: SettRequest): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(request).filter(([member]) => !SETT_MEMBERS.has(member)));

/** Whether two requests leave PVK in the same state: active or not, for whom, and within which time limits. */
export const sameSetting = (a: SettRequest, b: SettRequest): boolean => {
  if (a.aktiv !== b.aktiv) return false;
  const [left, right] = [numbersOf(a), numbersOf(b)];
  if (left.size !== right.size || ![...left].every((number) => right.has(number))) return false;
  return sameJson(limitsOf(a), limitsOf(b));
};

/** Does a request say more than that the setting is active: for whom, or within which time limits? */
export const saysMoreThanActive = (request: SettRequest): boolean =>
  numbersOf(request).size > 0 || Object.keys(limitsOf(request)).length > 0;

/** Does a list that PVK told name just those that the request names? */
export const sameNames = (
  request: SettRequest,
  told: readonly { readonly nummer: number | string }[],
): boolean => {
  const [asked, held] = [numbersOf(request), new Set(told.map(({ nummer }) => Number(nummer)))];
  return asked.size === held.size && [...asked].every((number) => held.has(number));
};

/** The key that at most one live Consent holds: one setting per patient and definition. */
export const uniqueKeyOf = (patientId: string, guid: string): string => `${patientId}|${guid.toLowerCase()}`;
