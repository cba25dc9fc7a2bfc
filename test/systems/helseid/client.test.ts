import { exportPKCS8, generateKeyPair, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { codeSystem } from '../../../src/canonical.ts';
import type { AccessToken } from '../../../src/systems/helseid/client.ts';
import { assertionClaims } from '../../../src/systems/helseid/client-assertion.ts';
import { htuOf } from '../../../src/systems/helseid/client-dpop.ts';
import { checkHelseIdSettings, type HelseIdSettings } from '../../../src/systems/helseid/client-settings.ts';
import {
  CLIENT_ID,
  createWorld,
  html,
  ISSUER,
  json,
  notConnected,
  PRIVATE_JWK,
  READ,
  reset,
  status,
  WRITE,
} from '../upstream/national-world.ts';

type World = ReturnType<typeof createWorld>;

const tokenOf = async (world: World, scope = WRITE): Promise<AccessToken> => {
  const result = await world.helseId.token(world.task(scope));
  if (!result.ok) throw new Error(result.failure.issues[0]?.diagnostics);
  return result.value;
};

const failureOf = async (world: World, allowed?: number) => {
  const result = await world.helseId.token(world.task(WRITE, allowed));
  if (result.ok) throw new Error('a token came');
  return result.failure;
};

const answer = (more: object) => () =>
  json({ access_token: 'token-x', expires_in: 60, scope: WRITE, token_type: 'DPoP', ...more });

describe('the token request', () => {
  it('follows the nonce round trip with a new assertion and a new proof', async () => {
    const world = createWorld();
    expect((await tokenOf(world)).value).toBe('token-1');
    expect(world.tokenCalls).toHaveLength(2);
    const [first, second] = world.tokenCalls;
    expect(first?.proof?.['nonce']).toBeUndefined();
    expect(second?.proof?.['nonce']).toBe('nonce-1');
    expect(first?.assertion['jti']).not.toBe(second?.assertion['jti']);
    expect(first?.proof?.['jti']).not.toBe(second?.proof?.['jti']);
  });

  it('is the form that the documentation shows', async () => {
    const world = createWorld();
    await tokenOf(world);
    expect(Object.fromEntries(world.tokenCalls[0]?.form ?? [])).toEqual({
      client_id: CLIENT_ID,
      scope: WRITE,
      client_assertion: expect.any(String),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      grant_type: 'client_credentials',
    });
  });

  it('has an assertion of ten seconds for the issuer, signed with the registered key', async () => {
    const world = createWorld();
    await tokenOf(world);
    const now = Math.floor(world.time.clock() / 1000);
    expect(world.tokenCalls[0]?.assertion).toEqual({
      iss: CLIENT_ID,
      sub: CLIENT_ID,
      aud: ISSUER,
      iat: now,
      nbf: now,
      exp: now + 10,
      jti: expect.any(String),
    });
    expect(world.tokenCalls[0]?.assertionHeader).toMatchObject({ alg: 'ES256', kid: 'key-1' });
  });

  it('remembers the nonce for the next token', async () => {
    const world = createWorld();
    await tokenOf(world);
    await tokenOf(world, READ);
    expect(world.tokenCalls).toHaveLength(3);
  });

  it('takes up a nonce that changed again, twice at most', async () => {
    const world = createWorld();
    world.script.token.push(status(400, { error: 'use_dpop_nonce' }, { 'DPoP-Nonce': 'other' }));
    await tokenOf(world);
    expect(world.tokenCalls.map(({ proof }) => proof?.['nonce'])).toEqual([undefined, 'other', 'nonce-1']);

    const stubborn = createWorld();
    const again = status(400, { error: 'use_dpop_nonce' }, { 'DPoP-Nonce': 'other' });
    stubborn.script.token.push(again, again, again, again);
    expect((await failureOf(stubborn)).issues[0]?.details?.code).toBe('use_dpop_nonce');
    expect(stubborn.tokenCalls).toHaveLength(3);
  });

  it('uses another DPoP key for each token', async () => {
    const world = createWorld();
    const first = await tokenOf(world);
    const second = await world.helseId.renew(first, world.task());
    expect(second.ok && second.value.binding?.key.publicJwk).not.toEqual(first.binding?.key.publicJwk);
  });

  it('has neither proof nor DPoP scheme in bearer mode', async () => {
    const world = createWorld({ settings: { authMode: 'bearer' } });
    const token = await tokenOf(world);
    expect(world.tokenCalls[0]?.proof).toBeUndefined();
    expect(world.helseId.scheme).toBe('Bearer');
    expect(await world.helseId.authorize(token, { method: 'POST', url: ISSUER })).toEqual({
      Authorization: 'Bearer token-1',
    });
  });

  it('carries the request id of the call to whoever watches the exchange', async () => {
    const world = createWorld();
    await tokenOf(world);
    expect(world.tokenCalls.map(({ requestId }) => requestId)).toEqual(['request-1', 'request-1']);
  });
});

describe('the organisation in the assertion', () => {
  const base: HelseIdSettings = { issuer: ISSUER, clientId: CLIENT_ID, privateKey: '', tenancy: 'none' };
  const claimOf = (more: Partial<HelseIdSettings>) => assertionClaims({ ...base, ...more }, 1, 'j');
  const identifier = (system: string, value: string) => ({
    type: 'helseid_authorization',
    practitioner_role: { organization: { identifier: { system, type: 'ENH', value } } },
  });

  it('names parent and child of a multi-tenant client, as the documentation shows', () => {
    const claims = claimOf({ tenancy: 'multi-tenant', parentOrg: '912159523', childOrg: '922734046' });
    expect(claims['assertion_details']).toEqual(
      identifier('urn:oid:1.0.6523', 'NO:ORGNR:912159523:922734046'),
    );
  });

  it('leaves the child of a multi-tenant client empty when there is none', () => {
    const claims = claimOf({ tenancy: 'multi-tenant', parentOrg: '912159523' });
    expect(claims['assertion_details']).toEqual(identifier('urn:oid:1.0.6523', 'NO:ORGNR:912159523:'));
  });

  it('names the child alone for a single-tenant client', () => {
    const claims = claimOf({ tenancy: 'single-tenant', childOrg: '922734046' });
    const system = 'urn:oid:2.16.578.1.12.4.1.4.101';
    expect(claims['assertion_details']).toEqual(identifier(system, '922734046'));
  });

  it('is absent without tenancy, and under its older name on request', () => {
    expect(claimOf({ parentOrg: '912159523' })).not.toHaveProperty('assertion_details');
    const older = { organizationClaim: 'authorization_details', childOrg: '922734046' } as const;
    expect(claimOf({ tenancy: 'single-tenant', ...older })).toHaveProperty('authorization_details');
  });
});

describe('discovery', () => {
  it('finds the token endpoint once an hour', async () => {
    const world = createWorld();
    await tokenOf(world);
    await tokenOf(world, READ);
    expect(world.discoveries).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
    world.time.advance(3_600_001);
    await tokenOf(world);
    expect(world.discoveries).toHaveLength(2);
  });

  it('keeps to the endpoint it knew when the document cannot be had', async () => {
    const world = createWorld();
    await tokenOf(world);
    world.time.advance(3_600_001);
    world.script.discovery.push(status(500));
    expect((await tokenOf(world)).value).toBe('token-2');
  });

  it('is not needed when the token endpoint is configured', async () => {
    const world = createWorld({ settings: { tokenEndpoint: `${ISSUER}/connect/token` } });
    await tokenOf(world);
    expect(world.discoveries).toEqual([]);
  });

  it('refuses the document of another issuer, and an endpoint without TLS', async () => {
    const documents = [
      { issuer: 'https://elsewhere.test', token_endpoint: `${ISSUER}/connect/token` },
      { issuer: ISSUER, token_endpoint: 'http://elsewhere.test/connect/token' },
      { issuer: ISSUER },
    ];
    for (const document of documents) {
      const world = createWorld();
      const step = () => json(document);
      world.script.discovery.push(step, step, step);
      expect((await failureOf(world)).issues[0]?.details?.code).toBe('broken-answer');
      expect(world.tokenCalls).toEqual([]);
    }
  });
});

describe('a token in memory', () => {
  it('is fetched once for a hundred parallel calls', async () => {
    const world = createWorld();
    const tokens = await Promise.all(Array.from({ length: 100 }, () => tokenOf(world)));
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['token-1']));
    expect(world.tokenCalls).toHaveLength(2);
  });

  it('serves until a few seconds before its end', async () => {
    const world = createWorld();
    await tokenOf(world);
    world.time.advance(54_999);
    expect((await tokenOf(world)).value).toBe('token-1');
    world.time.advance(1);
    expect((await tokenOf(world)).value).toBe('token-2');
  });

  it('serves half of its life when that is only a few seconds', async () => {
    const world = createWorld({ expiresIn: 4 });
    await tokenOf(world);
    world.time.advance(1_999);
    expect((await tokenOf(world)).value).toBe('token-1');
    world.time.advance(1);
    expect((await tokenOf(world)).value).toBe('token-2');
  });

  it('serves only the calls that wait for it when its life is not said', async () => {
    const world = createWorld();
    await tokenOf(world);
    world.time.advance(60_000);
    world.script.token.push(answer({ expires_in: undefined }), answer({ expires_in: undefined }));
    expect((await tokenOf(world)).value).toBe('token-x');
    await tokenOf(world);
    expect(world.tokenCalls).toHaveLength(4);
  });

  it('is kept apart by scope', async () => {
    const world = createWorld();
    await tokenOf(world, WRITE);
    await tokenOf(world, READ);
    expect(world.tokenCalls.map(({ form }) => form.get('scope'))).toEqual([WRITE, WRITE, READ]);
  });

  it('is renewed once for all whose token was refused', async () => {
    const world = createWorld();
    const stale = await tokenOf(world);
    const renewed = await Promise.all(
      Array.from({ length: 20 }, () => world.helseId.renew(stale, world.task())),
    );
    expect(new Set(renewed.map((one) => one.ok && one.value.value))).toEqual(new Set(['token-2']));
    const late = await world.helseId.renew(stale, world.task());
    expect(late.ok && late.value.value).toBe('token-2');
  });

  it('is forgotten by a reset, also when it arrives after it', async () => {
    const world = createWorld();
    const early = tokenOf(world);
    world.helseId.reset();
    await early;
    expect((await tokenOf(world)).value).toBe('token-2');
  });

  it('is fetched by each on its own, once, when the shared request was cut off', async () => {
    const world = createWorld({ singleFlight: () => Promise.reject(new Error('cut off')) });
    expect((await tokenOf(world)).value).toBe('token-1');
  });

  it('is fetched alone after half the time when the shared request never settles', async () => {
    const world = createWorld({
      singleFlight: () => {
        void world.time.hang();
        return new Promise(() => {});
      },
    });
    const before = world.time.clock();
    expect((await tokenOf(world)).value).toBe('token-1');
    expect(world.time.clock() - before).toBe(5000);
  });

  it('is not waited for beyond the deadline of the call, though others may wait longer', async () => {
    const world = createWorld();
    world.script.token.push(world.hang);
    expect(await failureOf(world, 3000)).toMatchObject({ kind: 'upstream-timeout' });
  });
});

