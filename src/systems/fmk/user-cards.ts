import { fail, ok, type Result } from '../../result.ts';
import type { CardSource } from '../dgws/client.ts';
import { createStsClient, type StsClient, type StsClientOptions } from '../dgws/client-sts.ts';
import type { CardUser } from '../dgws/message-card.ts';
import { openSigner, type StsSettings } from '../dgws/settings.ts';
import { normalisePersonNumber } from '../identifiers.ts';

/** A person whose ID card this server may ask the STS for: FMK_USER_CARDS. */
export interface UserCredential {
  readonly user: CardUser & { readonly cpr: string };
  /** PEM or base64, as STS_CERTIFICATE and STS_KEY. */
  readonly certificate: string;
  readonly key: string;
  /** CVR and name of the organisation that the certificate was issued in; absent: those of the STS settings. */
  readonly cvr?: string;
  readonly careProviderName?: string;
}

const NAME = 'FMK_USER_CARDS';

export const USER_CARD_SETTING_NAMES: readonly string[] = [NAME];

const EXPECTED = `${NAME} must be JSON: {"<CPR>":{"givenName":"…","surName":"…","role":"…","certificate":"…","key":"…"}}`;

const CPR = 'urn:oid:1.2.208.176.1.2';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const REQUIRED = ['givenName', 'surName', 'role', 'certificate', 'key'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...REQUIRED,
  'emailAddress',
  'occupation',
  'authorizationCode',
  'cvr',
  'careProviderName',
]);

const textIn = (entry: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = entry[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
};

const credentialOf = (number: string, entry: unknown): UserCredential | undefined => {
  const cpr = normalisePersonNumber(CPR, number);
  if (!cpr.ok || !isObject(entry)) return undefined;
  if (!Object.keys(entry).every((name) => KNOWN.has(name))) return undefined;
  const [givenName, surName, role, certificate, key] = REQUIRED.map((name) => textIn(entry, name));
  if (givenName === undefined || surName === undefined || role === undefined) return undefined;
  if (certificate === undefined || key === undefined) return undefined;
  const optional = (
    name: 'emailAddress' | 'occupation' | 'authorizationCode' | 'cvr' | 'careProviderName',
  ) => {
    const value = textIn(entry, name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    user: {
      cpr: cpr.value.value,
      givenName,
      surName,
      role,
      ...optional('emailAddress'),
      ...optional('occupation'),
      ...optional('authorizationCode'),
    },
    certificate: certificate.replaceAll('\\n', '\n'),
    key: key.replaceAll('\\n', '\n'),
    ...optional('cvr'),
    ...optional('careProviderName'),
  };
};

/** The persons of FMK_USER_CARDS; none when it is not set. The failure holds no number and no key. */
export const parseUserCards = (
  environment: Readonly<Record<string, string | undefined>>,
): Result<readonly UserCredential[], string> => {
  const text = environment[NAME];
  if (text === undefined || text.trim() === '') return ok([]);
  const json = parseJson(text);
  if (!isObject(json)) return fail(`${EXPECTED}.`);
  const read = Object.entries(json).map(([number, entry]) => credentialOf(number, entry));
  const known = read.filter((one) => one !== undefined);
  const index = read.indexOf(undefined);
  return index === -1 ? ok(known) : fail(`${EXPECTED}; entry ${index + 1} is not so.`);
};

/** Whether each key and certificate work on this runtime and belong together; the failure holds no secret. */
export const checkUserCards = async (
  credentials: readonly UserCredential[],
  { algorithm }: Pick<StsSettings, 'algorithm'>,
): Promise<Result<undefined, string>> => {
  for (const [index, { certificate, key }] of credentials.entries()) {
    const signer = await openSigner({ certificate, key, algorithm });
    if (signer.ok) continue;
    return fail(
      `${NAME}: entry ${index + 1} needs a certificate of an RSA key of at least 2048 bits and that key, PKCS#8, each as PEM or base64.`,
    );
  }
  return ok(undefined);
};

/** The cards of configured persons, by CPR; `reset` forgets what was fetched. */
export interface UserCards {
  readonly sources: ReadonlyMap<string, CardSource>;
  reset(): void;
}

/** Each configured person's card comes from the STS, for their own certificate, and is kept while it lasts. */
export const createUserCards = (
  credentials: readonly UserCredential[],
  options: Omit<StsClientOptions, 'user' | 'singleFlight'>,
): UserCards => {
  const { settings } = options;
  const clients = credentials.map(({ user, certificate, key, cvr, careProviderName }) => {
    const own = {
      ...settings,
      certificate,
      key,
      ...(cvr === undefined ? {} : { cvr }),
      ...(careProviderName === undefined ? {} : { careProviderName }),
    };
    return [user.cpr, createStsClient({ ...options, settings: own, user })] as const;
  });
  return {
    sources: new Map<string, StsClient>(clients),
    reset: () => {
      for (const [, client] of clients) client.reset();
    },
  };
};
