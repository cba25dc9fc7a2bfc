import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeSystem } from '../../../src/canonical.ts';
import { createPvkClient, type PvkClientOptions } from '../../../src/systems/helsenorge/client.ts';
import type { JsonValue } from '../../../src/systems/system.ts';
import {
  BASE,
  createWorld,
  html,
  json,
  notConnected,
  READ,
  reset,
  type Step,
  status,
  type WorldOptions,
  WRITE,
} from '../upstream/national-world.ts';

const SETT: JsonValue = {
  innbyggerFnr: '12048645510',
  definisjonGuid: '3fe2a80a-4200-42e2-817b-da8a6236708a',
  definisjonNavn: 'Samtykke til oppbevaring av biomateriale',
  partKode: 'NFS',
  typePi: 'samtykke',
  aktiv: true,
};

const SETT_URL = `${BASE}/personvern/Personverninnstillinger/SettInnbyggersPersonvernInnstilling/v2`;
const GUID = '56a8756c-49f7-4cb9-bfc0-ba282baf0f83';

const setUp = (options: WorldOptions & Pick<PvkClientOptions, 'breaker' | 'log'> = {}, ...steps: Step[]) => {
  const world = createWorld(options);
  const pvk = createPvkClient({
    settings: { baseUrl: BASE },
    helseId: world.helseId,
    fetch: world.fetch,
    clock: world.time.clock,
    timer: world.time.timer,
    random: () => 0,
    ...(options.breaker === undefined ? {} : { breaker: options.breaker }),
    ...(options.log === undefined ? {} : { log: options.log }),
  });
  world.script.api.push(...steps);
  return {
    ...world,
    pvk,
    sett: (more: { repeat?: boolean; allowed?: number } = {}) =>
      pvk.sett(SETT, { ...world.context(more.allowed), repeat: more.repeat ?? false }),
    sjekk: () =>
      pvk.sjekk(
        { innbyggerFnr: '12048645510', definisjonGuid: GUID, definisjonNavn: 'x', partKode: 'PDMR' },
        world.context(),
      ),
    page: (pagingReference = 0) =>
      pvk.hentAktive({ definisjonGuid: GUID, partKode: 'norpreg', pagingReference }, world.context()),
    all: () => pvk.hentAlleAktive({ definisjonGuid: GUID, partKode: 'norpreg' }, world.context(60_000)),
  };
};

type Setup = ReturnType<typeof setUp>;

const refusalOf = async (set: Setup, more?: { repeat?: boolean; allowed?: number }) => {
  const result = await set.sett(more);
  if (result.ok) throw new Error('accepted');
  const { fate, failure } = result.failure;
  expect(JSON.stringify(failure)).not.toContain('12048645510');
  return {
    fate,
    kind: failure.kind,
    code: failure.issues[0]?.code,
    details: failure.issues[0]?.details,
    failure,
  };
};

const done = (instansEndret: string, returKode = 'ok') => status(200, { returKode, instansEndret });
const unauthorized = status(401, {
  code: 'EHSEC-110002',
  message: 'Token is expired or invalid',
  errorCategory: 'x',
});
const cut: Step = () => new Response('{"returKode":"o', { headers: { 'Content-Type': 'application/json' } });
const plain: Step = () => new Response('{"returKode":"ok","instansEndret":"endret"}');

