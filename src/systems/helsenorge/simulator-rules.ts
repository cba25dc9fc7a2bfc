import { base64url } from 'jose';
import { badRequest, type PvkError } from './simulator-answers.ts';
import type { Instance, NamedPerson } from './simulator-register.ts';
import type { SettRequest } from './simulator-requests.ts';
import type { PvkDefinition, PvkSimulatorSettings } from './simulator-settings.ts';

type MetadataRule = readonly [
  message: string,
  broken: (request: SettRequest, definition: PvkDefinition) => boolean,
];

const METADATA_RULES: readonly MetadataRule[] = [
  [
    'Only a tilgangsbegrensning names health personnel.',
    ({ typePi, navngittHelseperson }) =>
      typePi !== 'tilgangsbegrensning' && navngittHelseperson !== undefined,
  ],
  [
    'A withdrawal carries no metadata.',
    ({ aktiv, navngittHelseperson, perioder }) =>
      !aktiv && (navngittHelseperson !== undefined || perioder !== undefined),
  ],
  [
    'The definition requires named health personnel.',
    ({ aktiv, navngittHelseperson }, { metadata }) =>
      aktiv && metadata === 'required' && (navngittHelseperson ?? []).length === 0,
  ],
  [
    'The definition allows no named health personnel.',
    ({ navngittHelseperson }, { metadata }) => metadata === 'forbidden' && navngittHelseperson !== undefined,
  ],
  [
    'The definition allows fewer time limits.',
    ({ perioder }, { periods }) =>
      perioder !== undefined && (periods === 'none' || (periods === 'one' && perioder.count > 1)),
  ],
  [
    'The definition allows no signed proof.',
    ({ bevis }, { proof }) => bevis !== undefined && proof === 'forbidden',
  ],
];

/** What the definition demands of a body's metadata; undefined when all is as it should be. */
export const refuseMetadata = (request: SettRequest, definition: PvkDefinition): PvkError | undefined => {
  const rule = METADATA_RULES.find(([, broken]) => broken(request, definition));
  return rule === undefined ? undefined : badRequest(rule[0]);
};

export const refuseTidspunkt = (
  { tidspunkt }: SettRequest,
  settings: PvkSimulatorSettings,
  now: number,
): PvkError | undefined =>
  settings.tidspunkt === 'refuse-future' && tidspunkt !== undefined && tidspunkt > now
    ? badRequest('tidspunkt is in the future.')
    : undefined;

const numbers = (persons: readonly NamedPerson[]): readonly string[] => persons.map(({ nummer }) => nummer);

type Equality = PvkSimulatorSettings['listEquality'];

const SAME_LIST: Readonly<Record<Equality, (a: readonly string[], b: readonly string[]) => boolean>> = {
  set: (a, b) => new Set(a).symmetricDifference(new Set(b)).size === 0,
  ordered: (a, b) => a.length === b.length && a.every((nummer, index) => nummer === b[index]),
  // A setting without names has no list that could count as changed.
  'always-changed': (a, b) => a.length === 0 && b.length === 0,
};

const isSame = (current: Instance, request: SettRequest, equality: Equality): boolean => {
  if (current.aktiv !== request.aktiv) return false;
  if (!request.aktiv) return true;
  const before = numbers(current.navngittHelseperson);
  const after = numbers(request.navngittHelseperson ?? []);
  return current.perioder === request.perioder?.text && SAME_LIST[equality](before, after);
};

const isIgnored = (current: Instance, { tidspunkt }: SettRequest, settings: PvkSimulatorSettings) =>
  settings.tidspunkt === 'ignore-older' &&
  tidspunkt !== undefined &&
  tidspunkt < (current.tidspunkt ?? current.sistEndret);

/** Fingerprint of a signed proof; the register keeps no more of it. */
export const proofHash = async ({ bevis }: SettRequest): Promise<string | undefined> => {
  if (bevis === undefined) return undefined;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(bevis));
  return base64url.encode(new Uint8Array(digest));
};

/**
 * What a Sett makes of an instance: the whole new value, earlier names overwritten; undefined when it already
 * was so, or when a setting is taken back that never was made.
 */
export const nextInstance = (
  current: Instance | undefined,
  request: SettRequest,
  context: {
    readonly settings: PvkSimulatorSettings;
    readonly now: number;
    readonly bevisHash: string | undefined;
  },
): Instance | undefined => {
  const { settings, now, bevisHash } = context;
  if (current === undefined && !request.aktiv) return undefined;
  if (current !== undefined && isIgnored(current, request, settings)) return undefined;
  if (current !== undefined && isSame(current, request, settings.listEquality)) return undefined;
  const { aktiv, perioder, tidspunkt, navngittHelseperson = [] } = request;
  return {
    aktiv,
    sekvensnummer: (current?.sekvensnummer ?? 0) + 1,
    opprettet: current?.opprettet ?? now,
    sistEndret: now,
    navngittHelseperson,
    ...(perioder === undefined ? {} : { perioder: perioder.text }),
    ...(tidspunkt === undefined ? {} : { tidspunkt }),
    ...(bevisHash === undefined ? {} : { bevisHash }),
  };
};

const K1 = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const K2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

const remainder = (fnr: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * Number(fnr[index]), 0) % 11;

/** Both check digits; the first may leave 0 to 3 by the rule that holds from 2032, which covers today's 0. */
export const hasGoodCheckDigits = (fnr: string): boolean =>
  remainder(fnr, K1) <= 3 && remainder(fnr, K2) === 0;
