import type { JsonValue } from '../system.ts';

/**
 * What goes over the wire to Helsenorge PVK (Personvernkomponenten), V2, in its own words: the requests and
 * their serialisation. Answers are read by `message-answers.ts`. The types are aliases, not interfaces, because
 * only aliases are JSON to the compiler, and a planned request is kept in the journal as JSON.
 */

/** The kinds of personverninnstilling. */
const TYPE_PI = ['samtykke', 'reservasjon', 'tilgangsbegrensning'] as const;
export type TypePi = (typeof TYPE_PI)[number];

export const isTypePi = (value: unknown): value is TypePi => TYPE_PI.some((type) => type === value);

/** One named health person of a tilgangsbegrensning. PVK documents both members as strings. */
export type NavngittHelseperson = {
  /** HPR number, one to nine digits, as text. */
  readonly nummer: string;
  readonly navn?: string;
};

/** The citizen's own choices of a tilgangsbegrensning. The capital T is PVK's. */
export type TbInnbyggerMetadata = {
  readonly detaljertAngivelse: {
    readonly navngittHelseperson: readonly NavngittHelseperson[];
  };
};

/**
 * Body of `SettInnbyggersPersonvernInnstilling/v2`. Besides the named members it may hold one metadata object
 * with the citizen's time limits, whose name is not published and comes from configuration.
 */
export type SettRequest = {
  /** Fødselsnummer or D-number, 11 digits. */
  readonly innbyggerFnr: string;
  /** Compared without regard to letter case by PVK; sent in lower case. */
  readonly definisjonGuid: string;
  readonly definisjonNavn: string;
  readonly partKode: string;
  readonly typePi: TypePi;
  readonly aktiv: boolean;
  /** When the value was set, if registered later: `2023-12-07T08:05:39Z`. */
  readonly tidspunkt?: string;
  readonly TbInnbyggerMetadata?: TbInnbyggerMetadata;
  /** Media type of the signed proof on paper. */
  readonly signertBevisMimeType?: string;
  /** The signed proof, base64. */
  readonly signertBevisInnhold?: string;
} & { readonly [timeLimits: string]: JsonValue | undefined };

/** Body of `SjekkInnbyggersPiStatus/v2`. */
export type SjekkRequest = {
  readonly innbyggerFnr: string;
  readonly definisjonGuid: string;
  readonly definisjonNavn: string;
  readonly partKode: string;
};

/** Body of `HentInnbyggersPiForPart/v2`. */
export type HentForPartRequest = {
  readonly innbyggerFnr: string;
  readonly partKode: string;
};

/** Query of `HentInnbyggereAktivePiForDefinisjon/v2`; the first page has reference 0. */
export type HentAktiveRequest = {
  readonly definisjonGuid: string;
  readonly partKode: string;
  readonly pagingReference: number;
};

const BEFORE_METADATA = [
  'innbyggerFnr',
  'definisjonGuid',
  'definisjonNavn',
  'partKode',
  'typePi',
  'aktiv',
  'tidspunkt',
] as const;
const AFTER_METADATA = ['signertBevisMimeType', 'signertBevisInnhold'] as const;

/** The members of Sett that PVK documents by name; any other one holds time limits. */
export const SETT_MEMBERS: ReadonlySet<string> = new Set([
  ...BEFORE_METADATA,
  'TbInnbyggerMetadata',
  ...AFTER_METADATA,
]);

/** The JSON text of a Sett request, its members in the order of PVK's documentation. */
export const serializeSett = (request: SettRequest): string => {
  const ordered: Record<string, JsonValue | undefined> = {};
  for (const member of BEFORE_METADATA) ordered[member] = request[member];
  for (const [member, value] of Object.entries(request)) {
    if (member === 'TbInnbyggerMetadata' || !SETT_MEMBERS.has(member)) ordered[member] = value;
  }
  for (const member of AFTER_METADATA) ordered[member] = request[member];
  return JSON.stringify(ordered);
};

/** The JSON text of a Sjekk request. */
export const serializeSjekk = (request: SjekkRequest): string => {
  const { innbyggerFnr, definisjonGuid, definisjonNavn, partKode } = request;
  return JSON.stringify({ innbyggerFnr, definisjonGuid, definisjonNavn, partKode });
};

/** The JSON text of a HentInnbyggersPiForPart request. */
export const serializeHentForPart = ({ innbyggerFnr, partKode }: HentForPartRequest): string =>
  JSON.stringify({ innbyggerFnr, partKode });

/** The query string of HentInnbyggereAktivePiForDefinisjon, without `?`. */
export const hentAktiveQuery = (request: HentAktiveRequest): string =>
  new URLSearchParams({
    definisjonGuid: request.definisjonGuid,
    partKode: request.partKode,
    pagingReference: String(request.pagingReference),
  }).toString();
