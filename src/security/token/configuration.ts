import type { JSONWebKeySet } from 'jose';
import { fail, ok, type Result } from '../../result.ts';
import {
  isUsable,
  MINIMUM_RSA_BITS,
  SIGNATURE_ALGORITHMS as XML_ALGORITHMS,
  type SignatureAlgorithm as XmlAlgorithm,
} from '../../xml/algorithms.ts';
import { type Certificate, parseCertificateText } from '../../xml/certificate.ts';
import { CLAIM_MAPPINGS, type ClaimMapping, type MappingName } from '../claims.ts';
import { parseClaimMapping } from './claim-configuration.ts';
import {
  type AcceptedIssuer,
  DEFAULT_TYP,
  type IssuerKeys,
  isSamlIssuer,
  isSandboxIssuer,
  normalizeTyp,
  type SamlIssuer,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  type TokenIssuer,
} from './issuer.ts';
import {
  isObject,
  isSafeUrl,
  type JsonObject,
  memberNames,
  Refusal,
  textMember,
  textsMember,
} from './json-reader.ts';
import { parseSmart, SMART_MEMBERS } from './smart-configuration.ts';

const SETTING = 'TOKEN_ISSUERS';
const MEMBERS = ['issuer', 'audience', 'jwksUrl', 'jwks', 'algorithms', 'typ', 'claims', ...SMART_MEMBERS];
const SAML_MEMBERS = ['issuer', 'audience', 'certificates', 'algorithms', 'claims'];
/** A caller's assertion is never taken with SHA-1. */
const SAML_ALGORITHMS: readonly XmlAlgorithm[] = XML_ALGORITHMS.filter((name) => name !== 'rsa-sha1');
const DEFAULT_ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
/** Members of a JWK that only its owner may have. */
const PRIVATE = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

const parseAlgorithms = (entry: JsonObject, at: string): readonly SignatureAlgorithm[] => {
  const names = textsMember(entry, 'algorithms', at);
  if (names === undefined) return DEFAULT_ALGORITHMS;
  return names.map((name) => {
    const known = SIGNATURE_ALGORITHMS.find((algorithm) => algorithm === name);
    if (known === undefined) {
      throw new Refusal(`${at}.algorithms may hold only ${SIGNATURE_ALGORITHMS.join(', ')}.`);
    }
    return known;
  });
};

const parseKeysUrl = (text: string, at: string): IssuerKeys => {
  if (!isSafeUrl(text)) throw new Refusal(`${at}.jwksUrl must be an https address.`);
  return { url: text };
};

const parseKeySet = (value: unknown, at: string): JSONWebKeySet => {
  const keys: readonly unknown[] = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [];
  if (keys.length === 0) throw new Refusal(`${at}.jwks must be an object with at least one key in keys.`);
  const checked = keys.map((key, index) => {
    if (!isObject(key) || typeof key['kty'] !== 'string') {
      throw new Refusal(`${at}.jwks.keys[${index}] is not a JSON Web Key.`);
    }
    if (key['kty'] === 'oct' || PRIVATE.some((member) => member in key)) {
      throw new Refusal(`${at}.jwks.keys[${index}] holds a secret; only public keys belong there.`);
    }
    return { ...key, kty: key['kty'] };
  });
  return { keys: checked };
};

const parseKeys = (entry: JsonObject, at: string): IssuerKeys => {
  const url = textMember(entry, 'jwksUrl', at);
  const hasSet = entry['jwks'] !== undefined;
  if ((url === undefined) === !hasSet) throw new Refusal(`${at} needs either jwksUrl or jwks.`);
  return url === undefined ? { set: parseKeySet(entry['jwks'], at) } : parseKeysUrl(url, at);
};

const parseClaims = (value: unknown, usual: MappingName, at: string): ClaimMapping => {
  if (value === undefined) return CLAIM_MAPPINGS[usual];
  if (typeof value !== 'string') return parseClaimMapping(value, `${at}.claims`, usual);
  const named = Object.entries(CLAIM_MAPPINGS).find(([name]) => name === value)?.[1];
  if (named !== undefined) return named;
  throw new Refusal(`${at}.claims must be ${Object.keys(CLAIM_MAPPINGS).join(' or ')}, or a mapping.`);
};

