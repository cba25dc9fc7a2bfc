import type { Preview } from '../system.ts';
import type { UpstreamRequest } from '../upstream/exchange.ts';
import { type SettRequest, serializeSett } from './message.ts';

const SERVICE = '/personvern/Personverninnstillinger';

/** PVK's services, version 2: verb, path and what the token must allow. */
const OPERATIONS = {
  sett: { method: 'POST', path: `${SERVICE}/SettInnbyggersPersonvernInnstilling/v2`, access: 'write' },
  sjekk: { method: 'POST', path: `${SERVICE}/SjekkInnbyggersPiStatus/v2`, access: 'read' },
  hentForPart: { method: 'POST', path: `${SERVICE}/HentInnbyggersPiForPart/v2`, access: 'read' },
  hentAktive: { method: 'GET', path: `${SERVICE}/HentInnbyggereAktivePiForDefinisjon/v2`, access: 'read' },
} as const;

/** A call before it is authorised. */
export interface PvkCall {
  readonly operation: keyof typeof OPERATIONS;
  /** JSON text, sent by POST. */
  readonly body?: string;
  /** Sent in the URL by GET, without `?`; never holds a citizen's number. */
  readonly query?: string;
}

export const accessOf = ({ operation }: PvkCall): 'read' | 'write' => OPERATIONS[operation].access;

/** Verb and URL of a call: what a proof is made for. */
export const targetOf = (baseUrl: string, { operation, query }: PvkCall) => {
  const { method, path } = OPERATIONS[operation];
  return { method, url: `${baseUrl.replace(/\/+$/, '')}${path}${query === undefined ? '' : `?${query}`}` };
};

/** Only the headers that the documentation shows, in its order. */
export const buildRequest = (
  baseUrl: string,
  call: PvkCall,
  authorization: Readonly<Record<string, string>>,
): UpstreamRequest => ({
  ...targetOf(baseUrl, call),
  headers: {
    ...authorization,
    ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    Accept: 'application/json',
  },
  ...(call.body === undefined ? {} : { body: call.body }),
});

const PLACEHOLDERS = {
  DPoP: { Authorization: 'DPoP <access token>', DPoP: '<DPoP proof>' },
  Bearer: { Authorization: 'Bearer <access token>' },
} as const;

/** A Sett as it would go out, with placeholders for the token and the proof. */
export const previewSett = (baseUrl: string, scheme: 'DPoP' | 'Bearer', request: SettRequest): Preview => {
  const call: PvkCall = { operation: 'sett', body: serializeSett(request) };
  const { method, url, headers, body = '' } = buildRequest(baseUrl, call, PLACEHOLDERS[scheme]);
  return { method, url, headers, body };
};
