import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type JsonObject, jsonResponse } from '../simulation/json.ts';
import type { PvkCaller } from './simulator-access.ts';
import {
  BUSY,
  badRequest,
  errorResponse,
  type PvkError,
  unknownCitizen,
  unknownDefinition,
} from './simulator-answers.ts';
import type { Instance, PvkRegister } from './simulator-register.ts';
import { type CitizenRequest, fromV1, parseCitizenRequest, parseSett } from './simulator-requests.ts';
import type { RouteName } from './simulator-routes.ts';
import {
  hasGoodCheckDigits,
  nextInstance,
  proofHash,
  refuseMetadata,
  refuseTidspunkt,
} from './simulator-rules.ts';
import type { PvkDefinition, PvkSimulatorSettings } from './simulator-settings.ts';

/** An authorised call. */
export interface ServiceCall {
  readonly caller: PvkCaller;
  readonly body: JsonObject;
  readonly fault: string | undefined;
}

export type Service = (call: ServiceCall) => Promise<Response>;

export interface ServicesOptions {
  readonly settings: PvkSimulatorSettings;
  readonly clock: Clock;
  readonly catalogue: readonly PvkDefinition[];
  readonly register: PvkRegister;
  readonly mayRead: (caller: PvkCaller, guid: string) => boolean;
}

/** The reference that a looping list answers, and answers again to whoever asks for it. */
export const LOOPING_REFERENCE = 2_147_483_647;
/** A status code that no code list has, for the fault `unknown-status-code`. */
const UNKNOWN_STATUS = 'UKJENT';

const FIXED_METADATA: Readonly<Record<PvkDefinition['typePi'], string>> = {
  samtykke: 'saFasteMetadata',
  reservasjon: 'reFasteMetadata',
  tilgangsbegrensning: 'tbFasteMetadata',
};

/** As in the documentation's examples: UTC, whole seconds. */
const instant = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

const changesOf = ({ sekvensnummer, opprettet, sistEndret }: Instance) => ({
  sekvensnummer,
  opprettetTidspunkt: instant(opprettet),
  sistEndretTidspunkt: instant(sistEndret),
});

const statusOf = (aktiv: boolean, fault: string | undefined) =>
  fault === 'unknown-status-code' ? { status: UNKNOWN_STATUS } : { aktiv };

const descriptionOf = ({ guid, navn, partKode, typePi }: PvkDefinition) => ({
  definisjonGuid: guid,
  definisjonNavn: navn,
  ...(partKode === undefined ? {} : { partKode }),
  typePi,
});

const namesOf = ({ navngittHelseperson }: Instance) =>
  navngittHelseperson.length === 0
    ? {}
    : { TbInnbyggerMetadata: { detaljertAngivelse: { navngittHelseperson } } };

