import {
  errorResponse,
  NO_ACCESS,
  type PvkError,
  serverError,
  unauthorized,
  unknownCitizen,
  unknownDefinition,
} from './simulator-answers.ts';
import type { RouteName } from './simulator-routes.ts';
import type { PvkSimulatorSettings } from './simulator-settings.ts';

type Settings = PvkSimulatorSettings;

interface FaultRule {
  /** The services it can happen to; absent: any. */
  readonly routes?: readonly RouteName[];
  /** Answers the call before anything of it is looked at. Absent: the service shapes its answer by the kind. */
  readonly answer?: (settings: Settings) => Response;
}

const answering = (error: (settings: Settings) => PvkError): FaultRule => ({
  answer: (settings) => errorResponse(error(settings), settings),
});

const expired = (status: 401 | 403, code?: Settings['securityCode']) =>
  answering((settings) => ({
    ...unauthorized(
      code === undefined ? settings : { ...settings, securityCode: code },
      'DPoP error="invalid_token"',
    ),
    status,
  }));

const SETT: readonly RouteName[] = ['sett', 'sett-v1'];
const LIST: readonly RouteName[] = ['active-for-definition'];
const CITIZEN: readonly RouteName[] = [...SETT, 'status', 'for-part'];

/** PVK's own ways to misbehave, by the kinds that `POST /sandbox/faults` names. */
export const PVK_FAULTS: Readonly<Record<string, FaultRule>> = {
  'ikke-ok': { routes: SETT },
  'epvk-101500': answering(unknownDefinition),
  'epvk-101518': { ...answering(unknownCitizen), routes: CITIZEN },
  'sec-110000': expired(401, 'SEC-110000'),
  'ehsec-110002': expired(401, 'EHSEC-110002'),
  'unauthorized-empty': {
    answer: () => new Response(null, { status: 401, headers: { 'content-type': 'application/json' } }),
  },
  'token-expired-401': expired(401),
  'token-expired-403': expired(403),
  /** RFC 9449 section 9: the service itself asks for a nonce. It does not check the one it then gets. */
  'use-dpop-nonce': {
    answer: (settings) =>
      errorResponse(
        {
          ...unauthorized(settings, 'DPoP error="use_dpop_nonce"'),
          headers: {
            'www-authenticate': 'DPoP error="use_dpop_nonce"',
            'dpop-nonce': crypto.randomUUID(),
          },
        },
        settings,
      ),
  },
  'no-grant': answering(() => NO_ACCESS),
  'http-429': { answer: () => new Response(null, { status: 429 }) },
  'result-key-lower': { routes: SETT },
  'page-fails': { ...answering(() => serverError(500)), routes: LIST },
  'page-loops': { routes: LIST },
  /** A read answers a status code that nobody knows, in place of `aktiv`. */
  'unknown-status-code': { routes: ['status', 'for-part'] },
};

/** Helsenorge's own fault kinds, besides the common ones. */
export const PVK_FAULT_KINDS: readonly string[] = Object.keys(PVK_FAULTS);

const ruleOf = (kind: string): FaultRule | undefined =>
  Object.hasOwn(PVK_FAULTS, kind) ? PVK_FAULTS[kind] : undefined;

/** Whether a fault of this kind can happen to a call of this service. */
export const faultConcerns = (kind: string, route: RouteName | undefined): boolean => {
  const routes = ruleOf(kind)?.routes;
  return routes === undefined || (route !== undefined && routes.includes(route));
};

/** The whole answer of a call with this fault; undefined when the service goes on and shapes its own. */
export const faultAnswer = (kind: string | undefined, settings: Settings): Response | undefined =>
  kind === undefined ? undefined : ruleOf(kind)?.answer?.(settings);
