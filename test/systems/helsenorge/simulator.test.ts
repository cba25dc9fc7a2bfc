import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, keyPair } from '../simulation/actor.ts';
import {
  BIOMATERIALE,
  begrensning,
  CITIZEN,
  FOR_PART,
  type Keys,
  LEGEMIDDELLISTE,
  type PvkFixture,
  pvkFixture,
  REGISTRERING,
  RESERVASJON,
  SAMTYKKE,
  SETT,
  SETT_V1,
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

const CHANGED = { returKode: 'ok', instansEndret: 'endret' };
const UNCHANGED = { returKode: 'ok', instansEndret: 'ikkeEndret' };

const sett = async (body: unknown, settings: Parameters<PvkFixture['pvk']>[0] = {}) =>
  bodyOf(await at.send(at.pvk(settings), SETT, body));
const sjekk = async (definisjonGuid: string, innbyggerFnr = CITIZEN) =>
  bodyOf(await at.send(at.pvk(), SJEKK, { innbyggerFnr, definisjonGuid }));

describe('routes', () => {
  it.each([SETT, SETT.toLowerCase(), SETT.replace('Personverninn', 'PersonvernInn')])(
    'match in any letter case: %s',
    async (url) => {
      expect(await bodyOf(await at.send(at.pvk(), url, SAMTYKKE))).toEqual(CHANGED);
    },
  );

  it.each([
    `${SETT}3`,
    SETT.replace(/\/v2$/, ''),
    'https://eksternapi.hn2.test.nhn.no/personvern/v1/settinnbyggersinkludering',
    SETT_V1,
  ])('that are not offered answer 404: %s', async (url) => {
    expect((await at.send(at.pvk(), url, SAMTYKKE)).status).toBe(404);
  });

  it('refuse another verb with 405, before the token is looked at', async () => {
    const answer = await at.send(at.pvk(), SETT, undefined, { token: 'x' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('put a new CorrelationId on every answer, refusals and faults included', async () => {
    await at.faults.add('helsenorge', 'garbage');
    const answers = [
      await at.send(at.pvk(), SETT, SAMTYKKE),
      await at.send(at.pvk(), SETT, SAMTYKKE),
      await at.send(at.pvk(), SETT, SAMTYKKE, { token: 'x' }),
      await at.send(at.pvk(), `${SETT}3`, SAMTYKKE),
    ];
    const ids = answers.map((answer) => answer.headers.get('correlationid') ?? '');
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('Sett', () => {
  it('says endret the first time, ikkeEndret when it already was so', async () => {
    expect(await sett(SAMTYKKE)).toEqual(CHANGED);
    expect(await sett({ ...SAMTYKKE, definisjonGuid: BIOMATERIALE })).toEqual(UNCHANGED);
    expect(await sett({ ...SAMTYKKE, aktiv: false })).toEqual(CHANGED);
    expect(await sett({ ...SAMTYKKE, aktiv: false })).toEqual(UNCHANGED);
  });

  it('makes no instance by taking back what never was given', async () => {
    expect(await sett({ ...SAMTYKKE, aktiv: false })).toEqual(UNCHANGED);
    expect(await sjekk(BIOMATERIALE)).toEqual({ aktiv: false });
  });

  it('needs neither definisjonNavn nor partKode', async () => {
    const { definisjonNavn: _name, partKode: _part, ...rest } = SAMTYKKE;
    expect(await sett(rest)).toEqual(CHANGED);
  });

  it('counts each real change and keeps when the first and the last were', async () => {
    await sett(RESERVASJON);
    at.clock.advance(1_000);
    await sett(RESERVASJON);
    at.clock.advance(1_000);
    await sett({ ...RESERVASJON, aktiv: false });
    at.clock.advance(1_000);
    await sett(RESERVASJON);
    expect(await sjekk(REGISTRERING)).toEqual({
      aktiv: true,
      sekvensnummer: 3,
      opprettetTidspunkt: '2026-03-03T07:00:00Z',
      sistEndretTidspunkt: '2026-03-03T07:00:03Z',
    });
  });

  it('takes the same names in another order, or one of them twice, for the same list', async () => {
    expect(await sett(begrensning('9000001', '900000002'))).toEqual(CHANGED);
    expect(await sett(begrensning('900000002', '9000001', '9000001'))).toEqual(UNCHANGED);
    expect(await sett(begrensning('9000001'))).toEqual(CHANGED);
  });

  it('can be switched to compare lists in order, or to call every list a change', async () => {
    await sett(begrensning('1', '2'));
    expect(await sett(begrensning('1', '2'), { listEquality: 'ordered' })).toEqual(UNCHANGED);
    expect(await sett(begrensning('2', '1'), { listEquality: 'ordered' })).toEqual(CHANGED);
    expect(await sett(begrensning('2', '1'), { listEquality: 'always-changed' })).toEqual(CHANGED);
  });

  it('replaces the whole list of names', async () => {
    await sett(begrensning('1', '2'));
    await sett(begrensning('3'));
    const answer = await at.send(at.pvk({ namesInPartAnswer: 'yes' }), FOR_PART, {
      innbyggerFnr: CITIZEN,
      partKode: 'RF',
    });
    expect(await answer.json()).toMatchObject([
      {
        TbInnbyggerMetadata: {
          detaljertAngivelse: { navngittHelseperson: [{ nummer: '3', navn: 'Person 3' }] },
        },
      },
    ]);
  });

  it('loses none of many simultaneous changes', async () => {
    const simulator = at.pvk();
    const bodies = [SAMTYKKE, { ...SAMTYKKE, aktiv: false }];
    await sett(begrensning('0'));
    const lists = Array.from({ length: 8 }, (_, n) => begrensning(`${n + 1}`));
    const token = await at.token();
    const answers = await Promise.all(
      [...lists, bodies[0]].map((body) => at.send(simulator, SETT, body, { token })),
    );
    for (const answer of answers) expect(await bodyOf(answer)).toEqual(CHANGED);
    expect(await sjekk(LEGEMIDDELLISTE)).toMatchObject({ sekvensnummer: 9 });
  });

  it('remembers after a restart over the same database', async () => {
    await sett(SAMTYKKE);
    expect(await sett(SAMTYKKE)).toEqual(UNCHANGED);
    expect(await sjekk(BIOMATERIALE)).toMatchObject({ aktiv: true, sekvensnummer: 1 });
  });

  it('keeps a fingerprint of a signed proof, not the proof', async () => {
    const proof = {
      signertBevisMimeType: 'application/pdf',
      signertBevisInnhold: 'JVBERi0xLjQKJWV4YW1wbGUK',
    };
    expect(await sett({ ...SAMTYKKE, ...proof, tidspunkt: '2023-12-07T08:05:39Z' })).toEqual(CHANGED);
    const rows = await at.database.query({ sql: 'select value from simulator_state', params: [] });
    const all = rows.map((row) => String(row['value'])).join();
    expect(all).toContain('bevisHash');
    expect(all).not.toContain(proof.signertBevisInnhold);
  });

  it('V1 can be switched to be gone, or to work with its own words', async () => {
    const { aktiv: _aktiv, TbInnbyggerMetadata: _names, ...rest } = begrensning('1');
    const body = {
      ...rest,
      status: 'piAktiv',
      innbyggerTbMetadata: [{ type: 'x', nummer: '1', navn: 'Kari Eksempel' }],
    };
    expect((await at.send(at.pvk({ settV1: 410 }), SETT_V1, body)).status).toBe(410);
    const v1 = at.pvk({ settV1: 'works' });
    expect(await bodyOf(await at.send(v1, SETT_V1, body))).toEqual(CHANGED);
    expect(await sett(begrensning('1'))).toEqual(UNCHANGED);
    const { innbyggerTbMetadata: _list, ...withdrawal } = body;
    expect(await bodyOf(await at.send(v1, SETT_V1, { ...withdrawal, status: 'piIkkeAktiv' }))).toEqual(
      CHANGED,
    );
  });

  it.each([
    ['accept', '2026-03-03T07:00:01Z', 200],
    ['refuse-future', '2026-03-03T07:00:01Z', 400],
    ['refuse-future', '2026-03-03T08:00:00+01:00', 200],
  ] as const)('tidspunkt %s: %s answers %i', async (tidspunkt, value, status) => {
    const answer = await at.send(at.pvk({ tidspunkt }), SETT, { ...SAMTYKKE, tidspunkt: value });
    expect(answer.status).toBe(status);
  });

  it('can ignore a tidspunkt older than the last change', async () => {
    await sett({ ...SAMTYKKE, tidspunkt: '2026-01-02T00:00:00Z' });
    const older = { ...SAMTYKKE, aktiv: false, tidspunkt: '2026-01-01T00:00:00Z' };
    expect(await sett(older, { tidspunkt: 'ignore-older' })).toEqual(UNCHANGED);
    expect(await sett(older)).toEqual(CHANGED);
  });

  it('reads time limits only when their member names are configured', async () => {
    const period = (to: string) => ({ ...SAMTYKKE, grenser: [{ til: to }] });
    expect(await sett(period('2027-01-01'))).toEqual(CHANGED);
    const settings = { periodMembers: ['grenser'] };
    expect(await sett(period('2027-01-01'), settings)).toEqual(CHANGED);
    expect(await sett(period('2027-01-01'), settings)).toEqual(UNCHANGED);
    const two = { ...SAMTYKKE, grenser: [{}, {}] };
    expect((await at.send(at.pvk(settings), SETT, two)).status).toBe(400);
    const none = { ...RESERVASJON, grenser: [{}] };
    expect((await at.send(at.pvk(settings), SETT, none)).status).toBe(400);
  });
});
