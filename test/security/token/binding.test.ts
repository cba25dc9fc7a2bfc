import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../../src/security/token/authenticate.ts';
import type { Presentation } from '../../../src/security/token/binding.ts';
import { createProofMemory, type ProofMemory } from '../../../src/security/token/proof-memory.ts';
import { createTokenVerifier } from '../../../src/security/token/verify.ts';
import { makeProver, type Prover, URL_OF_CALL } from './prover.ts';
import { forge, issuerOf, makeSigner, NOW, type Signer, sha256 } from './signer.ts';

let signer: Signer;
let prover: Prover;
let thief: Prover;
let token: string;
beforeAll(async () => {
  [signer, prover, thief] = await Promise.all([makeSigner(), makeProver(), makeProver()]);
  token = await signer.sign({ cnf: { jkt: prover.jkt } });
});

const verifierOf = (proofs?: ProofMemory, clock = () => NOW) =>
  createTokenVerifier({
    issuers: [issuerOf({ set: { keys: [signer.jwk] } })],
    fetch: () => Promise.reject(new Error('no fetch expected')),
    clock,
    sha256,
    ...(proofs === undefined ? {} : { proofs }),
  });

const call = (proof: string | null, more: Partial<Presentation> = {}): Presentation => ({
  method: 'GET',
  url: `${URL_OF_CALL}?_id=1`,
  proof,
  ...more,
});

const show = (authorization: string, presentation?: Presentation, verifier = verifierOf()) =>
  verifier.verify(authorization, presentation);

/** `accepted`, or what the refusal says. */
const outcome = async (
  proof: string | null | Promise<string>,
  more: Partial<Presentation> = {},
  verifier = verifierOf(),
): Promise<string> => {
  const result = await show(`DPoP ${token}`, call(await proof, more), verifier);
  return result.ok ? 'accepted' : (result.failure.issues[0]?.diagnostics ?? '');
};

describe('a token bound to a key (cnf jkt)', () => {
  it('is accepted as DPoP with a proof of that key, in any letter case of the scheme', async () => {
    expect(await outcome(prover.prove(token))).toBe('accepted');
    const proof = await prover.prove(token);
    expect(await show(`dpop ${token}`, call(proof))).toMatchObject({
      ok: true,
      value: { binding: { jkt: prover.jkt } },
    });
  });

  it('is refused as a plain bearer token, with a proof beside it or not', async () => {
    for (const presentation of [undefined, call(null), call(await prover.prove(token))]) {
      expect(await show(`Bearer ${token}`, presentation)).toMatchObject({
        ok: false,
        failure: {
          kind: 'unauthenticated',
          challenge: expect.stringMatching(/^Bearer error="invalid_token", DPoP algs="[^"]*"$/),
          issues: [{ details: { code: 'ticket-invalid' }, location: ['http.Authorization'] }],
        },
      });
    }
  });

  it('is refused also when it has been accepted a moment ago', async () => {
    const verifier = verifierOf();
    expect(await outcome(prover.prove(token), {}, verifier)).toBe('accepted');
    expect(await show(`Bearer ${token}`, call(null), verifier)).toMatchObject({ ok: false });
    expect(await outcome(null, {}, verifier)).toContain('needs one proof');
    expect(await outcome(thief.prove(token), {}, verifier)).toContain('another key');
  });

  it('without a good proof is a 401 that says invalid_dpop_proof, and shows nothing of the proof', async () => {
    const proof = await prover.prove(token, { htu: 'https://elsewhere.example/secret' });
    const result = await show(`DPoP ${token}`, call(proof));
    expect(result).toMatchObject({
      ok: false,
      failure: {
        kind: 'unauthenticated',
        challenge: expect.stringMatching(/^DPoP error="invalid_dpop_proof", algs="[^"]*\bES256\b[^"]*"$/),
        issues: [{ code: 'login', location: ['http.DPoP'] }],
      },
    });
    expect(JSON.stringify(result)).not.toContain('elsewhere');
  });

  it.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('may be proven with %s', async (alg) => {
    const other = await makeProver(alg);
    const bound = await signer.sign({ cnf: { jkt: other.jkt } });
    const proof = await other.prove(bound);
    expect(await show(`DPoP ${bound}`, call(proof))).toMatchObject({ ok: true });
  });
});