describe('the Sett call', () => {
  it('is the documented request, with only the documented headers', async () => {
    const set = setUp();
    await set.sett();
    expect(set.apiCalls).toHaveLength(1);
    const { method, url, headers, body } = set.apiCalls[0] ?? {};
    expect({ method, url }).toEqual({ method: 'POST', url: SETT_URL });
    expect(headers).toEqual({
      authorization: 'DPoP token-1',
      dpop: expect.any(String),
      'content-type': 'application/json',
      accept: 'application/json',
    });
    expect(body).toBe(JSON.stringify(SETT));
  });

  it('asks for the writing scope alone, and tells the request id to the exchange log alone', async () => {
    const set = setUp();
    await set.sett();
    expect(new Set(set.tokenCalls.map(({ form }) => form.get('scope')))).toEqual(new Set([WRITE]));
    expect(set.apiCalls[0]?.requestId).toBe('request-1');
  });

  it('gets one token for a hundred calls at once, each with a proof of its own', async () => {
    const set = setUp();
    const results = await Promise.all(Array.from({ length: 100 }, () => set.sett()));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(set.tokenCalls).toHaveLength(2);
    expect(new Set(set.apiCalls.map(({ proof }) => proof?.['jti'])).size).toBe(100);
  });

  it('says whether something changed', async () => {
    expect(await setUp({}, done('endret')).sett()).toEqual({
      ok: true,
      value: { effect: 'changed', issues: [] },
    });
    expect(await setUp({}, done('ikkeEndret')).sett()).toMatchObject({ value: { effect: 'unchanged' } });
  });

  it('reads the result key in any letter case', async () => {
    const lower = status(200, { returkode: 'ok', instansEndret: 'ikkeEndret' });
    expect(await setUp({}, lower).sett()).toMatchObject({ value: { effect: 'unchanged' } });
  });

  it('warns of members that are not documented', async () => {
    const more = status(200, { returKode: 'ok', instansEndret: 'endret', nyttFelt: 1 });
    const result = await setUp({}, more).sett();
    expect(result.ok && result.value.issues[0]).toMatchObject({ severity: 'warning' });
    expect(result.ok && result.value.issues[0]?.diagnostics).toContain('nyttFelt');
  });

  it('takes 200 with ikkeOk for a refusal and does not repeat it', async () => {
    const set = setUp({}, done('ikkeEndret', 'ikkeOk'));
    expect(await refusalOf(set)).toMatchObject({
      fate: 'refused',
      kind: 'upstream-refused',
      code: 'processing',
    });
    expect(set.apiCalls).toHaveLength(1);
  });

  it('throws for a planned request that is none: a bug', async () => {
    const set = setUp();
    await expect(set.pvk.sett({ no: 'sett' }, { ...set.context(), repeat: false })).rejects.toThrow();
  });
});

describe('what PVK refuses', () => {
  it.each([
    ['EPVK-101518', 'unprocessable', 'not-found', ['Consent.patient']],
    ['EPVK-101500', 'unprocessable', 'business-rule', ['Consent.policyRule', 'Consent.organization']],
    ['EPVK-109999', 'unprocessable', 'processing', undefined],
  ])('%s is refused as %s/%s, whatever the status, and never tried again', async (code, kind, issue, at) => {
    for (const http of [400, 404, 422, 500]) {
      const set = setUp({}, status(http, { code, message: 'om 12048645510', errorCategory: 'x' }));
      const refused = await refusalOf(set);
      expect(refused).toMatchObject({ fate: 'refused', kind, code: issue });
      expect(refused.details).toEqual({ system: codeSystem('pvk-error'), code });
      expect(refused.failure.issues[0]?.expression).toEqual(at);
      expect(set.apiCalls).toHaveLength(1);
    }
  });

  it('is read in the documented spelling of the error body too', async () => {
    const set = setUp({}, status(400, { Code: 'EPVK-101518', Message: 'x' }));
    expect((await refusalOf(set)).code).toBe('not-found');
  });

  it('a 400 without a code is a 502: the mapping should have known better', async () => {
    const set = setUp({}, status(400, { code: 12048645510, message: '12048645510' }));
    expect(await refusalOf(set)).toMatchObject({
      fate: 'refused',
      kind: 'upstream-refused',
      code: 'processing',
    });
    expect(set.apiCalls).toHaveLength(1);
  });

  it('a code that is none is not repeated in the answer', async () => {
    const set = setUp({}, status(400, { code: 'EPVK-12048645510' }));
    expect((await refusalOf(set)).code).toBe('processing');
  });

  it('a 403 without a security code is forbidden, and never tried again', async () => {
    const set = setUp({}, status(403));
    expect(await refusalOf(set)).toMatchObject({ fate: 'refused', kind: 'forbidden', code: 'forbidden' });
    expect(set.apiCalls).toHaveLength(1);
  });

  it('names the CorrelationId that the support of Helsenorge asks for, when it is a GUID', async () => {
    const correlation = '0b7c1f7e-6f0d-4e1c-9a55-0f2b6d1f7a10';
    const told = setUp({}, status(403, undefined, { CorrelationId: correlation }));
    expect((await refusalOf(told)).failure.issues[0]?.diagnostics).toContain(correlation);
    const odd = setUp({}, status(403, undefined, { CorrelationId: '12048645510' }));
    await refusalOf(odd);
  });

  it('a redirect is not followed', async () => {
    const set = setUp({}, status(302, undefined, { Location: 'https://elsewhere.test/' }));
    expect(await refusalOf(set)).toMatchObject({ fate: 'refused', kind: 'upstream-refused' });
    expect(set.apiCalls).toHaveLength(1);
  });
});