const parseCertificates = (entry: JsonObject, at: string): readonly Certificate[] =>
  (textsMember(entry, 'certificates', at) ?? []).map((text, index) => {
    const certificate = parseCertificateText(text);
    if (certificate === undefined) {
      throw new Refusal(`${at}.certificates[${index}] is not one X.509 certificate in PEM.`);
    }
    if (isUsable(certificate.key)) return certificate;
    throw new Refusal(
      `${at}.certificates[${index}] must have an RSA key of at least ${MINIMUM_RSA_BITS} bits, or an EC key.`,
    );
  });

const parseSamlAlgorithms = (entry: JsonObject, at: string): readonly XmlAlgorithm[] =>
  textsMember(entry, 'algorithms', at)?.map((name) => {
    const known = SAML_ALGORITHMS.find((algorithm) => algorithm === name);
    if (known === undefined) {
      throw new Refusal(`${at}.algorithms may hold only ${SAML_ALGORITHMS.join(', ')} for SAML.`);
    }
    return known;
  }) ?? SAML_ALGORITHMS;

type Named = Pick<TokenIssuer, 'issuer' | 'audience'>;

const parseSaml = (named: Named, value: JsonObject, at: string): SamlIssuer => {
  return {
    ...named,
    certificates: parseCertificates(value, at),
    algorithms: parseSamlAlgorithms(value, at),
    claims: parseClaims(value['claims'], 'sambi', at),
  };
};

const parseJwt = (named: Named, value: JsonObject, at: string): TokenIssuer => {
  const smart = parseSmart(value, at);
  return {
    ...named,
    keys: parseKeys(value, at),
    algorithms: parseAlgorithms(value, at),
    typ: (textsMember(value, 'typ', at) ?? DEFAULT_TYP).map(normalizeTyp),
    claims: parseClaims(value['claims'], 'own', at),
    ...(smart === undefined ? {} : { smart }),
  };
};

const parseIssuer = (value: unknown, at: string): AcceptedIssuer => {
  if (!isObject(value)) throw new Refusal(`${at} must be an object.`);
  const isSaml = value['certificates'] !== undefined;
  memberNames(value, isSaml ? SAML_MEMBERS : MEMBERS, at);
  const issuer = textMember(value, 'issuer', at);
  if (issuer === undefined) throw new Refusal(`${at}.issuer is missing.`);
  if (isSandboxIssuer(issuer))
    throw new Refusal(`${at}.issuer is the sandbox's, which is never accepted there.`);
  const audience = textsMember(value, 'audience', at);
  if (audience === undefined) throw new Refusal(`${at}.audience is missing.`);
  return (isSaml ? parseSaml : parseJwt)({ issuer, audience }, value, at);
};

/** The same name may be listed once for its JWTs and once for its assertions. */
const listedAs = (issuer: AcceptedIssuer): string =>
  `${isSamlIssuer(issuer) ? 'saml' : 'jwt'} ${issuer.issuer}`;

const parseList = (text: string): readonly AcceptedIssuer[] => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal(`${SETTING} is not JSON.`);
  }
  if (!Array.isArray(json) || json.length === 0) throw new Refusal(`${SETTING} must be a list of issuers.`);
  const issuers = json.map((one: unknown, index) => parseIssuer(one, `${SETTING}[${index}]`));
  const names = issuers.map(listedAs);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice !== -1) throw new Refusal(`${SETTING}[${twice}].issuer is listed already.`);
  return issuers;
};

/**
 * Reads TOKEN_ISSUERS, a JSON list of
 * `{issuer, audience, jwksUrl | jwks, algorithms?, typ?, claims?}` for JWTs and of
 * `{issuer, audience, certificates, algorithms?, claims?}` for SAML assertions; `audience`, `algorithms`, `typ` and
 * `certificates` (PEM) are a text or a list, `claims` is `own`, `nll`, `sambi` or a mapping that replaces members of
 * one of them (`from`). Without it JWTs are read as `own`, assertions as `sambi`. A JWT issuer may also name what
 * clients ask it for tokens by (`authorizationEndpoint`, `tokenEndpoint` …, see `smart-configuration.ts`).
 *
 * @returns the issuers, or one sentence that names the setting and the member
 */
export const parseTokenIssuers = (text: string): Result<readonly AcceptedIssuer[], string> => {
  try {
    return ok(parseList(text));
  } catch (error) {
    if (error instanceof Refusal) return fail(error.message);
    throw error;
  }
};
