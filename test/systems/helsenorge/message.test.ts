import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hentAktiveQuery,
  serializeHentForPart,
  serializeSett,
  serializeSjekk,
} from '../../../src/systems/helsenorge/message.ts';
import {
  parseAktiveAnswer,
  parseErrorBody,
  parseForPartAnswer,
  parseSettAnswer,
  parseSettRequest,
  parseSjekkAnswer,
} from '../../../src/systems/helsenorge/message-answers.ts';

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));

describe('the answer of Sett', () => {
  it.each([
    ['returKode', 'endret'],
    ['returkode', 'ikkeEndret'],
    ['RETURKODE', 'endret'],
  ])('is read with the key %s', (key, instansEndret) => {
    expect(parseSettAnswer({ [key]: 'ok', instansEndret })).toEqual({
      ok: true,
      value: { value: { returKode: 'ok', instansEndret }, unknownMembers: [] },
    });
  });

  it('ikkeOk is an answer, with or without instansEndret', () => {
    for (const answer of [{ returKode: 'ikkeOk' }, { returKode: 'ikkeOk', instansEndret: null }]) {
      const parsed = parseSettAnswer(answer);
      expect(parsed.ok && parsed.value.value).toEqual({ returKode: 'ikkeOk' });
    }
  });

  it('names members that nobody knows, without any number in them', () => {
    const parsed = parseSettAnswer({ returKode: 'ok', instansEndret: 'endret', id: 1, '13116900216': 2 });
    expect(parsed.ok && parsed.value.unknownMembers).toEqual(['id', '***']);
  });

  it.each([
    [undefined, 'not a JSON object'],
    [[], 'not a JSON object'],
    ['ok', 'not a JSON object'],
    [{}, 'returKode is missing'],
    [{ returKode: 'OK', instansEndret: 'endret' }, 'returKode is not "ok" or "ikkeOk"'],
    [{ returKode: 'ok' }, 'instansEndret is missing'],
    [{ returKode: 'ok', instansEndret: 'kanskje' }, 'instansEndret is not "endret" or "ikkeEndret"'],
  ])('%j is no answer', (answer, why) => {
    const parsed = parseSettAnswer(answer);
    expect(!parsed.ok && parsed.failure).toContain(why);
  });
});

describe('error bodies', () => {
  it.each([
    ['error', { code: 'EHSEC-110002', message: 'Token is expired or invalid', errorCategory: 'Security' }],
    ['error-documented', { code: 'SEC-110000', message: 'Token is expired or invalid' }],
  ])('%s is read', (name, value) => {
    expect(parseErrorBody(golden(name))).toEqual({ ok: true, value: { value, unknownMembers: [] } });
  });

  it('the category may be a number', () => {
    const parsed = parseErrorBody({ Code: 'EPVK-101500', Message: '', ErrorCategory: 3 });
    expect(parsed.ok && parsed.value.value.errorCategory).toBe(3);
  });
});