describe('a token or proof that PVK does not accept', () => {
  it.each([
    ['401 with a code', unauthorized],
    ['401 without a body', status(401)],
    ['403 with a security code', status(403, { code: 'SEC-110000' })],
  ])('(%s) is replaced by a fresh one, once', async (_name, step) => {
    const set = setUp({}, step, done('ikkeEndret'));
    expect(await set.sett()).toMatchObject({ ok: true, value: { effect: 'unchanged' } });
    expect(set.apiCalls.map(({ token }) => token)).toEqual(['token-1', 'token-2']);

    const twice = setUp({}, step, step);
    expect(await refusalOf(twice)).toMatchObject({
      fate: 'refused',
      kind: 'upstream-refused',
      code: 'security',
    });
    expect(twice.apiCalls).toHaveLength(2);
  });

  it('is named by its code when it has one', async () => {
    const { details } = await refusalOf(setUp({}, unauthorized, unauthorized));
    expect(details).toEqual({ system: codeSystem('pvk-error'), code: 'EHSEC-110002' });
  });

  it('costs one renewal for all calls that had it', async () => {
    const steps = Array.from({ length: 10 }, () => unauthorized);
    const set = setUp({}, ...steps);
    const results = await Promise.all(Array.from({ length: 10 }, () => set.sett()));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(new Set(set.apiCalls.map(({ token }) => token))).toEqual(new Set(['token-1', 'token-2']));
  });

  it('may be due to the clock, which is then corrected by that of HelseID', async () => {
    const set = setUp({ ahead: 5000 }, unauthorized);
    expect((await set.sett()).ok).toBe(true);
    const [first, second] = set.apiCalls.map(({ proof }) => Number(proof?.['iat']));
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(5);
  });

  it('is proven with the nonce that the API itself asks for, which is then remembered', async () => {
    const challenge = { 'DPoP-Nonce': 'api-1', 'WWW-Authenticate': 'DPoP error="use_dpop_nonce"' };
    const set = setUp({}, status(401, undefined, challenge));
    expect((await set.sett()).ok).toBe(true);
    await set.sett();
    expect(set.apiCalls.map(({ proof }) => proof?.['nonce'])).toEqual([undefined, 'api-1', 'api-1']);
    expect(new Set(set.apiCalls.map(({ token }) => token)).size).toBe(1);
  });

  it('is given up when the API asks for a nonce again and again', async () => {
    const challenge = { 'DPoP-Nonce': 'api-1', 'WWW-Authenticate': 'DPoP error="use_dpop_nonce"' };
    const step = status(401, undefined, challenge);
    const set = setUp({}, step, step, step, step);
    expect(await refusalOf(set)).toMatchObject({
      fate: 'refused',
      kind: 'upstream-refused',
      code: 'security',
    });
    expect(set.apiCalls).toHaveLength(3);
  });

  it('is not proven at all in bearer mode', async () => {
    const set = setUp({ settings: { authMode: 'bearer' } });
    await set.sett();
    expect(set.apiCalls[0]?.headers).not.toHaveProperty('dpop');
    expect(set.apiCalls[0]?.headers['authorization']).toBe('Bearer token-1');
  });
});