describe('what HelseID refuses', () => {
  const ERRORS = [
    'invalid_client',
    'invalid_scope',
    'invalid_request',
    'unauthorized_client',
    'invalid_grant',
  ];

  it.each(ERRORS)('%s is a 502 with code security that names it, and is not tried again', async (error) => {
    const world = createWorld();
    world.script.token.push(status(400, { error, error_description: 'about 12048645510' }));
    const failure = await failureOf(world);
    expect(failure.kind).toBe('upstream-refused');
    expect(failure.issues[0]).toMatchObject({
      code: 'security',
      details: { system: codeSystem('helseid-error'), code: error },
    });
    expect(JSON.stringify(failure)).not.toContain('12048645510');
    expect(world.tokenCalls).toHaveLength(1);
  });

  it('an error that is not documented is not repeated in the answer', async () => {
    for (const error of ['12048645510', 'constructor', 'weird error']) {
      const world = createWorld();
      world.script.token.push(status(400, { error }));
      const failure = await failureOf(world);
      expect(failure).toMatchObject({ kind: 'upstream-refused', issues: [{ code: 'security' }] });
      expect(JSON.stringify(failure)).not.toContain(error);
    }
  });

  it('a multi-tenant client with a single-tenant organisation is told which setting to change', async () => {
    const world = createWorld();
    const description =
      'The client is set up for multi-tenancy, but is passing a single tenant organization structure';
    world.script.token.push(status(400, { error: 'invalid_request', error_description: description }));
    const [issue] = (await failureOf(world)).issues;
    expect(issue?.diagnostics).toContain('HELSEID_TENANCY=multi-tenant');
    expect(issue?.details?.code).toBe('invalid_request');
  });

  it('a 200 whose rejected_scope, or whose scope, lacks what is needed is no success', async () => {
    const answers = [{ scope: '', rejected_scope: WRITE }, { rejected_scope: [WRITE] }, { scope: READ }];
    for (const more of answers) {
      const world = createWorld();
      world.script.token.push(answer(more));
      const failure = await failureOf(world);
      expect(failure).toMatchObject({
        kind: 'upstream-refused',
        issues: [
          { code: 'security', details: { system: codeSystem('helseid-error'), code: 'rejected_scope' } },
        ],
      });
    }
  });

  it('a rejected scope that is not needed does no harm', async () => {
    const world = createWorld();
    world.script.token.push(answer({ rejected_scope: READ }));
    expect((await tokenOf(world)).value).toBe('token-x');
  });

  it('a token that is not bound to the key is not used', async () => {
    const world = createWorld();
    world.script.token.push(answer({ token_type: 'Bearer' }));
    expect((await failureOf(world)).issues[0]?.details?.code).toBe('token_type');
  });
});