describe('the read services', () => {
  it('Sjekk is read', () => {
    const parsed = parseSjekkAnswer(golden('sjekk-answer'));
    expect(parsed.ok && parsed.value.value).toEqual(golden('sjekk-answer'));
    expect(serializeSjekk(golden('sjekk-request'))).toBe(JSON.stringify(golden('sjekk-request')));
  });

  it('a sequence number may be a text', () => {
    const parsed = parseSjekkAnswer({ aktiv: true, sekvensnummer: '12' });
    expect(parsed.ok && parsed.value.value.sekvensnummer).toBe(12);
    for (const sekvensnummer of ['', '1.5', 0, -1, 'x', 2 ** 60]) {
      expect(parseSjekkAnswer({ aktiv: true, sekvensnummer }).ok).toBe(false);
    }
  });

  it('the citizen’s personnel are read whichever way the object begins', () => {
    const navngittHelseperson = [{ nummer: '9000001', navn: 'Kari' }];
    for (const key of ['TbInnbyggerMetadata', 'tbInnbyggerMetadata']) {
      const parsed = parseSjekkAnswer({
        aktiv: true,
        [key]: { detaljertAngivelse: { navngittHelseperson } },
      });
      expect(parsed.ok && parsed.value.value.navngittHelseperson).toEqual(navngittHelseperson);
    }
  });

  it('a page of active citizens is read', () => {
    const parsed = parseAktiveAnswer(golden('aktive-answer'));
    const { reFasteMetadata, ...rest } = golden('aktive-answer');
    expect(parsed.ok && parsed.value).toEqual({
      value: { ...rest, omfangElementer: reFasteMetadata.omfangElementer },
      unknownMembers: [],
    });
  });

  it('a page at fault says where, and never what', () => {
    const page = { ...golden('aktive-answer'), pagingReference: '0' };
    page.personvernInnstillinger[0].innbyggerFnr = '131169 00216';
    const parsed = parseAktiveAnswer(page);
    expect(!parsed.ok && parsed.failure).toBe(
      'pagingReference is not a whole number of at least 0; personvernInnstillinger[0].innbyggerFnr is not 11 digits',
    );
  });

  it('a moment without zone is no moment', () => {
    expect(parseSjekkAnswer({ aktiv: true, sistEndretTidspunkt: '2025-11-20T14:03:27' }).ok).toBe(false);
  });

  it('unknown members of list entries are named once', () => {
    const page = golden('aktive-answer');
    const [one] = page.personvernInnstillinger;
    page.personvernInnstillinger = [
      { ...one, ny: 1 },
      { ...one, ny: 2 },
    ];
    const parsed = parseAktiveAnswer(page);
    expect(parsed.ok && parsed.value.unknownMembers).toEqual(['personvernInnstillinger[].ny']);
  });

  it('the settings for a part are read; an entry says active by being there', () => {
    const parsed = parseForPartAnswer(golden('for-part-answer'));
    expect(parsed.ok && parsed.value.value).toEqual(golden('for-part-answer'));
    const { aktiv: _aktiv, ...silent } = golden('for-part-answer')[0];
    const read = parseForPartAnswer([silent]);
    expect(read.ok && read.value.value[0]?.aktiv).toBe(true);
    expect(parseForPartAnswer({}).ok).toBe(false);
    expect(serializeHentForPart(golden('for-part-request'))).toBe(JSON.stringify(golden('for-part-request')));
  });

  it('the query of HentInnbyggereAktive is encoded', () => {
    expect(hentAktiveQuery({ definisjonGuid: 'a', partKode: 'R&D ø', pagingReference: 0 })).toBe(
      'definisjonGuid=a&partKode=R%26D+%C3%B8&pagingReference=0',
    );
  });

  it('no parser throws, whatever comes, and no failure repeats content', () => {
    const parsers = [
      parseSettAnswer,
      parseSjekkAnswer,
      parseForPartAnswer,
      parseAktiveAnswer,
      parseErrorBody,
      parseSettRequest,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...parsers), fc.jsonValue(), (parser, json) => {
        const parsed = parser(json);
        return parsed.ok || typeof parsed.failure === 'string';
      }),
    );
    const failure = parseSjekkAnswer({ aktiv: 'hemmelig', sekvensnummer: '13116900216x' });
    expect(!failure.ok && failure.failure).not.toMatch(/hemmelig|\d{5}/);
  });
});

describe('the Sett request', () => {
  it('is written in the documented order, whatever the order of its members', () => {
    const given = golden('restriction-set.payload');
    const mixed = Object.fromEntries(
      Object.entries({ ...given, tidspunkt: '2026-01-01T00:00:00Z' }).reverse(),
    );
    const parsed = parseSettRequest(mixed);
    expect(parsed.ok && Object.keys(JSON.parse(serializeSett(parsed.value)))).toEqual([
      'innbyggerFnr',
      'definisjonGuid',
      'definisjonNavn',
      'partKode',
      'typePi',
      'aktiv',
      'tidspunkt',
      'TbInnbyggerMetadata',
    ]);
  });

  it.each([
    null,
    [],
    {},
    { ...golden('consent-set.payload'), typePi: 'x' },
    { ...golden('consent-set.payload'), aktiv: 'true' },
  ])('is not %j', (json) => {
    expect(parseSettRequest(json).ok).toBe(false);
  });
});