describe('trouble on the way to PVK', () => {
  it.each([429, 500, 502, 503, 504])(
    'status %d is tried three times, then a 502 that may pass',
    async (http) => {
      const step = status(http);
      const set = setUp({}, step, step, step, step);
      expect(await refusalOf(set)).toMatchObject({
        fate: 'refused',
        kind: 'upstream-refused',
        code: 'transient',
      });
      expect(set.apiCalls).toHaveLength(3);
      expect(new Set(set.apiCalls.map(({ body }) => body)).size).toBe(1);
      expect(new Set(set.apiCalls.map(({ proof }) => proof?.['jti'])).size).toBe(3);
    },
  );

  it('is over with the first try that succeeds', async () => {
    const set = setUp({}, status(503), html, done('endret'));
    expect(await set.sett()).toMatchObject({ value: { effect: 'changed' } });
  });

  it('waits as Retry-After says', async () => {
    const set = setUp({}, status(429, undefined, { 'Retry-After': '2' }));
    await set.sett();
    expect(set.time.waits).toContain(2000);
  });

  it('passes a Retry-After on that does not fit before the deadline', async () => {
    const set = setUp({}, status(429, undefined, { 'Retry-After': '60' }));
    expect((await refusalOf(set)).failure.retryAfter).toBe(60);
    expect(set.apiCalls).toHaveLength(1);
  });

  it.each<[string, Step]>([
    ['a dropped connection', reset],
    ['an answer cut in the middle', cut],
    ['an answer of another media type', plain],
    ['an answer without what it must say', status(200, { returKode: 'ok' })],
    ['an answer without content', status(204)],
  ])('%s on every try leaves the fate of the write unknown', async (_name, step) => {
    const set = setUp({}, step, step, step, step);
    const refused = await refusalOf(set);
    expect(refused).toMatchObject({ fate: 'unknown', kind: 'upstream-timeout', code: 'transient' });
    expect(refused.failure.issues[0]?.diagnostics).toContain('same X-Request-ID');
    expect(set.apiCalls).toHaveLength(3);
  });

  it('a hanging service leaves the fate of the write unknown, within the deadline', async () => {
    const set = setUp();
    set.script.api.push(set.hang, set.hang, set.hang);
    const before = set.time.clock();
    expect(await refusalOf(set)).toMatchObject({
      fate: 'unknown',
      kind: 'upstream-timeout',
      code: 'transient',
    });
    expect(set.time.clock() - before).toBeLessThanOrEqual(10_000);
    expect(set.apiCalls).toHaveLength(3);
  });

  it('one unanswered try is enough to leave it unknown', async () => {
    const set = setUp({}, reset, status(500), status(500));
    expect(await refusalOf(set)).toMatchObject({
      fate: 'unknown',
      kind: 'upstream-timeout',
      code: 'transient',
    });
  });

  it('a refusal after an unanswered try is believed only when Sjekk says that nothing was set', async () => {
    const denied = status(403, {});
    const set = setUp({}, reset, denied, status(200, { aktiv: false }));
    expect(await refusalOf(set)).toMatchObject({ fate: 'refused', kind: 'forbidden' });
    expect(set.apiCalls.at(-1)?.url).toContain('SjekkInnbyggersPiStatus');
    const acted = setUp({}, reset, denied, status(200, { aktiv: true }));
    expect(await acted.sett()).toMatchObject({ ok: true, value: { effect: 'unknown' } });
    const silent = setUp({}, reset, denied, reset, reset, reset);
    expect(await refusalOf(silent)).toMatchObject({ fate: 'unknown', kind: 'upstream-timeout' });
    const nobody = setUp(
      {},
      reset,
      status(400, { code: 'EPVK-101518' }),
      status(400, { code: 'EPVK-101518' }),
    );
    expect(await refusalOf(nobody)).toMatchObject({ fate: 'refused', kind: 'unprocessable' });
  });

  it('a connection that was never made is a 503: nothing was sent', async () => {
    const set = setUp({}, notConnected, notConnected, notConnected);
    expect(await refusalOf(set)).toMatchObject({ fate: 'refused', kind: 'unavailable', code: 'transient' });
  });

  it('no token means that nothing was sent', async () => {
    const set = setUp();
    set.script.token.push(status(400, { error: 'invalid_scope' }));
    const refused = await refusalOf(set);
    expect(refused).toMatchObject({ fate: 'refused', kind: 'upstream-refused', code: 'security' });
    expect(refused.details?.code).toBe('invalid_scope');
    expect(set.apiCalls).toEqual([]);
  });

  it('no time left means that nothing was sent', async () => {
    const set = setUp();
    expect(await refusalOf(set, { allowed: 0 })).toMatchObject({ fate: 'refused', kind: 'upstream-timeout' });
    expect(set.apiCalls).toEqual([]);
    expect(set.tokenCalls).toEqual([]);
  });
});

