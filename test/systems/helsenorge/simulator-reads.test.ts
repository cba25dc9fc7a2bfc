import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UNKNOWN_CITIZEN } from '../../../src/systems/helsenorge/simulator-settings.ts';
import { bodyOf, keyPair } from '../simulation/actor.ts';
import {
  activeUrl,
  BIOMATERIALE,
  begrensning,
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

/** Numbers of the synthetic range (month + 80); the simulator does not ask for their check digits. */
const citizen = (n: number): string => `018175${String(n).padStart(5, '0')}`;

const reserve = async (numbers: readonly number[], aktiv = true): Promise<void> => {
  const simulator = at.pvk();
  const token = await at.token();
  for (const n of numbers)
    await at.send(simulator, SETT, { ...RESERVASJON, innbyggerFnr: citizen(n), aktiv }, { token });
};

interface Page {
  readonly numbers: readonly string[];
  readonly next: unknown;
}

const page = async (reference: number, pageSize = 2): Promise<Page> => {
  const url = activeUrl(REGISTRERING, reference, 'PDMR');
  const body = await bodyOf(await at.send(at.pvk({ pageSize }), url));
  const { personvernInnstillinger: list, pagingReference } = body;
  const numbers = Array.isArray(list) ? list.map((entry) => String(entry.innbyggerFnr)) : [];
  return { numbers, next: pagingReference };
};

/** All pages, following the reference until it is 0. */
const pull = async (pageSize: number): Promise<readonly string[]> => {
  const all: string[] = [];
  let reference = 0;
  do {
    const { numbers, next } = await page(reference, pageSize);
    expect(numbers.length).toBeLessThanOrEqual(pageSize);
    all.push(...numbers);
    reference = Number(next);
  } while (reference !== 0);
  return all;
};

describe('SjekkInnbyggersPiStatus', () => {
  it('answers aktiv, sequence number and times', async () => {
    await at.send(at.pvk(), SETT, SAMTYKKE);
    const question = { innbyggerFnr: CITIZEN, definisjonGuid: BIOMATERIALE.toUpperCase(), partKode: 'NFS' };
    expect(await bodyOf(await at.send(at.pvk(), SJEKK, question))).toEqual({
      aktiv: true,
      sekvensnummer: 1,
      opprettetTidspunkt: '2026-03-03T07:00:00Z',
      sistEndretTidspunkt: '2026-03-03T07:00:00Z',
    });
  });

  it.each([
    [{ partKode: 'nfs' }, 'EPVK-101500'],
    [{ innbyggerFnr: UNKNOWN_CITIZEN }, 'EPVK-101518'],
    [{ innbyggerFnr: 'x' }, 'SIM-0400'],
    [{ definisjonGuid: 'x' }, 'SIM-0400'],
    [{ innbyggerFnr: undefined }, 'SIM-0400'],
  ])('refuses %o', async (more, code) => {
    const question = { innbyggerFnr: CITIZEN, definisjonGuid: BIOMATERIALE, ...more };
    expect(await bodyOf(await at.send(at.pvk(), SJEKK, question))).toMatchObject({ code });
  });

  it('counts the changes of any series of settings and withdrawals', async () => {
    const simulator = at.pvk();
    const token = await at.token();
    let next = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 8 }), async (values) => {
        next += 1;
        const innbyggerFnr = citizen(next);
        const changes = values.filter((aktiv, index) => aktiv !== (values[index - 1] ?? false)).length;
        for (const aktiv of values)
          await at.send(simulator, SETT, { ...SAMTYKKE, innbyggerFnr, aktiv }, { token });
        const question = { innbyggerFnr, definisjonGuid: BIOMATERIALE };
        const status = await bodyOf(await at.send(simulator, SJEKK, question, { token }));
        expect(status['aktiv']).toBe(values.at(-1) ?? false);
        expect(status['sekvensnummer'] ?? 0).toBe(changes);
      }),
      { numRuns: 30 },
    );
  });
});