/** What each service does once the caller may use it; the checks that are left come in PVK's order. */
export const createServices = (options: ServicesOptions): Readonly<Record<RouteName, Service>> => {
  const { settings, clock, catalogue, register, mayRead } = options;
  const definitions = new Map(catalogue.map((definition) => [definition.guid.toLowerCase(), definition]));
  const unknown = new Set(settings.unknownCitizens);

  const refused = (error: PvkError): Response => errorResponse(error, settings);

  /** The GUID, and whatever else is given must fit it: part (case-sensitive), type. */
  const definitionOf = (
    request: CitizenRequest,
    typePi?: PvkDefinition['typePi'],
  ): Result<PvkDefinition, PvkError> => {
    const definition = definitions.get(request.definisjonGuid ?? '');
    const { partKode } = request;
    const fits =
      definition !== undefined &&
      (partKode === undefined || definition.partKode === undefined || definition.partKode === partKode) &&
      (typePi === undefined || definition.typePi === typePi);
    return fits ? ok(definition) : fail(unknownDefinition(settings));
  };

  const refuseCitizen = ({ innbyggerFnr }: CitizenRequest): PvkError | undefined =>
    unknown.has(innbyggerFnr) || (settings.checkDigits === 'checked' && !hasGoodCheckDigits(innbyggerFnr))
      ? unknownCitizen(settings)
      : undefined;

  const result = (returKode: string, instansEndret: string, fault: string | undefined): Response =>
    jsonResponse(200, {
      [fault === 'result-key-lower' ? 'returkode' : settings.resultKey]: returKode,
      instansEndret,
    });

  const sett: Service = async ({ body, fault }) => {
    const parsed = parseSett(body, settings);
    if (!parsed.ok) return refused(parsed.failure);
    const request = parsed.value;
    const definition = definitionOf(request, request.typePi);
    if (!definition.ok) return refused(definition.failure);
    const now = clock();
    const refusal =
      refuseMetadata(request, definition.value) ??
      refuseTidspunkt(request, settings, now) ??
      refuseCitizen(request);
    if (refusal !== undefined) return refused(refusal);
    if (fault === 'ikke-ok') return result('ikkeOk', 'ikkeEndret', fault);
    const context = { settings, now, bevisHash: await proofHash(request) };
    const changed = await register.change(request.innbyggerFnr, request.definisjonGuid, (current) =>
      nextInstance(current, request, context),
    );
    if (!changed.ok) return refused(BUSY);
    return result('ok', changed.value ? 'endret' : 'ikkeEndret', fault);
  };

  const status: Service = async ({ body, fault }) => {
    const parsed = parseCitizenRequest(body, ['innbyggerFnr', 'definisjonGuid']);
    if (!parsed.ok) return refused(parsed.failure);
    const definition = definitionOf(parsed.value);
    if (!definition.ok) return refused(definition.failure);
    const refusal = refuseCitizen(parsed.value);
    if (refusal !== undefined) return refused(refusal);
    const { innbyggerFnr } = parsed.value;
    const instance = await register.find(innbyggerFnr, definition.value.guid.toLowerCase());
    if (instance === undefined) return jsonResponse(200, statusOf(false, fault));
    return jsonResponse(200, { ...statusOf(instance.aktiv, fault), ...changesOf(instance) });
  };

  const forPart: Service = async ({ caller, body, fault }) => {
    const parsed = parseCitizenRequest(body, ['innbyggerFnr', 'partKode']);
    if (!parsed.ok) return refused(parsed.failure);
    const { innbyggerFnr, partKode } = parsed.value;
    const ofPart = catalogue.filter((definition) => definition.partKode === partKode);
    if (ofPart.length === 0) return refused(unknownDefinition(settings));
    const refusal = refuseCitizen(parsed.value);
    if (refusal !== undefined) return refused(refusal);
    const readable = ofPart.filter(({ guid }) => mayRead(caller, guid));
    const active = await register.activeOf(
      innbyggerFnr,
      readable.map(({ guid }) => guid.toLowerCase()),
    );
    const items = readable.flatMap((definition) => {
      const instance = active.get(definition.guid.toLowerCase());
      if (instance === undefined) return [];
      return {
        ...descriptionOf(definition),
        ...statusOf(true, fault),
        ...changesOf(instance),
        ...(settings.namesInPartAnswer === 'yes' ? namesOf(instance) : {}),
      };
    });
    return jsonResponse(200, items);
  };

  const activeForDefinition: Service = async ({ body, fault }) => {
    const parsed = parseCitizenRequest(body, ['definisjonGuid']);
    if (!parsed.ok) return refused(parsed.failure);
    const reference = body['pagingReference'] ?? '0';
    if (typeof reference !== 'string' || !/^\d{1,15}$/.test(reference))
      return refused(badRequest('pagingReference must be a number.'));
    const found = definitionOf(parsed.value);
    if (!found.ok) return refused(found.failure);
    const definition = found.value;
    const after = Number(reference);
    const page = await register.activeFor(definition.guid.toLowerCase(), after, settings.pageSize);
    const loops = fault === 'page-loops' || after === LOOPING_REFERENCE;
    const { omfangElementer } = definition;
    return jsonResponse(200, {
      ...descriptionOf(definition),
      ...(omfangElementer === undefined ? {} : { [FIXED_METADATA[definition.typePi]]: { omfangElementer } }),
      pagingReference: loops ? LOOPING_REFERENCE : page.next,
      personvernInnstillinger: page.entries.map(({ innbyggerFnr, instance }) => ({
        innbyggerFnr,
        ...changesOf(instance),
      })),
    });
  };

  return {
    sett,
    'sett-v1': (call) => sett({ ...call, body: fromV1(call.body) }),
    status,
    'for-part': forPart,
    'active-for-definition': activeForDefinition,
  };
};