describe('whether ikkeEndret can be believed', () => {
  it.each<[string, Step]>([
    ['a dropped connection', reset],
    ['a server error', status(500)],
    ['a broken answer', cut],
  ])('not after %s, whose try may have made the change', async (_name, step) => {
    const set = setUp({}, step, done('ikkeEndret'));
    expect(await set.sett()).toMatchObject({ value: { effect: 'unknown' } });
  });

  it.each<[string, Step]>([
    ['429', status(429)],
    ['a refused token', unauthorized],
    ['a connection never made', notConnected],
  ])('yes after %s, which made none', async (_name, step) => {
    const set = setUp({}, step, done('ikkeEndret'));
    expect(await set.sett()).toMatchObject({ value: { effect: 'unchanged' } });
  });

  it('not when the call itself repeats an earlier one', async () => {
    expect(await setUp({}, done('ikkeEndret')).sett({ repeat: true })).toMatchObject({
      value: { effect: 'unknown' },
    });
    expect(await setUp({}, done('endret')).sett({ repeat: true })).toMatchObject({
      value: { effect: 'changed' },
    });
  });
});

describe('a repeat of a write whose fate is open', () => {
  it('stays open unless PVK judges the request', async () => {
    const steps: Step[] = [status(500), status(429), notConnected, unauthorized];
    for (const step of steps) {
      expect(await refusalOf(setUp({}, step, step, step), { repeat: true })).toMatchObject({
        fate: 'unknown',
      });
    }
    expect(await refusalOf(setUp(), { repeat: true, allowed: 0 })).toMatchObject({ fate: 'unknown' });
    const unknown = status(400, { code: 'EPVK-101518' });
    const judged = setUp({}, unknown, unknown);
    expect(await refusalOf(judged, { repeat: true })).toMatchObject({ fate: 'refused' });
  });
});

describe('the circuit to PVK', () => {
  const failing = async (set: Setup) => {
    for (let n = 0; n < 5; n += 1) {
      set.script.api.push(status(503), status(503), status(503));
      await set.sett();
    }
  };

  it('opens after five failed calls; a write is then refused with 503 and Retry-After', async () => {
    const set = setUp();
    await failing(set);
    const calls = set.apiCalls.length;
    const refused = await refusalOf(set);
    expect(refused).toMatchObject({ fate: 'refused', kind: 'unavailable', code: 'transient' });
    expect(refused.failure.retryAfter).toBe(10);
    expect(set.apiCalls).toHaveLength(calls);
    set.time.advance(10_000);
    expect((await set.sett()).ok).toBe(true);
  });

  it('leaves the fate of a repeated write open', async () => {
    const set = setUp();
    await failing(set);
    const refused = await refusalOf(set, { repeat: true });
    expect(refused).toMatchObject({ fate: 'unknown', code: 'transient' });
    expect(refused.failure.retryAfter).toBe(10);
  });

  it('is not opened by refusals, by throttling or by trouble with HelseID', async () => {
    const set = setUp();
    for (let n = 0; n < 6; n += 1) {
      set.script.api.push(status(400, { code: 'EPVK-101500' }));
      await set.sett();
    }
    for (let n = 0; n < 6; n += 1) {
      set.script.api.push(status(429), status(429), status(429));
      await set.sett();
    }
    set.helseId.reset();
    for (let n = 0; n < 4; n += 1) {
      set.script.token.push(status(500), status(500), status(500));
      await set.sett();
    }
    expect((await set.sett()).ok).toBe(true);
  });

  it('is closed by a reset', async () => {
    const set = setUp();
    await failing(set);
    set.pvk.reset();
    expect((await set.sett()).ok).toBe(true);
  });
});