describe('HentInnbyggersPiForPart', () => {
  it('lists the active settings of one part only', async () => {
    for (const body of [SAMTYKKE, RESERVASJON, begrensning('1')]) await at.send(at.pvk(), SETT, body);
    const question = { innbyggerFnr: CITIZEN, partKode: 'PDMR' };
    expect(await (await at.send(at.pvk(), FOR_PART, question)).json()).toEqual([
      {
        definisjonGuid: REGISTRERING,
        definisjonNavn: 'Reservasjon mot registrering av helseopplysninger',
        partKode: 'PDMR',
        typePi: 'reservasjon',
        aktiv: true,
        sekvensnummer: 1,
        opprettetTidspunkt: '2026-03-03T07:00:00Z',
        sistEndretTidspunkt: '2026-03-03T07:00:00Z',
      },
    ]);
    await at.send(at.pvk(), SETT, { ...RESERVASJON, aktiv: false });
    expect(await (await at.send(at.pvk(), FOR_PART, question)).json()).toEqual([]);
  });

  it.each([
    [{ partKode: 'pdmr' }, 'EPVK-101500'],
    [{ partKode: undefined }, 'SIM-0400'],
    [{ innbyggerFnr: UNKNOWN_CITIZEN }, 'EPVK-101518'],
  ])('refuses %o', async (more, code) => {
    const question = { innbyggerFnr: CITIZEN, partKode: 'PDMR', ...more };
    expect(await bodyOf(await at.send(at.pvk(), FOR_PART, question))).toMatchObject({ code });
  });
});

describe('HentInnbyggereAktivePiForDefinisjon', () => {
  it('answers the documented shape, with the definition’s fixed metadata', async () => {
    await at.send(at.pvk(), SETT, RESERVASJON);
    expect(await bodyOf(await at.send(at.pvk(), activeUrl(REGISTRERING, 0, 'PDMR')))).toEqual({
      definisjonGuid: REGISTRERING,
      definisjonNavn: 'Reservasjon mot registrering av helseopplysninger',
      partKode: 'PDMR',
      typePi: 'reservasjon',
      reFasteMetadata: {
        omfangElementer: [
          {
            omfangKode: 'OF',
            logiskOmfang: 'Angitte',
            presisering: 'Direkte personidentifiserende opplysninger',
          },
        ],
      },
      pagingReference: 0,
      personvernInnstillinger: [
        {
          innbyggerFnr: CITIZEN,
          sekvensnummer: 1,
          opprettetTidspunkt: '2026-03-03T07:00:00Z',
          sistEndretTidspunkt: '2026-03-03T07:00:00Z',
        },
      ],
    });
  });

  it('gives a reference that is a number and leads to the next page, and 0 on the last', async () => {
    await reserve([1, 2, 3, 4]);
    const first = await page(0);
    expect(first.numbers).toEqual([citizen(1), citizen(2)]);
    expect(first.next).toEqual(expect.any(Number));
    const second = await page(Number(first.next));
    expect(second).toEqual({ numbers: [citizen(3), citizen(4)], next: 0 });
  });

  it('lists each active citizen once, whatever the page size, without those who withdrew', async () => {
    await reserve([1, 2, 3, 4, 5, 6, 7]);
    await reserve([2, 6], false);
    await at.send(at.pvk(), SETT, SAMTYKKE);
    for (const size of [1, 2, 3, 5, 100]) expect(await pull(size)).toEqual([1, 3, 4, 5, 7].map(citizen));
  });

  it('skips nobody when somebody withdraws between two pages', async () => {
    await reserve([1, 2, 3, 4]);
    const first = await page(0);
    await reserve([1, 3], false);
    expect((await page(Number(first.next))).numbers).toEqual([citizen(4)]);
  });

  it.each([
    [activeUrl('x', 0), 'SIM-0400'],
    [activeUrl(REGISTRERING, -1), 'SIM-0400'],
    [activeUrl(REGISTRERING, 0, 'NFS'), 'EPVK-101500'],
    [activeUrl(REGISTRERING, 0).replace('definisjonGuid', 'x'), 'SIM-0400'],
  ])('refuses %s', async (url, code) => {
    expect(await bodyOf(await at.send(at.pvk(), url))).toMatchObject({ code });
  });
});
