import type { JSONWebKeySet } from 'jose';
import type { Clock, Fetch } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type CommonFaultOptions, withCommonFaults } from '../simulation/common-faults.ts';
import type { Faults } from '../simulation/faults.ts';
import { type JsonObject, parseObject } from '../simulation/json.ts';
import type { SimulatorState } from '../simulation/state.ts';
import { createAccess, type PvkCaller } from './simulator-access.ts';
import {
  badRequest,
  errorResponse,
  GONE,
  methodNotAllowed,
  NO_ACCESS,
  NOT_FOUND,
  type PvkError,
  serverError,
} from './simulator-answers.ts';
import { faultAnswer, faultConcerns } from './simulator-faults.ts';
import { createPvkRegister } from './simulator-register.ts';
import { type Route, routeOf } from './simulator-routes.ts';
import { createServices } from './simulator-services.ts';
import type { Grant, PvkDefinition, PvkSimulatorSettings } from './simulator-settings.ts';

export interface PvkSimulatorOptions {
  readonly state: SimulatorState;
  readonly clock: Clock;
  readonly settings: PvkSimulatorSettings;
  readonly catalogue: readonly PvkDefinition[];
  /** Who may do what to which definition; empty: nobody anything. */
  readonly grants: readonly Grant[];
  /** Public keys of the issuer of the access tokens; asked again for a key id not seen before. */
  readonly jwks: () => Promise<JSONWebKeySet>;
  readonly faults: Faults;
  /** How the common faults `slow` and `timeout` spend their time. */
  readonly faultTiming?: Pick<CommonFaultOptions, 'slowMs' | 'hangMs' | 'sleep'>;
}

const unsupported = (route: Route | undefined, method: string, settings: PvkSimulatorSettings) => {
  if (route === undefined) return NOT_FOUND;
  if (route.name === 'sett-v1' && settings.settV1 !== 'works')
    return settings.settV1 === 410 ? GONE : NOT_FOUND;
  return route.method === method ? undefined : methodNotAllowed(route.method);
};

/** A query is read like a body: the numbers in it stay texts. */
const parametersOf = (url: string): JsonObject => Object.fromEntries(new URL(url).searchParams);

/**
 * Helsenorge's privacy component (PVK): Sett, Sjekk, HentInnbyggersPiForPart and
 * HentInnbyggereAktivePiForDefinisjon, with the checks in its order. Rejects only as `fetch` does.
 */
export const createPvkSimulator = (options: PvkSimulatorOptions): Fetch => {
  const { settings, clock, catalogue } = options;
  const access = createAccess(options);
  const services = createServices({
    settings,
    clock,
    catalogue,
    register: createPvkRegister(options.state),
    mayRead: (caller, guid) => access.mayUse(caller, guid, 'read'),
  });

  /** No right to any of the definitions that the call names; a definition nobody has is not refused here. */
  const refuseGrant = (caller: PvkCaller, route: Route, body: JsonObject): PvkError | undefined => {
    const { definisjonGuid, partKode } = body;
    const guid = typeof definisjonGuid === 'string' ? definisjonGuid.toLowerCase() : undefined;
    const named = catalogue.filter((definition) =>
      route.name === 'for-part' ? definition.partKode === partKode : definition.guid.toLowerCase() === guid,
    );
    if (named.length === 0 || named.some(({ guid: one }) => access.mayUse(caller, one, route.right)))
      return undefined;
    return NO_ACCESS;
  };

  const authorize = async (
    request: Request,
    route: Route,
  ): Promise<Result<{ readonly caller: PvkCaller; readonly body: JsonObject }, PvkError>> => {
    const caller = await access.authenticate(request);
    if (!caller.ok) return caller;
    const refused = access.refuseService(caller.value, route);
    if (refused !== undefined) return fail(refused);
    const body = route.method === 'GET' ? parametersOf(request.url) : parseObject(await request.text());
    const noGrant = refuseGrant(caller.value, route, body ?? {});
    if (noGrant !== undefined) return fail(noGrant);
    return body === undefined
      ? fail(badRequest('The body is not a JSON object.'))
      : ok({ caller: caller.value, body });
  };

  const answer = async (request: Request, fault: string | undefined): Promise<Response> => {
    const route = routeOf(request.url, settings);
    const refused = unsupported(route, request.method, settings);
    if (route === undefined || refused !== undefined) return errorResponse(refused ?? NOT_FOUND, settings);
    const forced = faultAnswer(fault, settings);
    if (forced !== undefined) return forced;
    const call = await authorize(request, route);
    if (!call.ok) {
      // The fault could not show in this call: it waits for the next one.
      if (fault !== undefined) await options.faults.add('helsenorge', fault);
      return errorResponse(call.failure, settings);
    }
    return services[route.name]({ ...call.value, fault });
  };

  const misbehaving = withCommonFaults(answer, {
    ...options.faultTiming,
    system: 'helsenorge',
    faults: options.faults,
    concerns: (kind, request) => faultConcerns(kind, routeOf(request.url, settings)?.name),
    serverError: (status) => errorResponse(serverError(status), settings),
  });

  return async (request) => {
    const response = await misbehaving(request);
    response.headers.set('CorrelationId', crypto.randomUUID());
    response.headers.set('Date', new Date(clock()).toUTCString());
    return response;
  };
};