describe('the reads', () => {
  const entry = {
    innbyggerFnr: '13116900216',
    sekvensnummer: 1,
    opprettetTidspunkt: '2025-06-19T10:00:00Z',
    sistEndretTidspunkt: '2025-06-19T10:00:00Z',
  };
  const pageOf = (pagingReference: number, ...personvernInnstillinger: unknown[]): Step =>
    status(200, { definisjonGuid: GUID.toUpperCase(), pagingReference, personvernInnstillinger });

  it('Sjekk asks about one citizen by POST, with the reading scope', async () => {
    const set = setUp({}, status(200, { aktiv: true, sekvensnummer: '3' }));
    expect(await set.sjekk()).toEqual({ ok: true, value: { aktiv: true, sekvensnummer: 3 } });
    expect(set.apiCalls[0]).toMatchObject({
      method: 'POST',
      url: `${BASE}/personvern/Personverninnstillinger/SjekkInnbyggersPiStatus/v2`,
    });
    expect(new Set(set.tokenCalls.map(({ form }) => form.get('scope')))).toEqual(new Set([READ]));
  });

  it('HentInnbyggersPiForPart gives the list of a citizen', async () => {
    const set = setUp({}, () => json([{ definisjonGuid: GUID, aktiv: true }]));
    const query = { innbyggerFnr: '13116900216', partKode: 'PDMR' };
    expect(await set.pvk.hentForPart(query, set.context())).toMatchObject({
      value: [{ definisjonGuid: GUID }],
    });
    expect(set.apiCalls[0]?.body).toBe('{"innbyggerFnr":"13116900216","partKode":"PDMR"}');
  });

  it('HentInnbyggereAktivePiForDefinisjon is a GET whose proof leaves the query out', async () => {
    const set = setUp({}, pageOf(0, entry));
    expect((await set.page()).ok).toBe(true);
    const path = `${BASE}/personvern/Personverninnstillinger/HentInnbyggereAktivePiForDefinisjon/v2`;
    expect(set.apiCalls[0]?.method).toBe('GET');
    expect(set.apiCalls[0]?.url).toBe(`${path}?definisjonGuid=${GUID}&partKode=norpreg&pagingReference=0`);
    expect(set.apiCalls[0]?.proof?.['htu']).toBe(path);
    expect(set.apiCalls[0]?.headers).not.toHaveProperty('content-type');
  });

  it('follow the pages until the reference is 0, with a pause between them', async () => {
    const set = setUp({}, pageOf(7, entry), pageOf(9, entry), pageOf(0, entry));
    const all = await set.all();
    expect(all.ok && all.value.personvernInnstillinger).toHaveLength(3);
    const references = set.apiCalls.map(({ url }) => new URL(url).searchParams.get('pagingReference'));
    expect(references).toEqual(['0', '7', '9']);
    expect(set.time.waits).toEqual([100, 100]);
  });

  it.each<[string, Step[]]>([
    ['a page that refers to itself', [pageOf(7, entry), pageOf(7, entry)]],
    ['pages that go in a circle', [pageOf(7), pageOf(8), pageOf(7)]],
    [
      'a page about another definition',
      [
        status(200, {
          definisjonGuid: '3fe2a80a-4200-42e2-817b-da8a6236708a',
          pagingReference: 0,
          personvernInnstillinger: [],
        }),
      ],
    ],
  ])('stop at %s with 502', async (_name, steps) => {
    const set = setUp({}, ...steps);
    expect(await set.all()).toMatchObject({
      failure: { kind: 'upstream-refused', issues: [{ code: 'processing' }] },
    });
    expect(set.apiCalls).toHaveLength(steps.length);
  });

  it('give no list at all when one of its pages fails', async () => {
    const set = setUp({}, pageOf(7, entry), status(500), status(500), status(500));
    expect(await set.all()).toMatchObject({ ok: false, failure: { kind: 'upstream-refused' } });
  });

  it.each<[string, Step, string, string]>([
    ['a dropped connection', reset, 'unavailable', 'transient'],
    ['a connection never made', notConnected, 'unavailable', 'transient'],
    ['server errors', status(500), 'upstream-refused', 'transient'],
    ['a broken answer', cut, 'upstream-refused', 'processing'],
    ['another media type', plain, 'upstream-refused', 'processing'],
    ['no access', status(403), 'forbidden', 'forbidden'],
  ])('fail for %s', async (_name, step, kind, code) => {
    const set = setUp({}, step, step, step);
    expect(await set.sjekk()).toMatchObject({ ok: false, failure: { kind, issues: [{ code }] } });
  });

  it('fail with a timeout when the service hangs', async () => {
    const set = setUp();
    set.script.api.push(set.hang, set.hang, set.hang);
    expect(await set.sjekk()).toMatchObject({
      ok: false,
      failure: { kind: 'upstream-timeout', issues: [{ code: 'timeout' }] },
    });
  });

  it('name no element of a resource when PVK refuses them', async () => {
    const refused = await setUp({}, status(400, { code: 'EPVK-101518' })).sjekk();
    expect(refused.ok ? {} : refused.failure.issues[0]).not.toHaveProperty('expression');
  });

  it('log the names of members that are not documented', async () => {
    const logged: unknown[] = [];
    const set = setUp(
      { log: (...line) => logged.push(line) },
      status(200, { aktiv: true, nytt: '12048645510' }),
    );
    await set.sjekk();
    expect(logged).toEqual([
      ['warn', 'undocumented members in an answer', { operation: 'sjekk', members: 'nytt' }],
    ]);
  });
});

