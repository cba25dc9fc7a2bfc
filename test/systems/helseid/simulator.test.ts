import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resetSimulators } from '../../../src/systems/simulation/state.ts';
import {
  bodyOf,
  CLIENT_ID,
  ISSUER,
  type KeyPair,
  keyPair,
  READ,
  signed,
  TOKEN_URL,
  type TokenCall,
  WRITE,
} from '../simulation/actor.ts';
import { helseIdFixture, refusalOf } from './helseid-fixture.ts';

let keys: readonly [client: KeyPair, dpop: KeyPair];
let at: Awaited<ReturnType<typeof helseIdFixture>>;

beforeAll(async () => {
  keys = await Promise.all([keyPair('RS256'), keyPair()]);
});

beforeEach(async () => {
  at = await helseIdFixture(...keys);
});

describe('discovery', () => {
  it('names the token endpoint and the keys, which verify its access tokens', async () => {
    const { fetch, jwks } = at.simulator();
    const document = await bodyOf(await fetch(new Request(`${ISSUER}/.well-known/openid-configuration`)));
    expect(document).toMatchObject({
      issuer: ISSUER,
      token_endpoint: TOKEN_URL,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    });
    const published = await bodyOf(await fetch(new Request(String(document['jwks_uri']))));
    expect(published).toEqual(await jwks());
    expect(JSON.stringify(published)).not.toContain('"d"');
  });

  it('answers 404 elsewhere and 405 to another verb', async () => {
    const { fetch } = at.simulator();
    expect((await fetch(new Request(`${ISSUER}/connect/authorize`))).status).toBe(404);
    const answer = await fetch(new Request(TOKEN_URL));
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('nonce dance', () => {
  it('answers a call without nonce 400 use_dpop_nonce, with it 200 and a DPoP token', async () => {
    const { fetch } = at.simulator();
    const first = await fetch(await at.actor.tokenRequest());
    expect(first.status).toBe(400);
    expect(await bodyOf(first)).toEqual({ error: 'use_dpop_nonce' });
    const nonce = first.headers.get('dpop-nonce') ?? '';
    const second = await fetch(await at.actor.tokenRequest({ nonce }));
    expect(second.status).toBe(200);
    expect(await bodyOf(second)).toEqual({
      access_token: expect.any(String),
      expires_in: 60,
      scope: `${READ} ${WRITE}`,
      token_type: 'DPoP',
    });
  });

  it('refuses a nonce that is old, changed or from elsewhere', async () => {
    const { fetch } = at.simulator();
    const nonce = await at.actor.nonceOf(fetch);
    expect((await fetch(await at.actor.tokenRequest({ nonce }))).status).toBe(200);
    for (const wrong of ['x', `${nonce}A`, nonce.replace(/^./, '1')])
      expect((await refusalOf(await fetch(await at.actor.tokenRequest({ nonce: wrong })))).error).toBe(
        'use_dpop_nonce',
      );
    const fresh = await at.actor.nonceOf(fetch);
    at.clock.advance(60_001);
    expect((await refusalOf(await fetch(await at.actor.tokenRequest({ nonce: fresh })))).error).toBe(
      'use_dpop_nonce',
    );
  });

  it('refuses the same assertion on the retry: it is used up', async () => {
    const { fetch } = at.simulator();
    const assertion = await at.actor.assertion();
    const first = await fetch(await at.actor.tokenRequest({ assertion }));
    const nonce = first.headers.get('dpop-nonce') ?? '';
    const retry = await fetch(await at.actor.tokenRequest({ assertion, nonce }));
    expect(await refusalOf(retry)).toMatchObject({ status: 400, error: 'invalid_client' });
  });

  it('can be switched: reused assertion accepted, nonce not required, proof optional', async () => {
    const reuse = at.simulator({ reusedAssertion: 'accepted', nonce: 'not-required' });
    const assertion = await at.actor.assertion();
    for (const _ of [1, 2])
      expect((await reuse.fetch(await at.actor.tokenRequest({ assertion }))).status).toBe(200);
    const bearer = at.simulator({ proof: 'optional' });
    const answer = await bearer.fetch(await at.actor.tokenRequest({ proof: null }));
    expect(await bodyOf(answer)).toMatchObject({ token_type: 'Bearer' });
  });

  it('knows its nonces and its key again after a restart, and after a reset', async () => {
    const before = at.simulator();
    const nonce = await at.actor.nonceOf(before.fetch);
    await resetSimulators(at.database);
    const after = at.simulator();
    expect(await after.jwks()).toEqual(await before.jwks());
    expect((await after.fetch(await at.actor.tokenRequest({ nonce }))).status).toBe(200);
  });

  it('agrees on one key when two isolates start at once', async () => {
    const [one, other] = await Promise.all([at.simulator().jwks(), at.simulator().jwks()]);
    expect(one).toEqual(other);
  });
});

describe('form and client', () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    ['no grant type', { grant_type: undefined }, 'invalid_request'],
    ['another grant type', { grant_type: 'authorization_code' }, 'unsupported_grant_type'],
    ['no assertion', { client_assertion: undefined }, 'invalid_client'],
    ['another assertion type', { client_assertion_type: 'x' }, 'invalid_client'],
    ['an unknown client', { client_id: 'somebody' }, 'invalid_client'],
  ])('refuses %s', async (_name, form, error) => {
    const { fetch } = at.simulator();
    expect(await refusalOf(await fetch(await at.actor.tokenRequest({ form })))).toMatchObject({
      status: 400,
      error,
    });
  });

  it('refuses a body that is not a form', async () => {
    const { fetch } = at.simulator();
    const answer = await fetch(new Request(TOKEN_URL, { method: 'POST', body: '{}' }));
    expect((await refusalOf(answer)).error).toBe('invalid_request');
  });

  it('takes the client from the assertion when the form does not name it', async () => {
    const answer = await at.actor.token(at.simulator().fetch, { form: { client_id: undefined } });
    expect(answer.status).toBe(200);
  });
});

describe('client assertion', () => {
  const now = () => Math.floor(at.clock.read() / 1_000);

  it.each<[string, () => TokenCall]>([
    ['iss is another', () => ({ claims: { iss: 'x' } })],
    ['sub is another', () => ({ claims: { sub: 'x' } })],
    ['aud is the token endpoint', () => ({ claims: { aud: TOKEN_URL } })],
    ['aud has a second member', () => ({ claims: { aud: [ISSUER, TOKEN_URL] } })],
    ['exp is missing', () => ({ claims: { exp: undefined } })],
    ['exp is more than 60 s ahead', () => ({ claims: { exp: now() + 61 } })],
    ['it is expired beyond the skew', () => ({ claims: { exp: now() - 5 } })],
    ['nbf is in the future', () => ({ claims: { nbf: now() + 6 } })],
    ['iat is in the future', () => ({ claims: { iat: now() + 6 } })],
    ['jti is missing', () => ({ claims: { jti: undefined } })],
    ['kid is not registered', () => ({ header: { kid: 'other' } })],
    ['it is no JWT', () => ({ assertion: 'abc' })],
  ])('is refused when %s', async (_name, call) => {
    const answer = await at.actor.token(at.simulator().fetch, call());
    expect(await refusalOf(answer)).toMatchObject({ status: 400, error: 'invalid_client' });
  });

  it('is refused with a symmetric algorithm and with another key', async () => {
    const claims = { iss: CLIENT_ID, sub: CLIENT_ID, aud: ISSUER, exp: now() + 10, jti: 'x' };
    const hs256 = await signed(new Uint8Array(32), { alg: 'HS256', kid: 'k1' }, claims);
    const other = await signed(keys[1].privateKey, { kid: 'k1' }, claims);
    for (const assertion of [hs256, other])
      expect((await refusalOf(await at.actor.token(at.simulator().fetch, { assertion }))).error).toBe(
        'invalid_client',
      );
  });

  it('is good up to 60 s ahead, and with a clock that is 5 s ahead', async () => {
    const { fetch } = at.simulator();
    for (const claims of [{ exp: now() + 60 }, { iat: now() + 5, nbf: now() + 5 }, { aud: [ISSUER] }])
      expect((await at.actor.token(fetch, { claims })).status).toBe(200);
  });

  it('is checked before the proof, and the proof before the nonce and the scope', async () => {
    const { fetch } = at.simulator();
    const bad = { claims: { aud: 'x' }, proof: 'x', form: { scope: 'x' } };
    expect((await refusalOf(await fetch(await at.actor.tokenRequest(bad)))).error).toBe('invalid_client');
    const badProof = { proof: 'x', form: { scope: 'x' } };
    expect((await refusalOf(await fetch(await at.actor.tokenRequest(badProof)))).error).toBe(
      'invalid_dpop_proof',
    );
    const badScope = { form: { scope: 'x' } };
    expect((await refusalOf(await fetch(await at.actor.tokenRequest(badScope)))).error).toBe(
      'use_dpop_nonce',
    );
    expect((await refusalOf(await at.actor.token(fetch, badScope))).error).toBe('invalid_scope');
  });
});

describe('DPoP proof at the token endpoint', () => {
  it.each<[string, TokenCall, string]>([
    ['no proof', { proof: null }, 'Malformed DPoP token.'],
    ['htm', { proofClaims: { htm: 'GET' } }, "Invalid 'htm' value."],
    ['htu', { proofClaims: { htu: ISSUER } }, "Invalid 'htu' value."],
    ['jti', { proofClaims: { jti: undefined } }, "Invalid or missing 'jti' value."],
    ['iat', { proofClaims: { iat: 1 } }, "Invalid 'iat' value."],
  ])('is refused for its %s', async (_name, call, why) => {
    const answer = await at.simulator().fetch(await at.actor.tokenRequest(call));
    expect(await refusalOf(answer)).toEqual({ status: 400, error: 'invalid_dpop_proof', why });
  });

  it('is refused when it is used twice', async () => {
    const { fetch } = at.simulator({ nonce: 'not-required' });
    const proof = await at.actor.proof({ htm: 'POST', htu: TOKEN_URL });
    expect((await fetch(await at.actor.tokenRequest({ proof }))).status).toBe(200);
    expect((await refusalOf(await fetch(await at.actor.tokenRequest({ proof })))).why).toBe(
      'Detected a DPoP proof token replay.',
    );
  });
});
