import { createHash } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { NOW } from './signer.ts';

type Members = Readonly<Record<string, unknown>>;

/** A client's key, as DPoP uses it. */
export interface Prover {
  readonly jwk: JWK;
  readonly privateJwk: JWK;
  /** For the token's `cnf`. */
  readonly jkt: string;
  /** A proof for that token that is good unless claims or header say otherwise; undefined leaves one out. */
  prove(token: string, claims?: Members, header?: Members): Promise<string>;
}

export const URL_OF_CALL = 'https://facade.example/fhir/Consent';

let count = 0;

export const makeProver = async (alg = 'ES256'): Promise<Prover> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jwk,
    privateJwk: await exportJWK(privateKey),
    jkt: await calculateJwkThumbprint(jwk),
    prove: (token, claims = {}, header = {}) => {
      count += 1;
      const good = {
        jti: `proof-${count}`,
        htm: 'GET',
        htu: URL_OF_CALL,
        iat: NOW / 1000,
        ath: createHash('sha256').update(token).digest('base64url'),
      };
      return new CompactSign(new TextEncoder().encode(JSON.stringify({ ...good, ...claims })))
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey, { crit: { 'urn:example': true } });
    },
  };
};
