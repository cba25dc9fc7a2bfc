import { exportJWK, type JWK } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OPEN_GRANTS } from '../../../src/systems/helsenorge/simulator-settings.ts';
import { type ApiCall, bodyOf, keyPair } from '../simulation/actor.ts';
import {
  activeUrl,
  type Keys,
  type PvkFixture,
  pvkFixture,
  REGISTRERING,
  SAMTYKKE,
  SETT,
} from './pvk-fixture.ts';

let keys: Keys;
let at: PvkFixture;

beforeAll(async () => {
  keys = { client: await keyPair(), dpop: await keyPair() };
});

beforeEach(async () => {
  at = await pvkFixture(keys);
});

const refusalOf = async (answer: Response) => {
  const { code, message } = await bodyOf(answer);
  return { status: answer.status, code, message };
};

const MISLEADING = { status: 401, code: 'EHSEC-110002', message: 'Token is expired or invalid' };

describe('DPoP proof of an API call', () => {
  const now = () => Math.floor(at.clock.read() / 1_000);

  it.each<[string, () => Partial<ApiCall> | Promise<Partial<ApiCall>>]>([
    ['Malformed DPoP token.', () => ({ proof: null })],
    ['Malformed DPoP token.', () => ({ proof: 'abc' })],
    ['Malformed DPoP token.', () => ({ proof: 'a.b.c' })],
    ["Invalid 'typ' value.", () => ({ proofHeader: { typ: 'jwt' } })],
    ["Invalid 'alg' value.", () => ({ proofHeader: { alg: 'HS256' }, proofKey: new Uint8Array(32) })],
    ["Invalid 'jwk' value.", () => ({ proofHeader: { jwk: undefined } })],
    ["Invalid 'jwk' value.", () => ({ proofHeader: { jwk: { kty: 'EC' } } })],
    [
      "'jwk' value contains a private key.",
      async () => ({ proofHeader: { jwk: await exportJWK(keys.dpop.privateKey) } }),
    ],
    [
      "Failed to validate the 'cnf' claim value against the DPoP proof's public key",
      async () => {
        const other = await keyPair();
        return { proofHeader: { jwk: other.jwk }, proofKey: other.privateKey };
      },
    ],
    ['Invalid signature on DPoP token.', async () => ({ proofKey: (await keyPair()).privateKey })],
    ["Invalid 'ath' value.", () => ({ proofClaims: { ath: undefined } })],
    ["Invalid 'ath' value.", () => ({ proofClaims: { ath: 'x' } })],
    ["Invalid or missing 'jti' value.", () => ({ proofClaims: { jti: undefined } })],
    ["Invalid 'htm' value.", () => ({ proofClaims: { htm: undefined } })],
    ["Invalid 'htm' value.", () => ({ proofClaims: { htm: 'GET' } })],
    ["Invalid 'htu' value.", () => ({ proofClaims: { htu: undefined } })],
    ["Invalid 'htu' value.", () => ({ proofClaims: { htu: SETT.toLowerCase() } })],
    ["Missing 'iat' value.", () => ({ proofClaims: { iat: undefined } })],
    ["Invalid 'iat' value.", () => ({ proofClaims: { iat: now() - 7 } })],
    ["Invalid 'iat' value.", () => ({ proofClaims: { iat: now() + 6 } })],
    ["Invalid 'iat' value.", () => ({ proofClaims: { iat: 'x' } })],
  ])('is refused: %s', async (message, call) => {
    const answer = await at.send(at.pvk(), SETT, SAMTYKKE, await call());
    expect(answer.headers.get('www-authenticate')).toBe('DPoP error="invalid_dpop_proof"');
    expect(await refusalOf(answer)).toEqual({ status: 401, code: 'EHSEC-110002', message });
  });

  it('is good for one second, with five seconds of skew each way', async () => {
    for (const iat of [now() - 6, now() + 5])
      expect((await at.send(at.pvk(), SETT, SAMTYKKE, { proofClaims: { iat } })).status).toBe(200);
  });

  it('is good once', async () => {
    const simulator = at.pvk();
    const token = await at.token();
    const call = { token, proofClaims: { jti: 'the same' } };
    expect((await at.send(simulator, SETT, SAMTYKKE, call)).status).toBe(200);
    expect((await refusalOf(await at.send(simulator, SETT, SAMTYKKE, call))).message).toBe(
      'Detected a DPoP proof token replay.',
    );
    at.clock.advance(11_000);
    expect((await at.send(simulator, SETT, SAMTYKKE, call)).status).toBe(200);
  });

  it('is refused with a token that is bound to no key', async () => {
    const bearer = await at.actor.accessToken(at.helseid({ proof: 'optional' }).fetch, { proof: null });
    expect((await refusalOf(await at.send(at.pvk(), SETT, SAMTYKKE, { token: bearer }))).message).toBe(
      "Missing 'cnf' claim in access token",
    );
  });

  it('names a URL without its query; one with it can be switched on', async () => {
    const url = activeUrl(REGISTRERING, 0);
    expect((await at.send(at.pvk(), url)).status).toBe(200);
    const whole = { proofClaims: { htu: url } };
    expect((await refusalOf(await at.send(at.pvk(), url, undefined, whole))).message).toBe(
      "Invalid 'htu' value.",
    );
    const accepting = at.pvk({ htuWithQuery: 'accept' });
    expect((await at.send(accepting, url, undefined, whole)).status).toBe(200);
    expect((await at.send(accepting, url)).status).toBe(200);
  });
});