describe('the preview', () => {
  it('is what would be sent, with placeholders for token and proof, and sends nothing', async () => {
    const set = setUp();
    const preview = set.pvk.preview(SETT);
    expect(preview).toEqual({
      method: 'POST',
      url: SETT_URL,
      headers: {
        Authorization: 'DPoP <access token>',
        DPoP: '<DPoP proof>',
        'Content-Type': 'application/json',
        Accept: 'application/json',
      },
      body: JSON.stringify(SETT),
    });
    expect([...set.tokenCalls, ...set.apiCalls]).toEqual([]);
    await set.sett();
    const sent = set.apiCalls[0];
    expect(sent?.body).toBe(preview.body);
    expect(Object.keys(sent?.headers ?? {}).sort()).toEqual(
      Object.keys(preview.headers)
        .map((name) => name.toLowerCase())
        .sort(),
    );
  });

  it('has no proof in bearer mode', () => {
    const { headers } = setUp({ settings: { authMode: 'bearer' } }).pvk.preview(SETT);
    expect(headers).not.toHaveProperty('DPoP');
    expect(headers['Authorization']).toBe('Bearer <access token>');
  });
});

describe('any run of answers', () => {
  const STEPS: Readonly<Record<string, Step>> = {
    endret: done('endret'),
    ikkeEndret: done('ikkeEndret'),
    ikkeOk: done('ikkeEndret', 'ikkeOk'),
    reset,
    cut,
    html,
    plain,
    unauthorized,
    notConnected,
    denied: status(403),
    throttled: status(429),
    epvk: status(400, { code: 'EPVK-101500', message: '12048645510' }),
  };
  /** After these nobody can know, unless a later answer says so. */
  const UNANSWERED = new Set(['reset', 'cut', 'plain']);

  it('ends within four tries and as many to ask, never calls a write refused that may have been done, and leaks no number', async () => {
    const names = fc.array(fc.constantFrom(...Object.keys(STEPS)), { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(names, fc.boolean(), async (run, repeat) => {
        const set = setUp({}, ...run.flatMap((name) => STEPS[name] ?? []));
        const result = await set.sett({ repeat });
        const used = run.slice(0, set.apiCalls.length);
        const last = used.at(-1) ?? '';
        expect(used.length).toBeLessThanOrEqual(8);
        expect(JSON.stringify(result)).not.toContain('12048645510');
        if (result.ok) {
          expect(['endret', 'ikkeEndret']).toContain(last);
          return;
        }
        const unsure = repeat || used.some((name) => UNANSWERED.has(name));
        if (!unsure) expect(result.failure.fate).toBe('refused');
        // Then only PVK's word that there is nothing to know settles it.
        else if (result.failure.fate === 'refused') expect(last).toBe('epvk');
      }),
      { numRuns: 60 },
    );
  });
});
