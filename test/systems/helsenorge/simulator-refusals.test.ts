import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UNKNOWN_CITIZEN } from '../../../src/systems/helsenorge/simulator-settings.ts';
import { bodyOf, CLIENT_ID, keyPair, READ, WRITE } from '../simulation/actor.ts';
import {
  activeUrl,
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
  SJEKK,
  UNNTATT_FASTLEGEN,
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

const sett = async (body: unknown, settings: Parameters<PvkFixture['pvk']>[0] = {}) =>
  bodyOf(await at.send(at.pvk(settings), SETT, body));
const sjekk = async (definisjonGuid: string, innbyggerFnr = CITIZEN) =>
  bodyOf(await at.send(at.pvk(), SJEKK, { innbyggerFnr, definisjonGuid }));
const errorOf = async (answer: Response) => ({ status: answer.status, code: (await bodyOf(answer))['code'] });

describe('a Sett body', () => {
  it.each<[string, unknown]>([
    ['that is not JSON', '{'],
    ['that is a list', '[]'],
    ['without innbyggerFnr', { ...SAMTYKKE, innbyggerFnr: undefined }],
    ['with innbyggerFnr as a number', { ...SAMTYKKE, innbyggerFnr: 12_048_645_510 }],
    ['with 10 digits', { ...SAMTYKKE, innbyggerFnr: '1204864551' }],
    ['with a space in the number', { ...SAMTYKKE, innbyggerFnr: '120486 45510' }],
    ['without definisjonGuid', { ...SAMTYKKE, definisjonGuid: undefined }],
    ['with a GUID in braces', { ...SAMTYKKE, definisjonGuid: `{${BIOMATERIALE}}` }],
    ['without typePi', { ...SAMTYKKE, typePi: undefined }],
    ['with typePi in another case', { ...SAMTYKKE, typePi: 'Samtykke' }],
    ['without aktiv', { ...SAMTYKKE, aktiv: undefined }],
    ['with aktiv as text', { ...SAMTYKKE, aktiv: 'true' }],
    ['with a date as tidspunkt', { ...SAMTYKKE, tidspunkt: '2023-12-07' }],
    ['with half a proof', { ...SAMTYKKE, signertBevisMimeType: 'image/png' }],
    ['with image/jpg', { ...SAMTYKKE, signertBevisMimeType: 'image/jpg', signertBevisInnhold: 'AAAA' }],
    [
      'with a proof that is not base64',
      { ...SAMTYKKE, signertBevisMimeType: 'image/png', signertBevisInnhold: 'A*AA' },
    ],
    [
      'with a proof that the definition does not allow',
      { ...RESERVASJON, signertBevisMimeType: 'image/png', signertBevisInnhold: 'AAAA' },
    ],
    ['with names for a samtykke', { ...begrensning('1'), ...SAMTYKKE }],
    ['without the names that the definition requires', { ...begrensning(), TbInnbyggerMetadata: undefined }],
    ['with an empty list of names', begrensning()],
    ['with names where the definition has none', { ...begrensning('1'), definisjonGuid: UNNTATT_FASTLEGEN }],
    ['that withdraws with names', { ...begrensning('1'), aktiv: false }],
    ['with an HPR number of ten digits', begrensning('1234567890')],
    ['with an HPR number that is text', begrensning('x')],
    ['with an empty metadata object', { ...begrensning('1'), TbInnbyggerMetadata: {} }],
  ])('%s is refused with 400 and changes nothing', async (_name, body) => {
    expect(await errorOf(await at.send(at.pvk(), SETT, body))).toEqual({ status: 400, code: 'SIM-0400' });
    for (const guid of [BIOMATERIALE, LEGEMIDDELLISTE]) expect(await sjekk(guid)).toEqual({ aktiv: false });
  });

  it('may hold a proof of exactly the largest size, and not a byte more', async () => {
    const proof = (bytes: number) => ({
      ...SAMTYKKE,
      signertBevisMimeType: 'image/png',
      signertBevisInnhold: Buffer.alloc(bytes).toString('base64'),
    });
    expect((await at.send(at.pvk({ maxProof: 100 }), SETT, proof(101))).status).toBe(400);
    expect((await at.send(at.pvk({ maxProof: 100 }), SETT, proof(100))).status).toBe(200);
  });

  it.each([
    ['an unknown GUID', { definisjonGuid: '00000000-0000-0000-0000-000000000000' }],
    ['another part', { partKode: 'PDMR' }],
    ['the part in another case', { partKode: 'nfs' }],
    ['another type', { typePi: 'reservasjon' }],
  ])('with %s is refused with EPVK-101500', async (_name, more) => {
    const answer = await at.send(at.pvk(), SETT, { ...SAMTYKKE, ...more });
    expect(await errorOf(answer)).toEqual({ status: 400, code: 'EPVK-101500' });
  });

  it('may name any part where the definition’s own is not known', async () => {
    const { TbInnbyggerMetadata: _names, ...body } = begrensning();
    expect(await sett({ ...body, definisjonGuid: UNNTATT_FASTLEGEN, partKode: 'X' })).toEqual(CHANGED);
  });

  it('of an unknown citizen is refused with EPVK-101518', async () => {
    const body = { ...SAMTYKKE, innbyggerFnr: UNKNOWN_CITIZEN };
    expect(await errorOf(await at.send(at.pvk(), SETT, body))).toEqual({ status: 400, code: 'EPVK-101518' });
  });

  it.each([
    ['13116900216', 200],
    ['01817500168', 200],
    ['01817500184', 200],
    ['41817500151', 200],
    ['01417500185', 200],
    [CITIZEN, 422],
  ])('with check digits switched on: %s answers %i', async (innbyggerFnr, status) => {
    const strict = at.pvk({ checkDigits: 'checked', epvkStatus: 422 });
    expect((await at.send(strict, SETT, { ...SAMTYKKE, innbyggerFnr })).status).toBe(status);
  });

  it('of documentation’s citizen passes by default, though its check digits fail', async () => {
    expect(await sett(SAMTYKKE)).toEqual(CHANGED);
  });
});

describe('order of checks', () => {
  it('is token, scope, grant, body, catalogue, metadata, citizen', async () => {
    const denied = at.pvk({}, [
      { clientId: CLIENT_ID, definisjonGuid: REGISTRERING, rights: ['read', 'write'] },
    ]);
    const readOnly = await at.token({ form: { scope: READ } });
    const ungranted = { ...SAMTYKKE, innbyggerFnr: 'x' };
    expect((await at.send(denied, SETT, ungranted, { token: 'x' })).status).toBe(401);
    expect((await at.send(at.pvk(), SETT, '{', { token: readOnly })).status).toBe(403);
    expect((await at.send(denied, SETT, ungranted)).status).toBe(403);
    const order = [
      [{ innbyggerFnr: 'x', partKode: 'x' }, 'SIM-0400'],
      [{ partKode: 'x', aktiv: false, innbyggerFnr: UNKNOWN_CITIZEN }, 'EPVK-101500'],
      [{ aktiv: false, innbyggerFnr: UNKNOWN_CITIZEN }, 'SIM-0400'],
    ] as const;
    for (const [more, code] of order) {
      const answer = await at.send(at.pvk(), SETT, { ...begrensning('1'), ...more });
      expect((await errorOf(answer)).code).toBe(code);
    }
  });
});

describe('grants', () => {
  const grant = (rights: readonly ('read' | 'write')[], clientId = CLIENT_ID) =>
    at.pvk({}, [{ clientId, definisjonGuid: REGISTRERING.toUpperCase(), rights }]);
  const question = { innbyggerFnr: CITIZEN, definisjonGuid: REGISTRERING };

  it('are for one definition and one right', async () => {
    expect((await at.send(grant(['write']), SETT, RESERVASJON)).status).toBe(200);
    expect((await at.send(grant(['write']), SETT, SAMTYKKE)).status).toBe(403);
    expect((await at.send(grant(['write']), SJEKK, question)).status).toBe(403);
    expect((await at.send(grant(['read']), SJEKK, question)).status).toBe(200);
    expect((await at.send(grant(['read']), FOR_PART, { innbyggerFnr: CITIZEN, partKode: 'RF' })).status).toBe(
      403,
    );
    expect((await at.send(grant(['read']), activeUrl(BIOMATERIALE, 0))).status).toBe(403);
  });

  it('are denied by default and to other clients, without a security code', async () => {
    for (const simulator of [at.pvk({}, []), grant(['read', 'write'], 'other')])
      expect(await errorOf(await at.send(simulator, SETT, RESERVASJON))).toEqual({
        status: 403,
        code: 'SIM-0403',
      });
  });

  it('do not hide that a definition is unknown', async () => {
    const body = { ...RESERVASJON, definisjonGuid: '00000000-0000-0000-0000-000000000000' };
    expect((await errorOf(await at.send(grant(['write']), SETT, body))).code).toBe('EPVK-101500');
  });

  it('and scopes are both needed', async () => {
    const token = await at.token({ form: { scope: WRITE } });
    expect((await at.send(at.pvk(), SETT, RESERVASJON, { token })).status).toBe(200);
    expect((await at.send(at.pvk(), SJEKK, question, { token })).status).toBe(403);
  });
});
