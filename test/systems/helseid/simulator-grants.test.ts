import { decodeProtectedHeader, exportJWK } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HelseIdClient, sandboxClient } from '../../../src/systems/helseid/simulator-settings.ts';
import {
  bodyOf,
  CLIENT_ID,
  ISSUER,
  type KeyPair,
  keyPair,
  MULTI,
  READ,
  SINGLE,
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

describe('scopes and organisation', () => {
  it('puts scope, audience, key and both organisation numbers into an at+jwt', async () => {
    const helseid = at.simulator();
    const answer = await at.actor.token(helseid.fetch, { form: { scope: WRITE } });
    const { access_token: token } = await bodyOf(answer.clone());
    expect(decodeProtectedHeader(String(token))).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const now = at.clock.read() / 1_000;
    expect(await at.claimsOf(answer, await helseid.jwks())).toMatchObject({
      iss: ISSUER,
      aud: 'nhn:helsenorge.eksternapi',
      client_id: CLIENT_ID,
      scope: WRITE,
      iat: now,
      nbf: now,
      exp: now + 60,
      jti: expect.any(String),
      cnf: { jkt: keys[1].jkt },
      client_amr: 'private_key_jwt',
      'helseid://claims/client/claims/orgnr_parent': '912159523',
      'helseid://claims/client/claims/orgnr_child': '922734046',
      'helseid://claims/client/claims/client_tenancy': 'multi-tenant',
    });
  });

  it('grants all scopes of the client when none is asked for, and refuses one that it has not', async () => {
    const { fetch } = at.simulator();
    const all = await at.actor.token(fetch, { form: { scope: undefined } });
    expect(await bodyOf(all)).toMatchObject({ scope: `${READ} ${WRITE}` });
    const other = await at.actor.token(fetch, { form: { scope: `${READ} nhn:fullmakt/read` } });
    expect((await refusalOf(other)).error).toBe('invalid_scope');
  });

  it('answers 200 with fewer scopes when the organisation has not accepted the terms', async () => {
    const { fetch } = at.simulator({}, { organizations: [{ parent: '912159523', rejectedScopes: [WRITE] }] });
    const answer = await at.actor.token(fetch);
    expect([answer.status, await bodyOf(answer)]).toMatchObject([
      200,
      { scope: READ, rejected_scope: WRITE },
    ]);
  });

  it.each([
    ['assertion_details', [MULTI]],
    ['authorization_details', MULTI],
    ['authorization_details', [MULTI]],
  ])('reads the organisation from %s, as an object or an array of one', async (name, value) => {
    const helseid = at.simulator();
    const answer = await at.actor.token(helseid.fetch, {
      claims: { assertion_details: undefined, [name]: value },
    });
    expect(await at.claimsOf(answer, await helseid.jwks())).toMatchObject({
      'helseid://claims/client/claims/orgnr_child': '922734046',
    });
  });

  it('refuses a single-tenant structure of a multi-tenant client in HelseID’s words', async () => {
    const answer = await at.actor.token(at.simulator().fetch, { claims: { assertion_details: SINGLE } });
    expect(await refusalOf(answer)).toEqual({
      status: 400,
      error: 'invalid_request',
      why: expect.stringContaining(
        'is set up for multi-tenancy, but is passing a single tenant organization structure',
      ),
    });
  });

  it('takes a single-tenant client’s parent from its registration', async () => {
    const helseid = at.simulator({}, { tenancy: 'single-tenant', organizations: [{ parent: '912159523' }] });
    const answer = await at.actor.token(helseid.fetch, { claims: { assertion_details: SINGLE } });
    expect(await at.claimsOf(answer, await helseid.jwks())).toMatchObject({
      'helseid://claims/client/claims/orgnr_parent': '912159523',
      'helseid://claims/client/claims/orgnr_child': '922734046',
    });
    const multi = await at.actor.token(helseid.fetch);
    expect((await refusalOf(multi)).error).toBe('invalid_request');
  });

  it('gives a multi-tenant client that names no organisation a token without organisation number', async () => {
    const helseid = at.simulator();
    const answer = await at.actor.token(helseid.fetch, { claims: { assertion_details: undefined } });
    expect(Object.keys(await at.claimsOf(answer, await helseid.jwks())).join()).not.toContain('orgnr');
  });

  it.each<[string, Partial<HelseIdClient>, unknown]>([
    ['an organisation that is not registered', { organizations: [{ parent: '974760673' }] }, MULTI],
    [
      'a sub-organisation that is not registered',
      { organizations: [{ parent: '912159523', children: [] }] },
      MULTI,
    ],
    ['a structure without type', {}, { practitioner_role: {} }],
    ['two structures', {}, [MULTI, MULTI]],
    ['a structure where none belongs', { tenancy: 'none' }, SINGLE],
  ])('refuses %s', async (_name, client, details) => {
    const answer = await at.actor.token(at.simulator({}, client).fetch, {
      claims: { assertion_details: details },
    });
    expect((await refusalOf(answer)).error).toBe('invalid_request');
  });
});

describe('faults', () => {
  it.each([
    ['use-dpop-nonce-again', 'use_dpop_nonce'],
    ['use_dpop_nonce', 'use_dpop_nonce'],
    ['invalid-client', 'invalid_client'],
    ['invalid_scope', 'invalid_scope'],
    ['invalid-request', 'invalid_request'],
    ['invalid-grant', 'invalid_grant'],
    ['unauthorized-client', 'unauthorized_client'],
    ['unsupported-grant-type', 'unsupported_grant_type'],
    ['unsupported-response-type', 'unsupported_response_type'],
    ['assertion-reused', 'invalid_client'],
    ['multi-tenant-mismatch', 'invalid_request'],
  ])('%s answers %s to a good call, and passes', async (kind, error) => {
    const { fetch } = at.simulator();
    const nonce = await at.actor.nonceOf(fetch);
    await at.faults.add('helseid', kind);
    expect(await refusalOf(await fetch(await at.actor.tokenRequest({ nonce })))).toMatchObject({
      status: 400,
      error,
    });
    expect((await fetch(await at.actor.tokenRequest({ nonce }))).status).toBe(200);
  });

  it('rejected-scope answers 200 without the scopes asked for', async () => {
    const { fetch } = at.simulator();
    const nonce = await at.actor.nonceOf(fetch);
    await at.faults.add('helseid', 'rejected-scope');
    const answer = await fetch(await at.actor.tokenRequest({ nonce, form: { scope: WRITE } }));
    expect(await bodyOf(answer)).toMatchObject({ scope: '', rejected_scope: WRITE });
  });

  it('clock-skew judges by a clock two minutes ahead, and the Date header says so', async () => {
    const { fetch } = at.simulator();
    await at.faults.add('helseid', 'clock-skew');
    const answer = await fetch(await at.actor.tokenRequest());
    expect((await refusalOf(answer)).error).toBe('invalid_client');
    expect(Date.parse(answer.headers.get('date') ?? '') - at.clock.read()).toBe(120_000);
  });

  it.each(['rejected-scope', 'use-dpop-nonce-again'])(
    '%s waits through the nonce dance for a call in which it shows',
    async (kind) => {
      const { fetch } = at.simulator();
      await at.faults.add('helseid', kind);
      const nonce = await at.actor.nonceOf(fetch);
      const answer = await bodyOf(await fetch(await at.actor.tokenRequest({ nonce })));
      expect(answer).toMatchObject(kind === 'rejected-scope' ? { scope: '' } : { error: 'use_dpop_nonce' });
      expect((await fetch(await at.actor.tokenRequest({ nonce }))).status).toBe(200);
    },
  );

  it('leaves its own faults for the next token call', async () => {
    const { fetch } = at.simulator();
    await at.faults.add('helseid', 'invalid-client');
    expect((await fetch(new Request(`${ISSUER}/.well-known/openid-configuration`))).status).toBe(200);
    expect((await refusalOf(await fetch(await at.actor.tokenRequest()))).error).toBe('invalid_client');
  });

  it('offers the common ones too', async () => {
    const { fetch } = at.simulator();
    await at.faults.add('helseid', 'http-503');
    expect((await fetch(await at.actor.tokenRequest())).status).toBe(503);
  });
});

describe('sandbox client', () => {
  it('keeps nothing of a private key', async () => {
    const { jwks } = sandboxClient('c', await exportJWK(keys[0].privateKey));
    expect(Object.keys(jwks.keys[0] ?? {}).sort()).toEqual(['e', 'kty', 'n']);
  });
});