describe('trouble on the way to HelseID', () => {
  it('is tried three times in all, then named', async () => {
    const cases = [
      { step: status(500), kind: 'upstream-refused', code: 'transient' },
      { step: status(503), kind: 'upstream-refused', code: 'transient' },
      { step: html, kind: 'upstream-refused', code: 'transient' },
      { step: () => json({ nothing: 'here' }), kind: 'upstream-refused', code: 'processing' },
      { step: reset, kind: 'unavailable', code: 'transient' },
      { step: notConnected, kind: 'unavailable', code: 'transient' },
    ];
    for (const { step, kind, code } of cases) {
      const world = createWorld();
      world.script.token.push(step, step, step, step);
      expect(await failureOf(world)).toMatchObject({ kind, issues: [{ code }] });
      expect(world.tokenCalls).toHaveLength(3);
    }
  });

  it('is no trouble when the next try succeeds', async () => {
    const world = createWorld();
    world.script.token.push(reset, status(503));
    expect((await tokenOf(world)).value).toBe('token-1');
  });

  it('leaves room for another try when the first hangs', async () => {
    const world = createWorld();
    world.script.token.push(world.hang);
    expect((await tokenOf(world)).value).toBe('token-1');
  });

  it('is a timeout when every try hangs', async () => {
    const world = createWorld();
    world.script.token.push(world.hang, world.hang, world.hang);
    expect(await failureOf(world, 60_000)).toMatchObject({
      kind: 'upstream-timeout',
      issues: [{ code: 'timeout' }],
    });
  });

  it('opens the circuit after five failed calls, until ten seconds have passed', async () => {
    const world = createWorld();
    for (let n = 0; n < 15; n += 1) world.script.token.push(status(500));
    for (let n = 0; n < 5; n += 1) expect((await failureOf(world)).kind).toBe('upstream-refused');
    expect(await failureOf(world)).toMatchObject({ kind: 'unavailable', retryAfter: 10 });
    expect(world.tokenCalls).toHaveLength(15);
    world.time.advance(10_000);
    expect((await tokenOf(world)).value).toBe('token-1');
  });
});