describe('access token', () => {
  it('is refused when it is missing, in another scheme, or not from the issuer', async () => {
    const token = await at.token();
    const bare = new Request(SETT, { method: 'POST', body: '{}' });
    expect(await refusalOf(await at.pvk()(bare))).toEqual(MISLEADING);
    for (const call of [{ scheme: 'Basic' }, { token: `${token}x` }, { token: 'a.b.c' }])
      expect(await refusalOf(await at.send(at.pvk(), SETT, SAMTYKKE, { token, ...call }))).toEqual(
        MISLEADING,
      );
    for (const settings of [{ issuer: 'https://other.example' }, { audience: 'nhn:fullmakt' }])
      expect(await refusalOf(await at.send(at.pvk(settings), SETT, SAMTYKKE))).toEqual(MISLEADING);
  });

  it.each([401, 403] as const)('answers %i when it is expired, also one seen before', async (status) => {
    const simulator = at.pvk({ expiredTokenStatus: status });
    const token = await at.token();
    expect((await at.send(simulator, SETT, SAMTYKKE, { token })).status).toBe(200);
    at.clock.advance(60_000);
    expect(await refusalOf(await at.send(simulator, SETT, SAMTYKKE, { token }))).toEqual({
      ...MISLEADING,
      status,
    });
  });

  it('without an organisation number is refused with the misleading code, unless switched', async () => {
    const token = await at.token({ claims: { assertion_details: undefined } });
    expect(await refusalOf(await at.send(at.pvk(), SETT, SAMTYKKE, { token }))).toEqual(MISLEADING);
    const lenient = at.pvk({ tokenWithoutOrganization: 'accept' });
    expect((await at.send(lenient, SETT, SAMTYKKE, { token })).status).toBe(200);
  });

  it('as Bearer is refused unless switched', async () => {
    const call = { scheme: 'Bearer', proof: null };
    expect(await refusalOf(await at.send(at.pvk(), SETT, SAMTYKKE, call))).toEqual(MISLEADING);
    expect((await at.send(at.pvk({ bearer: 'accept' }), SETT, SAMTYKKE, call)).status).toBe(200);
  });

  it('is verified by a key that the issuer published after the simulator had asked', async () => {
    const published: { readonly keys: JWK[] } = { keys: [] };
    const simulator = at.pvk({}, OPEN_GRANTS, async () => published);
    expect((await at.send(simulator, SETT, SAMTYKKE)).status).toBe(401);
    published.keys.push(...(await at.helseid().jwks()).keys);
    expect((await at.send(simulator, SETT, SAMTYKKE)).status).toBe(200);
  });
});

describe('error body', () => {
  it('has code, message and errorCategory, all texts', async () => {
    const body = await bodyOf(await at.send(at.pvk(), SETT, SAMTYKKE, { token: 'x' }));
    expect(body).toEqual({
      code: 'EHSEC-110002',
      message: 'Token is expired or invalid',
      errorCategory: 'Security',
    });
  });

  it('can be switched to the documented form and code', async () => {
    const simulator = at.pvk({ errorKeys: 'Code', securityCode: 'SEC-110000' });
    const body = await bodyOf(await at.send(simulator, SETT, SAMTYKKE, { token: 'x' }));
    expect(body).toEqual({ Code: 'SEC-110000', Message: 'Token is expired or invalid' });
  });

  it('never repeats the number or anything else of the request', async () => {
    const wrong = { ...SAMTYKKE, innbyggerFnr: '12048645510x', typePi: 'samtykke' };
    const text = await (await at.send(at.pvk(), SETT, wrong)).text();
    expect(text).not.toContain('12048645510');
  });
});
