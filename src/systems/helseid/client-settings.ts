import { type CryptoKey, importJWK, importPKCS8, type JWK } from 'jose';
import { fail, ok, type Result } from '../../result.ts';

/** How this server is registered with HelseID, as the configuration says it. */
export interface HelseIdSettings {
  /** Without a trailing slash, e.g. `https://helseid-sts.test.nhn.no`; also the assertion's audience. */
  readonly issuer: string;
  /** Taken from the issuer's discovery document when absent. */
  readonly tokenEndpoint?: string;
  readonly clientId: string;
  /** A private key as JWK (JSON text) or PKCS #8 (PEM). Never logged. */
  readonly privateKey: string;
  /** JWS algorithm of the client assertion; otherwise the JWK's own, or one that fits the key. */
  readonly alg?: string;
  /** Key id; otherwise the JWK's own. */
  readonly kid?: string;
  readonly tenancy: 'none' | 'single-tenant' | 'multi-tenant';
  /** Organisation numbers, nine digits. */
  readonly parentOrg?: string;
  readonly childOrg?: string;
  /** `dpop`: tokens are bound to a key, every call carries a proof. `bearer`: neither. */
  readonly authMode?: 'dpop' | 'bearer';
  /** Seconds that an assertion lives; HelseID allows 60. NHN's own library uses 10. */
  readonly assertionLifetime?: number;
  /** `typ` of the assertion. Which values HelseID accepts is not documented: a setting. */
  readonly assertionType?: string;
  /** NHN's library writes the first since 1.0, older samples the second. */
  readonly organizationClaim?: 'assertion_details' | 'authorization_details';
  /** Identifier system of a single tenant's organisation; an older sample has `…4.1.2.101`. */
  readonly singleTenantSystem?: string;
}

/** The key that signs client assertions, imported once. */
export interface SigningKey {
  readonly key: CryptoKey;
  readonly alg: string;
  readonly kid?: string;
}

const CURVES: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };

/** FAPI 2.0, which HelseID's security profile follows, takes PS256 rather than RS256. */
const RSA_ALGORITHM = 'PS256';
const PEM_ALGORITHMS = [RSA_ALGORITHM, 'ES256', 'ES384', 'ES512'] as const;
const ALGORITHM = /^(RS|PS|ES)(256|384|512)$/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseJwk = (text: string): JWK | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && typeof value['kty'] === 'string' && typeof value['d'] === 'string'
      ? (value as JWK)
      : undefined;
  } catch {
    return undefined;
  }
};

const unreadable = 'HELSEID_PRIVATE_KEY must be a private RSA or EC key, as JWK or as PKCS #8 in PEM.';

const importFromJwk = async (jwk: JWK, settings: HelseIdSettings): Promise<Result<SigningKey, string>> => {
  const alg = settings.alg ?? jwk.alg ?? (jwk.kty === 'EC' ? CURVES[jwk.crv ?? ''] : RSA_ALGORITHM);
  if (alg === undefined || !ALGORITHM.test(alg)) return fail(unreadable);
  const kid = settings.kid ?? jwk.kid;
  try {
    const key = await importJWK(jwk, alg);
    if (key instanceof Uint8Array) return fail(unreadable);
    return ok({ key, alg, ...(kid === undefined ? {} : { kid }) });
  } catch {
    return fail(unreadable);
  }
};

const importFromPem = async (settings: HelseIdSettings): Promise<Result<SigningKey, string>> => {
  const { kid } = settings;
  // A PEM does not name its algorithm: the first that the key can be imported for is used.
  for (const alg of settings.alg === undefined ? PEM_ALGORITHMS : [settings.alg]) {
    try {
      const key = await importPKCS8(settings.privateKey, alg);
      return ok({ key, alg, ...(kid === undefined ? {} : { kid }) });
    } catch {
      // Another kind of key: try the next algorithm.
    }
  }
  return fail(unreadable);
};

/** The signing key. Failure: one sentence that names the setting and holds nothing of the key. */
export const readSigningKey = async (settings: HelseIdSettings): Promise<Result<SigningKey, string>> => {
  if (settings.privateKey.trimStart().startsWith('-----BEGIN')) return importFromPem(settings);
  const jwk = parseJwk(settings.privateKey);
  return jwk === undefined ? fail(unreadable) : importFromJwk(jwk, settings);
};

const ORGANIZATION_NUMBER = /^\d{9}$/;

const organizationFault = ({ tenancy, parentOrg, childOrg }: HelseIdSettings): string | undefined => {
  if (tenancy === 'multi-tenant' && parentOrg === undefined) {
    return 'HELSEID_ORGANIZATION_PARENT is missing: HELSEID_TENANCY=multi-tenant must name the organisation that the server acts for.';
  }
  if (parentOrg !== undefined && !ORGANIZATION_NUMBER.test(parentOrg)) {
    return 'HELSEID_ORGANIZATION_PARENT must be an organisation number of nine digits.';
  }
  if (childOrg !== undefined && !ORGANIZATION_NUMBER.test(childOrg)) {
    return 'HELSEID_ORGANIZATION_CHILD must be an organisation number of nine digits.';
  }
  return undefined;
};

/** For the start of the server: everything that could only go wrong at the first call otherwise. */
export const checkHelseIdSettings = async (settings: HelseIdSettings): Promise<Result<undefined, string>> => {
  const issuer = URL.parse(settings.issuer);
  if (issuer === null || !/^https?:$/.test(issuer.protocol) || issuer.search !== '' || issuer.hash !== '') {
    return fail('HELSEID_ISSUER must be an absolute http or https URL without a query.');
  }
  const lifetime = settings.assertionLifetime ?? ASSERTION_LIFETIME;
  if (!(lifetime > 0 && lifetime <= 60)) return fail('A client assertion lives at most 60 seconds.');
  const organization = organizationFault(settings);
  if (organization !== undefined) return fail(organization);
  const key = await readSigningKey(settings);
  return key.ok ? ok(undefined) : key;
};

/** Seconds; what NHN's own library uses. */
export const ASSERTION_LIFETIME = 10;
