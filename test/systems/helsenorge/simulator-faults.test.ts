import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PVK_FAULT_KINDS } from '../../../src/systems/helsenorge/simulator-faults.ts';
import { bodyOf, keyPair } from '../simulation/actor.ts';
import {
  activeUrl,
  BIOMATERIALE,
  CITIZEN,
  FOR_PART,
  type Keys,
  type PvkFixture,
  pvkFixture,
  REGISTRERING,
  RESERVASJON,
  SAMTYKKE,
  SETT,
  SJEKK,
} from './pvk-fixture.ts';

let keys: Keys;
let at: PvkFixture;

beforeAll(async () => {
  keys = { client: await keyPair(), dpop: await keyPair() };
});

beforeEach(async () => {
  at = await pvkFixture(keys);
});

const sett = () => at.send(at.pvk(), SETT, SAMTYKKE);
const isSet = async () => {
  const question = { innbyggerFnr: CITIZEN, definisjonGuid: BIOMATERIALE };
  return (await bodyOf(await at.send(at.pvk(), SJEKK, question)))['aktiv'];
};

describe('faults of PVK', () => {
  it.each([
    ['EPVK-101500', 400, { code: 'EPVK-101500' }],
    ['epvk-101518', 400, { code: 'EPVK-101518' }],
    ['SEC-110000', 401, { code: 'SEC-110000' }],
    ['EHSEC-110002', 401, { code: 'EHSEC-110002' }],
    ['token-expired-401', 401, { code: 'EHSEC-110002' }],
    ['token-expired-403', 403, { code: 'EHSEC-110002' }],
    ['no-grant', 403, { code: 'SIM-0403' }],
    ['http-500', 500, { code: 'SIM-0500' }],
    ['http-503', 503, { code: 'SIM-0503' }],
    ['ikkeOk', 200, { returKode: 'ikkeOk', instansEndret: 'ikkeEndret' }],
  ])('%s answers %i, does nothing, and passes', async (kind, status, body) => {
    await at.faults.add('helsenorge', kind);
    const answer = await sett();
    expect([answer.status, await bodyOf(answer)]).toMatchObject([status, body]);
    expect(await isSet()).toBe(false);
    expect(await bodyOf(await sett())).toEqual({ returKode: 'ok', instansEndret: 'endret' });
  });

  it('unauthorized-empty answers 401 as JSON without a body, with its CorrelationId', async () => {
    await at.faults.add('helsenorge', 'unauthorized-empty');
    const answer = await sett();
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      401,
      'application/json',
      '',
    ]);
    expect(answer.headers.get('correlationid')).not.toBeNull();
  });

  it('http-429 answers without a body', async () => {
    await at.faults.add('helsenorge', 'http-429');
    const answer = await sett();
    expect([answer.status, await answer.text()]).toEqual([429, '']);
  });

  it('use-dpop-nonce asks for a nonce as RFC 9449 has it', async () => {
    await at.faults.add('helsenorge', 'use-dpop-nonce');
    const answer = await sett();
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'DPoP error="use_dpop_nonce"',
    ]);
    const nonce = answer.headers.get('dpop-nonce');
    expect(nonce).toMatch(/./);
    expect((await at.send(at.pvk(), SETT, SAMTYKKE, { proofClaims: { nonce } })).status).toBe(200);
  });

  it('ikke-ok waits for a call that gets past the token', async () => {
    await at.faults.add('helsenorge', 'ikke-ok');
    expect((await at.send(at.pvk(), SETT, SAMTYKKE, { token: 'x' })).status).toBe(401);
    expect(await bodyOf(await sett())).toMatchObject({ returKode: 'ikkeOk' });
  });

  it('result-key-lower writes returkode in lower case, once', async () => {
    await at.faults.add('helsenorge', 'result-key-lower');
    expect(await bodyOf(await sett())).toEqual({ returkode: 'ok', instansEndret: 'endret' });
    expect(Object.keys(await bodyOf(await sett()))).toContain('returKode');
    const always = at.pvk({ resultKey: 'returkode' });
    expect(Object.keys(await bodyOf(await at.send(always, SETT, SAMTYKKE)))).toContain('returkode');
  });

  it('lost-reply acts: the repeat says ikkeEndret', async () => {
    await at.faults.add('helsenorge', 'lost-reply');
    await expect(sett()).rejects.toThrow(TypeError);
    expect(await bodyOf(await sett())).toEqual({ returKode: 'ok', instansEndret: 'ikkeEndret' });
  });

  it('reset does not act', async () => {
    await at.faults.add('helsenorge', 'reset');
    await expect(sett()).rejects.toThrow(TypeError);
    expect(await isSet()).toBe(false);
  });

  it('page-fails fails one page of a list and waits for one', async () => {
    await at.faults.add('helsenorge', 'page-fails');
    expect((await sett()).status).toBe(200);
    expect((await at.send(at.pvk(), activeUrl(REGISTRERING, 0))).status).toBe(500);
    expect((await at.send(at.pvk(), activeUrl(REGISTRERING, 0))).status).toBe(200);
  });

  it('page-loops answers a reference that leads to itself', async () => {
    await at.faults.add('helsenorge', 'page-loops');
    const first = await bodyOf(await at.send(at.pvk(), activeUrl(REGISTRERING, 0)));
    const reference = Number(first['pagingReference']);
    expect(reference).toBeGreaterThan(0);
    const again = await bodyOf(await at.send(at.pvk(), activeUrl(REGISTRERING, reference)));
    expect(again['pagingReference']).toBe(reference);
  });

  it('unknown-status-code answers a read with a code instead of aktiv', async () => {
    await at.send(at.pvk(), SETT, RESERVASJON);
    await at.faults.add('helsenorge', 'unknown-status-code', 2);
    const question = { innbyggerFnr: CITIZEN, definisjonGuid: REGISTRERING, partKode: 'PDMR' };
    const status = await bodyOf(await at.send(at.pvk(), SJEKK, question));
    expect(status).toMatchObject({ status: 'UKJENT', sekvensnummer: 1 });
    expect(status).not.toHaveProperty('aktiv');
    const list = await (await at.send(at.pvk(), FOR_PART, question)).json();
    expect(list).toMatchObject([{ status: 'UKJENT' }]);
  });

  it('do not include those of replication, which is not offered', () => {
    expect(PVK_FAULT_KINDS.filter((kind) => kind.startsWith('replication'))).toEqual([]);
  });
});