describe('a clock that differs from that of HelseID', () => {
  it.each([-3_600_000, -8_000, 8_000, 90_000])('by %d ms is found out by one refusal', async (ahead) => {
    const world = createWorld({ ahead });
    const token = await tokenOf(world);
    const headers = await world.helseId.authorize(token, { method: 'POST', url: ISSUER });
    const payload = JSON.parse(atob(headers['DPoP']?.split('.')[1] ?? ''));
    expect(Math.abs(payload.iat * 1000 - (world.time.clock() + ahead))).toBeLessThan(2000);
  });

  it('is not corrected for a difference that is noise, nor without a refusal', async () => {
    const world = createWorld({ ahead: 5000 });
    await tokenOf(world);
    expect(world.tokenCalls[1]?.assertion['iat']).toBe(Math.floor(world.time.clock() / 1000));
  });
});

describe('a proof for an API call', () => {
  it('has the URL without query and fragment', () => {
    expect(htuOf('https://api.test/a/B?x=1&y=2#z')).toBe('https://api.test/a/B');
  });
});

describe('the settings', () => {
  const good: HelseIdSettings = {
    issuer: ISSUER,
    clientId: CLIENT_ID,
    privateKey: JSON.stringify(PRIVATE_JWK),
    tenancy: 'none',
  };

  it('take a private key as JWK or PEM, RSA or EC', async () => {
    for (const alg of ['PS256', 'ES256', 'ES384']) {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      const checked = await checkHelseIdSettings({ ...good, privateKey: await exportPKCS8(privateKey) });
      expect(checked).toEqual({ ok: true, value: undefined });
    }
    expect((await checkHelseIdSettings(good)).ok).toBe(true);
    await expect(importJWK(PRIVATE_JWK, 'ES256')).resolves.toBeDefined();
  });

  it.each<[string, Partial<HelseIdSettings>]>([
    ['HELSEID_PRIVATE_KEY', { privateKey: 'secret' }],
    ['HELSEID_PRIVATE_KEY', { privateKey: '{"kty":"oct","k":"c2VjcmV0","d":"x"}' }],
    ['HELSEID_PRIVATE_KEY', { privateKey: '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----' }],
    ['HELSEID_ISSUER', { issuer: 'helseid' }],
    ['HELSEID_ISSUER', { issuer: `${ISSUER}?x` }],
    ['HELSEID_ORGANIZATION_PARENT', { tenancy: 'multi-tenant' }],
    ['HELSEID_ORGANIZATION_PARENT', { parentOrg: '12048645510' }],
    ['HELSEID_ORGANIZATION_CHILD', { childOrg: 'x' }],
    ['60 seconds', { assertionLifetime: 61 }],
  ])('are refused in one sentence that names %s and tells no secret', async (name, more) => {
    const checked = await checkHelseIdSettings({ ...good, ...more });
    expect(checked.ok ? '' : checked.failure).toContain(name);
    expect(checked.ok ? '' : checked.failure).not.toMatch(/secret|12048645510/);
  });

  it('that cannot be used make a failure at the call, not an exception', async () => {
    const world = createWorld({ settings: { privateKey: 'secret' } });
    expect(await failureOf(world)).toMatchObject({ kind: 'internal' });
  });
});