describe('a DPoP proof', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['no jti', { jti: undefined }, 'not a signed JWT'],
    ['an empty jti', { jti: '' }, 'not a signed JWT'],
    ['a jti too long to remember', { jti: 'x'.repeat(257) }, 'not a signed JWT'],
    ['no method', { htm: undefined }, 'not a signed JWT'],
    ['no address', { htu: undefined }, 'not a signed JWT'],
    ['no time', { iat: undefined }, 'not a signed JWT'],
    ['a time that is a text', { iat: '1' }, 'not a signed JWT'],
    ['no hash of the token', { ath: undefined }, 'not a signed JWT'],
    ['another method', { htm: 'POST' }, 'another method'],
    ['the method in small letters', { htm: 'get' }, 'another method'],
    ['another path', { htu: 'https://facade.example/fhir/Basic' }, 'another address'],
    ['another host', { htu: 'https://evil.example/fhir/Consent' }, 'another address'],
    ['another scheme', { htu: 'http://facade.example/fhir/Consent' }, 'another address'],
    ['another port', { htu: 'https://facade.example:8443/fhir/Consent' }, 'another address'],
    ['no address at all', { htu: '/fhir/Consent' }, 'another address'],
    ['the hash of another token', { ath: sha256('x') }, 'another token'],
    ['a time long ago', { iat: NOW / 1000 - 61 }, 'too old'],
    ['a time far ahead', { iat: NOW / 1000 + 61 }, 'from the future'],
  ])('with %s is refused', async (_, claims, reason) => {
    expect(await outcome(prover.prove(token, claims))).toContain(reason);
  });

  it.each<[string, Record<string, unknown>]>([
    ['its address with query and fragment', { htu: `${URL_OF_CALL}?a=1#b` }],
    ['its address in another spelling', { htu: 'HTTPS://Facade.Example:443/fhir/%43onsent' }],
    ['a time within a minute', { iat: NOW / 1000 - 60 }],
    ['a time within a minute ahead', { iat: NOW / 1000 + 60 }],
    ['claims that are not known', { nonce: 'x', extra: 1 }],
  ])('with %s is accepted', async (_, claims) => {
    expect(await outcome(prover.prove(token, claims))).toBe('accepted');
  });

  it('is for one path, however its escapes are written, and for no other', async () => {
    const url = 'https://facade.example/fhir/Patient/%c3%a5';
    expect(
      await outcome(prover.prove(token, { htu: url.toUpperCase().replace('FHIR/PATIENT', 'fhir/Patient') }), {
        url,
      }),
    ).toBe('accepted');
    const slash = 'https://facade.example/fhir/a%2Fb';
    expect(
      await outcome(prover.prove(token, { htu: 'https://facade.example/fhir/a/b' }), { url: slash }),
    ).toContain('another address');
  });

  it('of a HEAD is not one of a GET', async () => {
    expect(await outcome(prover.prove(token), { method: 'HEAD' })).toContain('another method');
  });

  it.each<[string, (p: Prover) => Record<string, unknown>, string]>([
    ['no type', () => ({ typ: undefined }), 'dpop+jwt'],
    ['another type', () => ({ typ: 'at+jwt' }), 'dpop+jwt'],
    ['no key', () => ({ jwk: undefined }), 'public key (jwk)'],
    ['its private key', (p) => ({ jwk: p.privateJwk }), 'public key (jwk)'],
    ['a key that is none', () => ({ jwk: { kty: 'EC' } }), 'another key'],
    ['a key that is a text', () => ({ jwk: 'x' }), 'public key (jwk)'],
    ['a symmetric key', () => ({ jwk: { kty: 'oct', k: 'AAAA' } }), 'public key (jwk)'],
    ['somebody else’s key', () => ({ jwk: thief.jwk }), 'another key'],
    ['a critical header', () => ({ crit: ['urn:example'], 'urn:example': 1 }), 'signature'],
  ])('with %s is refused', async (_, header, reason) => {
    expect(await outcome(prover.prove(token, {}, header(prover)))).toContain(reason);
  });

  it('with alg none or HMAC is refused', async () => {
    const header = { typ: 'dpop+jwt', jwk: prover.jwk };
    for (const alg of ['none', 'HS256', 'ES256K', 7]) {
      expect(await outcome(forge({ ...header, alg }, {}, 'AAAA'))).toContain('asymmetric');
    }
  });

  it('with another signature than its key’s is refused', async () => {
    const stolen = await thief.prove(token, {}, { jwk: prover.jwk });
    expect(await outcome(stolen)).toBe('The signature of the DPoP proof is wrong.');
    const good = await prover.prove(token);
    expect(await outcome(`${good.slice(0, -6)}AAAAAA`)).toContain('signature');
  });

  it.each(['', 'x', 'a.b', 'a.b.c', 'a.b.c.d', 'æ.ø.å', `${'x'.repeat(9_000)}.y.z`])(
    'that is no JWT (%#) is refused',
    async (proof) => {
      expect(await outcome(proof)).toMatch(/needs one proof|not a signed JWT/);
    },
  );

  it('twice in one call (two headers) is refused', async () => {
    expect(await outcome(`${await prover.prove(token)}, ${await prover.prove(token)}`)).toContain(
      'not a signed JWT',
    );
  });

  it('is good for one call only', async () => {
    const verifier = verifierOf();
    const proof = await prover.prove(token);
    expect(await outcome(proof, {}, verifier)).toBe('accepted');
    expect(await outcome(proof, {}, verifier)).toContain('used already');
    const again = await prover.prove(token, { jti: 'same' });
    expect(await outcome(again, {}, verifier)).toBe('accepted');
    expect(await outcome(prover.prove(token, { jti: 'same' }), {}, verifier)).toContain('used already');
  });

  it('is good for one call only, though a hundred come at once', async () => {
    const verifier = verifierOf();
    const proof = await prover.prove(token);
    const answers = await Promise.all(Array.from({ length: 100 }, () => outcome(proof, {}, verifier)));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
  });

  it('that was refused has not been used', async () => {
    const verifier = verifierOf();
    const proof = await prover.prove(token);
    expect(await outcome(proof, { method: 'POST' }, verifier)).toContain('another method');
    expect(await outcome(proof, {}, verifier)).toBe('accepted');
  });

  it('may have the jti of another key’s proof', async () => {
    const memory = createProofMemory();
    const theirs = await signer.sign({ cnf: { jkt: thief.jkt } });
    const proof = await thief.prove(theirs, { jti: 'one' });
    expect(await show(`DPoP ${theirs}`, call(proof), verifierOf(memory))).toMatchObject({ ok: true });
    expect(await outcome(prover.prove(token, { jti: 'one' }), {}, verifierOf(memory))).toBe('accepted');
  });

  it('is answered with 503 while there is no room to remember it', async () => {
    const memory = createProofMemory(1);
    expect(await outcome(prover.prove(token), {}, verifierOf(memory))).toBe('accepted');
    expect(await show(`DPoP ${token}`, call(await prover.prove(token)), verifierOf(memory))).toMatchObject({
      ok: false,
      failure: { kind: 'unavailable', retryAfter: 5 },
    });
    const later = () => NOW + 61_000;
    const proof = prover.prove(token, { iat: NOW / 1000 + 61 });
    expect(await outcome(proof, {}, verifierOf(memory, later))).toBe('accepted');
  });

  it('may be remembered elsewhere', async () => {
    const shared: ProofMemory = { remember: () => Promise.resolve('seen') };
    expect(await outcome(prover.prove(token), {}, verifierOf(shared))).toContain('used already');
  });
});

