import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Clock, Fetch } from '../../../src/ports.ts';
import { accessTokenHash } from '../../../src/systems/simulation/dpop.ts';
import { isObject } from '../../../src/systems/simulation/json.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** The members of a JSON answer. */
export const bodyOf = async (answer: Response): Promise<Claims> => {
  const body: unknown = await answer.json();
  return isObject(body) ? body : {};
};

/** A clock that stands still until a test moves it. */
export interface TestClock {
  readonly read: Clock;
  advance(ms: number): void;
}

export const testClock = (start = Date.parse('2026-03-03T07:00:00Z')): TestClock => {
  let now = start;
  return {
    read: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
};

export interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly jkt: string;
}

export const keyPair = async (alg = 'ES256'): Promise<KeyPair> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) };
};

/** Signs claims; a member that is undefined is left out, so that a test can take one away. */
export const signed = (key: CryptoKey | Uint8Array, header: Claims, claims: Claims): Promise<string> => {
  const { alg = 'ES256', ...rest } = header;
  return new SignJWT({ ...claims }).setProtectedHeader({ ...rest, alg: String(alg) }).sign(key);
};

export const ISSUER = 'https://helseid-sts.test.nhn.no';
export const TOKEN_URL = `${ISSUER}/connect/token`;
export const PVK = 'https://eksternapi.hn2.test.nhn.no/personvern/Personverninnstillinger';
export const CLIENT_ID = '7f2b1c9e-0d43-4a8e-9b1f-5c6d7e8f9a01';
export const READ = 'nhn:helsenorge.eksternapi/personverninnstilling_read';
export const WRITE = 'nhn:helsenorge.eksternapi/personverninnstilling_write';

const identified = (system: string, value: string) => ({
  type: 'helseid_authorization',
  practitioner_role: { organization: { identifier: { system, type: 'ENH', value } } },
});

export const MULTI = identified('urn:oid:1.0.6523', 'NO:ORGNR:912159523:922734046');
export const SINGLE = identified('urn:oid:2.16.578.1.12.4.1.4.101', '922734046');

/** What a test changes in the assertion, the proof or the form of a token call. */
export interface TokenCall {
  readonly assertion?: string;
  readonly claims?: Claims;
  readonly header?: Claims;
  readonly proof?: string | null;
  readonly proofClaims?: Claims;
  readonly nonce?: string;
  readonly form?: Readonly<Record<string, string | undefined>>;
}

export interface ApiCall {
  readonly token: string;
  readonly scheme?: string;
  readonly proof?: string | null;
  readonly proofHeader?: Claims;
  readonly proofClaims?: Claims;
  readonly proofKey?: CryptoKey | Uint8Array;
  readonly signal?: AbortSignal;
}

const dropUndefined = (record: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** A client written for the tests alone: it shares nothing with the real one but the standards. */
export const createActor = (
  clock: Clock,
  client: KeyPair,
  dpop: KeyPair,
  header: { readonly kid?: string; readonly alg?: string } = {},
) => {
  const seconds = () => Math.floor(clock() / 1_000);

  const assertion = (claims: Claims = {}, more: Claims = {}): Promise<string> =>
    signed(
      client.privateKey,
      { typ: 'client-authentication+jwt', ...header, ...more },
      {
        iss: CLIENT_ID,
        sub: CLIENT_ID,
        aud: ISSUER,
        iat: seconds(),
        nbf: seconds(),
        exp: seconds() + 10,
        jti: crypto.randomUUID(),
        assertion_details: MULTI,
        ...claims,
      },
    );

  const proof = (
    claims: Claims,
    more: Claims = {},
    key: CryptoKey | Uint8Array = dpop.privateKey,
  ): Promise<string> =>
    signed(
      key,
      { typ: 'dpop+jwt', jwk: dpop.jwk, ...more },
      { jti: crypto.randomUUID(), iat: seconds(), ...claims },
    );

  const tokenRequest = async (call: TokenCall = {}): Promise<Request> => {
    const dpopProof =
      call.proof === undefined
        ? await proof({ htm: 'POST', htu: TOKEN_URL, nonce: call.nonce, ...call.proofClaims })
        : call.proof;
    const form = dropUndefined({
      client_id: CLIENT_ID,
      scope: `${READ} ${WRITE}`,
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: call.assertion ?? (await assertion(call.claims, call.header)),
      ...call.form,
    });
    return new Request(TOKEN_URL, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(dpopProof === null ? {} : { dpop: dpopProof }),
      },
      body: new URLSearchParams(form).toString(),
    });
  };

  /** The nonce dance: a call without, then one with what the answer said. */
  const nonceOf = async (helseid: Fetch): Promise<string> => {
    const answer = await helseid(await tokenRequest());
    return answer.headers.get('dpop-nonce') ?? '';
  };

  const token = async (helseid: Fetch, call: TokenCall = {}): Promise<Response> =>
    helseid(await tokenRequest({ nonce: await nonceOf(helseid), ...call }));

  const accessToken = async (helseid: Fetch, call: TokenCall = {}): Promise<string> => {
    const { access_token: text } = await bodyOf(await token(helseid, call));
    return String(text);
  };

  const request = async (url: string, body: unknown, call: ApiCall): Promise<Request> => {
    const method = body === undefined ? 'GET' : 'POST';
    const claims = {
      htm: method,
      htu: url.replace(/[?#].*$/, ''),
      ath: await accessTokenHash(call.token),
      ...call.proofClaims,
    };
    const dpopProof =
      call.proof === undefined ? await proof(claims, call.proofHeader, call.proofKey) : call.proof;
    return new Request(url, {
      method,
      headers: {
        authorization: `${call.scheme ?? 'DPoP'} ${call.token}`,
        'content-type': 'application/json',
        ...(dpopProof === null ? {} : { dpop: dpopProof }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  };

  return { assertion, proof, tokenRequest, nonceOf, token, accessToken, request };
};
