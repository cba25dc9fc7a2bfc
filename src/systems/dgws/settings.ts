import type { CryptoKey } from 'jose';
import { fail, ok, type Result } from '../../result.ts';
import { hashOf, isUsable, keyFor, MINIMUM_RSA_BITS } from '../../xml/algorithms.ts';
import { decodeBase64 } from '../../xml/base64.ts';
import { type Certificate, parseCertificateText } from '../../xml/certificate.ts';
import { type CardSigner, DGWS_ALGORITHMS, type DgwsAlgorithm } from './card-signature.ts';

/** The STS and the certificate that this server shows it. What is not documented has a default and can be set. */
export interface StsSettings {
  readonly url: string;
  /** Any value does, so far as is known. */
  readonly soapAction: string;
  /** The holder's private key, PKCS#8: PEM or the base64 of its DER. */
  readonly key: string;
  /** The holder's certificate (VOCES, FOCES): PEM or base64. */
  readonly certificate: string;
  /** Certificates that issued cards must be signed with, PEM one after the other. */
  readonly trusted: string;
  /** What our own card is signed with. */
  readonly algorithm: DgwsAlgorithm;
  /** What an issued card may be signed with. The STS has been seen with RSA-SHA1 to this day. */
  readonly accepted: readonly DgwsAlgorithm[];
  /** `medcom:ITSystemName`, and Issuer of the self-signed card. */
  readonly systemName: string;
  /** CVR of the organisation that the certificate belongs to. */
  readonly cvr: string;
  readonly careProviderName: string;
  /** Milliseconds before NotOnOrAfter from which a card is no longer used. */
  readonly margin: number;
  /** Milliseconds that the STS's clock may be ahead of ours. */
  readonly skew: number;
}

export const STS_DEFAULTS = {
  soapAction: 'Issue',
  algorithm: 'rsa-sha256',
  accepted: DGWS_ALGORITHMS,
  systemName: 'fhir-facade',
  margin: 10 * 60_000,
  skew: 60_000,
} as const satisfies Partial<StsSettings>;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/;

/** The certificates of a text of PEM blocks, or of one base64; undefined when one of them cannot be read. */
export const certificatesOf = (text: string): readonly Certificate[] | undefined => {
  const blocks = text.match(CERTIFICATE) ?? [text];
  const read = blocks.map(parseCertificateText).filter((one) => one !== undefined);
  return read.length === blocks.length ? read : undefined;
};

const bytesOf = (text: string): Uint8Array<ArrayBuffer> | undefined =>
  decodeBase64(PRIVATE_KEY.exec(text)?.[1] ?? text);

const importKey = async (text: string, algorithm: DgwsAlgorithm): Promise<CryptoKey | undefined> => {
  const bytes = bytesOf(text);
  if (bytes === undefined) return undefined;
  const how = { name: 'RSASSA-PKCS1-v1_5', hash: hashOf(algorithm) };
  try {
    return await crypto.subtle.importKey('pkcs8', bytes, how, false, ['sign']);
  } catch {
    return undefined;
  }
};

/** The holder's key and certificate, taken in. The failure names the setting in a sentence, and no secret. */
export const openSigner = async (
  settings: Pick<StsSettings, 'key' | 'certificate' | 'algorithm'>,
): Promise<Result<CardSigner, string>> => {
  const { algorithm } = settings;
  const [certificate] = certificatesOf(settings.certificate) ?? [];
  if (certificate === undefined) return fail('STS_CERTIFICATE must be one X.509 certificate, PEM or base64.');
  if (certificate.key.type !== 'RSA' || !isUsable(certificate.key)) {
    return fail(`STS_CERTIFICATE must hold an RSA key of at least ${MINIMUM_RSA_BITS} bits.`);
  }
  const key = await importKey(settings.key, algorithm);
  if (key === undefined) return fail('STS_KEY must be an RSA private key, PKCS#8 as PEM or base64.');
  const pair = new TextEncoder().encode('pair');
  const signature = await crypto.subtle.sign(key.algorithm.name, key, pair);
  const how = { name: 'RSASSA-PKCS1-v1_5', hash: hashOf(algorithm) };
  const shown = await crypto.subtle.importKey('spki', certificate.spki, how, false, ['verify']);
  return (await crypto.subtle.verify(how.name, shown, signature, pair))
    ? ok({ key, certificate, algorithm })
    : fail('STS_KEY is not the key of STS_CERTIFICATE.');
};

/**
 * Whether these settings work on this runtime: key and certificate belong together, and every accepted algorithm can
 * be verified with the STS's certificates. To be asked at the start, so that it does not fail call by call.
 */
export const checkSts = async (settings: StsSettings): Promise<Result<undefined, string>> => {
  const signer = await openSigner(settings);
  if (!signer.ok) return signer;
  const trusted = certificatesOf(settings.trusted) ?? [];
  if (trusted.length === 0) return fail('STS_TRUSTED must be the certificates of the STS, PEM or base64.');
  for (const algorithm of settings.accepted) {
    for (const certificate of trusted) {
      if ((await keyFor(certificate, algorithm)) === undefined) {
        return fail(`STS_ACCEPTED_ALGORITHMS: this runtime cannot verify ${algorithm} with STS_TRUSTED.`);
      }
    }
  }
  return ok(undefined);
};