describe('the scheme DPoP', () => {
  it('needs a token that is bound to a key', async () => {
    const plain = await signer.sign();
    expect(await show(`DPoP ${plain}`, call(await prover.prove(plain)))).toMatchObject({
      ok: false,
      failure: { kind: 'unauthenticated', challenge: expect.stringMatching(/^DPoP error="invalid_token"/) },
    });
  });

  it('with a bad token is told so in its own words', async () => {
    for (const bad of ['x.y.z', await signer.sign({ aud: 'x' }), 'x'.repeat(40_000)]) {
      expect(await show(`DPoP ${bad}`, call(null))).toMatchObject({
        ok: false,
        failure: { kind: 'unauthenticated', challenge: expect.stringMatching(/^DPoP error="invalid_token"/) },
      });
    }
  });

  it('is not known where the call is not told', async () => {
    expect(await show(`DPoP ${token}`)).toMatchObject({ ok: false, failure: { challenge: 'Bearer' } });
  });
});

describe('a token bound to a TLS certificate (cnf x5t#S256)', () => {
  const hash = sha256('a certificate');
  const shown = (clientCertificate?: string) =>
    call(null, clientCertificate === undefined ? {} : { clientCertificate });
  let bound: string;
  beforeAll(async () => {
    bound = await signer.sign({ cnf: { 'x5t#S256': hash } });
  });

  it('is accepted over a connection with that certificate', async () => {
    expect(await show(`Bearer ${bound}`, shown(hash))).toMatchObject({ ok: true });
  });

  it('is refused over another one, and where none was shown', async () => {
    for (const presentation of [shown(sha256('x')), shown(''), shown(), undefined]) {
      expect(await show(`Bearer ${bound}`, presentation)).toMatchObject({
        ok: false,
        failure: { kind: 'unauthenticated', issues: [{ details: { code: 'ticket-invalid' } }] },
      });
    }
  });

  it('and to a key must have both proven', async () => {
    const both = await signer.sign({ cnf: { jkt: prover.jkt, 'x5t#S256': hash } });
    const proof = () => prover.prove(both);
    expect(await show(`DPoP ${both}`, call(await proof(), { clientCertificate: hash }))).toMatchObject({
      ok: true,
    });
    expect(await show(`DPoP ${both}`, call(await proof()))).toMatchObject({ ok: false });
    expect(await show(`Bearer ${both}`, shown(hash))).toMatchObject({ ok: false });
  });
});

describe('a token bound in a way that is not understood', () => {
  it.each([
    ['nothing', {}],
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['a whole key', { jwk: { kty: 'EC' } }],
    ['a key id', { kid: 'x' }],
    ['a thumbprint that is none', { jkt: 'abc' }],
    ['a thumbprint that is no text', { jkt: 7 }],
    ['something beside a thumbprint', { jkt: sha256('x'), kid: 'x' }],
  ])('(%s) is refused', async (_, cnf) => {
    const odd = await signer.sign({ cnf });
    expect(await show(`Bearer ${odd}`, call(null))).toMatchObject({
      ok: false,
      failure: { kind: 'unauthenticated' },
    });
  });
});

describe('authentication with a bound token', () => {
  it('gives the caller, the same one for the same token', async () => {
    const { authenticate } = createAuthenticator(verifierOf(), async () => undefined);
    const once = async () => authenticate(`DPoP ${token}`, call(await prover.prove(token)));
    const [first, second] = [await once(), await once()];
    expect(first).toMatchObject({ ok: true, value: { subject: 'anna' } });
    expect(first.ok && second.ok && first.value === second.value).toBe(true);
    expect(await authenticate(`Bearer ${token}`)).toMatchObject({ ok: false });
  });
});
