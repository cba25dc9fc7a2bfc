import { fail, ok, type Result } from '../../result.ts';
import { isObject, type JsonObject } from '../simulation/json.ts';
import { badRequest, type PvkError } from './simulator-answers.ts';
import type { NamedPerson } from './simulator-register.ts';
import type { PvkDefinition, PvkSimulatorSettings } from './simulator-settings.ts';

export interface CitizenRequest {
  readonly innbyggerFnr: string;
  /** Lower case; undefined where the service is asked by part. */
  readonly definisjonGuid?: string;
  readonly partKode?: string;
}

export interface SettRequest extends CitizenRequest {
  readonly definisjonGuid: string;
  readonly typePi: PvkDefinition['typePi'];
  readonly aktiv: boolean;
  /** Milliseconds since the epoch. */
  readonly tidspunkt?: number;
  /** Undefined: no such metadata in the body. */
  readonly navngittHelseperson?: readonly NamedPerson[];
  /** The citizen's time limits. */
  readonly perioder?: { readonly text: string; readonly count: number };
  /** Base64 of the signed proof. */
  readonly bevis?: string;
}

const TYPES: readonly PvkDefinition['typePi'][] = ['samtykke', 'reservasjon', 'tilgangsbegrensning'];
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const FNR = /^\d{11}$/;
const HPR = /^\d{1,9}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const PROOF_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/bmp', 'application/pdf'];

const bad = (message: string) => fail(badRequest(message));

/** Each required member with its JSON type; the first that is missing or of another type. */
const missing = (body: JsonObject, required: Readonly<Record<string, string>>): string | undefined =>
  Object.keys(required).find((name) => typeof body[name] !== required[name]);

const textIn = (body: JsonObject, name: string): string => {
  const value = body[name];
  return typeof value === 'string' ? value : '';
};

/** fnr, GUID and part, by their form alone. */
export const parseCitizenRequest = (
  body: JsonObject,
  required: readonly ('innbyggerFnr' | 'definisjonGuid' | 'partKode')[],
): Result<CitizenRequest, PvkError> => {
  const absent = missing(body, Object.fromEntries(required.map((name) => [name, 'string'])));
  if (absent !== undefined) return bad(`${absent} is required.`);
  const { definisjonGuid, partKode } = body;
  if (definisjonGuid !== undefined && !(typeof definisjonGuid === 'string' && GUID.test(definisjonGuid)))
    return bad('definisjonGuid must be a GUID.');
  const innbyggerFnr = textIn(body, 'innbyggerFnr');
  if (required.includes('innbyggerFnr') && !FNR.test(innbyggerFnr))
    return bad('innbyggerFnr must be 11 digits.');
  if (partKode !== undefined && typeof partKode !== 'string') return bad('partKode must be a string.');
  return ok({
    innbyggerFnr,
    ...(typeof definisjonGuid === 'string' ? { definisjonGuid: definisjonGuid.toLowerCase() } : {}),
    ...(partKode === undefined ? {} : { partKode }),
  });
};

const personsOf = (list: unknown): Result<readonly NamedPerson[], PvkError> => {
  if (!Array.isArray(list)) return bad('The list of health personnel is malformed.');
  const persons: NamedPerson[] = [];
  for (const entry of list as readonly unknown[]) {
    if (!isObject(entry)) return bad('The list of health personnel is malformed.');
    const { nummer, navn } = entry;
    if (typeof nummer !== 'string' || !HPR.test(nummer)) return bad('nummer must be an HPR number.');
    if (typeof navn !== 'string') return bad('navn must be a string.');
    persons.push({ nummer, navn });
  }
  return ok(persons);
};

/** The named health personnel in V2's form, or in V1's; undefined when the body has no such metadata. */
const namesOf = (body: JsonObject): Result<readonly NamedPerson[] | undefined, PvkError> => {
  const { TbInnbyggerMetadata: v2, innbyggerTbMetadata: v1 } = body;
  if (v1 !== undefined) return personsOf(v1);
  if (v2 === undefined) return ok(undefined);
  const details = isObject(v2) ? v2['detaljertAngivelse'] : undefined;
  return personsOf(isObject(details) ? details['navngittHelseperson'] : undefined);
};

const proofOf = (
  body: JsonObject,
  { maxProof }: PvkSimulatorSettings,
): Result<string | undefined, PvkError> => {
  const { signertBevisMimeType: type, signertBevisInnhold: content } = body;
  if (type === undefined && content === undefined) return ok(undefined);
  if (typeof type !== 'string' || !PROOF_TYPES.includes(type))
    return bad('signertBevisMimeType is not one of the four allowed.');
  if (typeof content !== 'string' || content === '' || content.length % 4 !== 0 || !BASE64.test(content))
    return bad('signertBevisInnhold must be base64.');
  const padding = content.length - content.replace(/=+$/, '').length;
  return (content.length / 4) * 3 - padding > maxProof
    ? bad('signertBevisInnhold is too large.')
    : ok(content);
};

const countOf = (periods: unknown): number => {
  if (Array.isArray(periods)) return periods.length;
  const list = isObject(periods) ? Object.values(periods).find((value) => Array.isArray(value)) : undefined;
  return Array.isArray(list) ? list.length : 1;
};

const periodsOf = (body: JsonObject, { periodMembers }: PvkSimulatorSettings) => {
  const name = periodMembers.find((member) => body[member] !== undefined);
  if (name === undefined) return undefined;
  return { text: JSON.stringify(body[name]), count: countOf(body[name]) };
};

/** V1 says `status`, `piAktiv` or `piIkkeAktiv`, where V2 says `aktiv`. */
export const fromV1 = (body: JsonObject): JsonObject => {
  const { status, ...rest } = body;
  const aktiv = { piAktiv: true, piIkkeAktiv: false }[String(status)];
  return aktiv === undefined ? rest : { ...rest, aktiv };
};

/** The form of a Sett body: required members, enumeration, GUID, fnr, then what may be there besides. */
export const parseSett = (
  body: JsonObject,
  settings: PvkSimulatorSettings,
): Result<SettRequest, PvkError> => {
  const absent = missing(body, {
    innbyggerFnr: 'string',
    definisjonGuid: 'string',
    typePi: 'string',
    aktiv: 'boolean',
  });
  if (absent !== undefined) return bad(`${absent} is required.`);
  const typePi = TYPES.find((type) => type === body['typePi']);
  if (typePi === undefined) return bad('typePi is not one of the three allowed.');
  const common = parseCitizenRequest(body, ['innbyggerFnr', 'definisjonGuid']);
  if (!common.ok) return common;
  const { tidspunkt } = body;
  if (
    tidspunkt !== undefined &&
    !(typeof tidspunkt === 'string' && INSTANT.test(tidspunkt) && !Number.isNaN(Date.parse(tidspunkt)))
  )
    return bad('tidspunkt must be an instant.');
  const names = namesOf(body);
  if (!names.ok) return names;
  const proof = proofOf(body, settings);
  if (!proof.ok) return proof;
  const perioder = periodsOf(body, settings);
  return ok({
    ...common.value,
    definisjonGuid: textIn(body, 'definisjonGuid').toLowerCase(),
    typePi,
    aktiv: body['aktiv'] === true,
    ...(tidspunkt === undefined ? {} : { tidspunkt: Date.parse(tidspunkt) }),
    ...(names.value === undefined ? {} : { navngittHelseperson: names.value }),
    ...(perioder === undefined ? {} : { perioder }),
    ...(proof.value === undefined ? {} : { bevis: proof.value }),
  });
};