type Texts = Readonly<Record<string, string | undefined>>;

const DURATION = /^PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/;

const milliseconds = (text: string): number | undefined => {
  const parts = DURATION.exec(text);
  if (parts === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
};

const isUrl = (text: string): boolean => /^https?:\/\/[^\s]+$/.test(text);
const pem = (text: string): string => text.replaceAll('\\n', '\n');
const algorithmOf = (text: string): DgwsAlgorithm | undefined =>
  DGWS_ALGORITHMS.find((one) => one === text.trim());

const algorithmsOf = (text: string): readonly DgwsAlgorithm[] | undefined => {
  const read = text.split(',').map(algorithmOf);
  const known = read.filter((one) => one !== undefined);
  return known.length === read.length ? known : undefined;
};

type Reader<T> = (text: string) => T | undefined;

const text: Reader<string> = (value) => (value.trim() === '' ? undefined : value.trim());
const readers = {
  url: [
    'STS_URL',
    'the URL of NewSecurityTokenService',
    (value: string) => (isUrl(value) ? value : undefined),
  ],
  soapAction: ['STS_SOAP_ACTION', 'a text', text],
  key: ['STS_KEY', 'an RSA private key, PKCS#8 as PEM or base64', (value: string) => text(pem(value))],
  certificate: [
    'STS_CERTIFICATE',
    'an X.509 certificate, PEM or base64',
    (value: string) => (certificatesOf(pem(value)) === undefined ? undefined : pem(value)),
  ],
  trusted: [
    'STS_TRUSTED',
    'the certificates of the STS, PEM or base64',
    (value: string) => (certificatesOf(pem(value)) === undefined ? undefined : pem(value)),
  ],
  algorithm: ['STS_ALGORITHM', `one of ${DGWS_ALGORITHMS.join(', ')}`, algorithmOf],
  accepted: ['STS_ACCEPTED_ALGORITHMS', `a list of ${DGWS_ALGORITHMS.join(', ')}`, algorithmsOf],
  systemName: ['STS_SYSTEM_NAME', 'a text', text],
  cvr: ['STS_CVR', 'a CVR of 8 digits', (value: string) => (/^\d{8}$/.test(value) ? value : undefined)],
  careProviderName: ['STS_CARE_PROVIDER_NAME', 'a text', text],
  margin: ['STS_MARGIN', 'a duration such as PT10M', milliseconds],
  skew: ['STS_SKEW', 'a duration such as PT1M', milliseconds],
} as const satisfies { readonly [K in keyof StsSettings]: readonly [string, string, Reader<StsSettings[K]>] };

/** The names of these settings in the environment. */
export const STS_SETTING_NAMES: readonly string[] = Object.values(readers).map(([name]) => name);

/** Reads one setting; what is wrong with it goes to `faults`, in a sentence that names it. */
const reading =
  (environment: Texts, faults: string[]) =>
  <K extends keyof StsSettings>(key: K, fallback?: StsSettings[K]): StsSettings[K] | undefined => {
    const [name, expected, reader] = readers[key];
    const given = environment[name];
    if (given === undefined || given === '') {
      if (fallback === undefined) faults.push(`${name} is missing: ${expected}.`);
      return fallback;
    }
    // The table gives each key the reader of its own type.
    const value = (reader as Reader<StsSettings[K]>)(given);
    if (value === undefined) faults.push(`${name} must be ${expected}.`);
    return value;
  };

/** Those that have a default: they can be set whoever plays the STS. */
type OpenStsSettings = Pick<StsSettings, keyof typeof STS_DEFAULTS>;

const openSettings = (read: ReturnType<typeof reading>): OpenStsSettings => ({
  soapAction: read('soapAction', STS_DEFAULTS.soapAction) ?? '',
  algorithm: read('algorithm', STS_DEFAULTS.algorithm) ?? STS_DEFAULTS.algorithm,
  accepted: read('accepted', STS_DEFAULTS.accepted) ?? STS_DEFAULTS.accepted,
  systemName: read('systemName', STS_DEFAULTS.systemName) ?? '',
  margin: read('margin', STS_DEFAULTS.margin) ?? 0,
  skew: read('skew', STS_DEFAULTS.skew) ?? 0,
});

/** What a sandbox lets be set of its STS. The failure names the settings at fault, in a sentence each. */
export const parseOpenStsSettings = (environment: Texts): Result<OpenStsSettings, string> => {
  const faults: string[] = [];
  const settings = openSettings(reading(environment, faults));
  return faults.length === 0 ? ok(settings) : fail(faults.join(' '));
};

/**
 * The settings from the environment: undefined when none is given; the failure names, in a sentence each, the
 * settings at fault or missing.
 */
export const parseStsSettings = (environment: Texts): Result<StsSettings | undefined, string> => {
  if (STS_SETTING_NAMES.every((name) => (environment[name] ?? '') === '')) return ok(undefined);
  const faults: string[] = [];
  const read = reading(environment, faults);
  const settings = {
    url: read('url') ?? '',
    key: read('key') ?? '',
    certificate: read('certificate') ?? '',
    trusted: read('trusted') ?? '',
    cvr: read('cvr') ?? '',
    careProviderName: read('careProviderName') ?? '',
    ...openSettings(read),
  };
  return faults.length === 0 ? ok(settings) : fail(faults.join(' '));
};
