import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalSystem,
  checkPersonNumber,
  HPR_SYSTEM,
  isHprNumber,
  isHprSystem,
  isPersonSystem,
  looksLikePersonNumber,
  maskPersonNumbers,
  normalisePersonNumber,
  norwegianCheckDigits,
  norwegianSystem,
  PERSON_SYSTEMS,
  sameHpr,
} from '../../src/systems/identifiers.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
const DNR = 'urn:oid:2.16.578.1.12.4.1.4.2';
const CPR = 'urn:oid:1.2.208.176.1.2';
const PERSONNUMMER = 'http://electronichealth.se/identifier/personnummer';

describe('systems of national identity numbers', () => {
  it('recognises every system of the three countries, aliases included', () => {
    const systems = PERSON_SYSTEMS.flatMap((row) => [row.system, ...row.aliases]);
    expect(new Set(systems).size).toBe(systems.length);
    for (const system of systems) expect(isPersonSystem(system)).toBe(true);
    expect(systems).toContain('http://www.cpr.dk/cpr-systemet');
    expect(systems).toContain('urn:oid:1.2.208.176.1.6.1.3.187');
    expect(systems).toContain('http://hl7.no/fhir/NamingSystem/FHNR');
    expect(systems).toContain('urn:oid:1.2.752.129.2.1.3.3');
  });

  it('does not take HPR, organisation or unknown systems for identity numbers', () => {
    for (const system of [HPR_SYSTEM, 'urn:oid:2.16.578.1.12.4.1.4.101', 'http://cvr.dk', undefined]) {
      expect(isPersonSystem(system)).toBe(false);
    }
  });

  it('writes one system for every alias it reads', () => {
    expect(canonicalSystem('http://hl7.no/fhir/NamingSystem/FNR')).toBe(FNR);
    expect(canonicalSystem('http://hl7.no/fhir/NamingSystem/HPR')).toBe(HPR_SYSTEM);
    expect(canonicalSystem('urn:oid:1.2.752.129.2.1.3.1')).toBe(PERSONNUMMER);
    expect(canonicalSystem('http://example.org/other')).toBe('http://example.org/other');
  });
});

describe('Norwegian check digits', () => {
  it.each([
    ['01817500168', 'classic'],
    ['01817500184', 'from-2032'],
    ['41817500151', 'classic'],
    ['01417500185', 'classic'],
    ['13116900216', 'classic'],
    ['12048645510', 'wrong'],
  ])('judges %s as %s', (number, expected) => {
    expect(norwegianCheckDigits(number)).toBe(expected);
  });

  it('warns about wrong check digits and refuses no number for them', () => {
    expect(normalisePersonNumber(FNR, '12048645510').ok).toBe(true);
    expect(checkPersonNumber(FNR, '12048645510')).toBe('check-digit');
    expect(checkPersonNumber(FNR, '01817500184')).toBe('ok');
  });

  it('notices any single wrong digit of a classic number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 9 }), (at, add) => {
        const digits = [...'13116900216'];
        digits[at] = String((Number(digits[at]) + add) % 10);
        return norwegianCheckDigits(digits.join('')) !== 'classic';
      }),
    );
  });
});

describe('normalisation', () => {
  it.each([
    [CPR, '260978-2859', { system: CPR, value: '2609782859' }],
    ['http://www.cpr.dk/cpr-systemet', ' 251248 9996 ', { system: CPR, value: '2512489996' }],
    ['http://hl7.no/fhir/NamingSystem/FNR', '01817500168', { system: FNR, value: '01817500168' }],
    [FNR, '41817500151', { system: DNR, value: '41817500151' }],
    [PERSONNUMMER, '19121212-1212', { system: PERSONNUMMER, value: '191212121212' }],
    [
      'urn:oid:1.2.208.176.1.6.1.3.177',
      '1206550VK9',
      { system: 'urn:oid:1.2.208.176.1.6.1.3.177', value: '1206550VK9' },
    ],
  ])('brings %s %s into its one form', (system, value, expected) => {
    expect(normalisePersonNumber(system, value)).toEqual({ ok: true, value: expected });
  });

  it.each([
    [CPR, '3102801234', '31 February'],
    [CPR, '0000000000', 'no day at all'],
    [FNR, '120486 45510', 'a space inside'],
    [FNR, '1204864551', 'ten digits'],
    [DNR, '01817500168', 'a D-number without 4 added'],
    [PERSONNUMMER, '121212-1212', 'ten digits'],
    [PERSONNUMMER, '121212+1212', 'ten digits, older than a hundred years'],
    [PERSONNUMMER, '191313131212', 'month 13'],
    ['http://electronichealth.se/identifier/samordningsnummer', '191212121212', 'no 60 added'],
    ['http://example.org/other', '1', 'unknown system'],
  ])('refuses %s %s (%s) without repeating it', (system, value) => {
    const result = normalisePersonNumber(system, value);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.failure).not.toContain(value);
  });

  it('accepts 29 February in any year and a CPR that fails modulus 11', () => {
    expect(normalisePersonNumber(CPR, '2902011234').ok).toBe(true);
    expect(checkPersonNumber(CPR, '2609782859')).toBe('ok');
  });

  it('checks a personnummer by Luhn, not an interim one', () => {
    expect(checkPersonNumber(PERSONNUMMER, '191212121212')).toBe('ok');
    expect(checkPersonNumber(PERSONNUMMER, '191212121213')).toBe('check-digit');
    expect(normalisePersonNumber(PERSONNUMMER, '19121212T212').ok).toBe(true);
    expect(checkPersonNumber(PERSONNUMMER, '19121212T212')).toBe('ok');
  });

  it('is idempotent', () => {
    const rows = fc.constantFrom(...PERSON_SYSTEMS.map((row) => row.system));
    fc.assert(
      fc.property(rows, fc.stringMatching(/^[0-9A-Z -]{9,13}$/), (system, value) => {
        const once = normalisePersonNumber(system, value);
        if (once.ok) expect(normalisePersonNumber(once.value.system, once.value.value)).toEqual(once);
      }),
    );
  });
});

describe('HPR', () => {
  it('has one to nine digits and is compared as a number', () => {
    expect(['1', '9000001', '900000002'].every(isHprNumber)).toBe(true);
    expect(['', '9000000021', 'A000001', '9 000 001', '-1'].some(isHprNumber)).toBe(false);
    expect(sameHpr('0900001', '900001')).toBe(true);
    expect(sameHpr('900001', '900002')).toBe(false);
    expect(isHprSystem('http://hl7.no/fhir/NamingSystem/HPR')).toBe(true);
    expect(isHprSystem(FNR)).toBe(false);
  });
});

describe('recognising and masking', () => {
  const numbers = [
    '12048645510',
    '260978-2859',
    '2609782859',
    '191212121212',
    '19121212-1212',
    '121212+1212',
    '0703921VJ5',
    '1206550VK9',
    '120486 45510',
  ];

  it.each(numbers)('sees that %s has the shape of an identity number', (number) => {
    expect(looksLikePersonNumber(number)).toBe(true);
  });

  it.each(['9000001', '900000002', '5790001381615', '2026-03-03', 'Patient', '', 'abc-12345678901'])(
    'does not take %s for one',
    (text) => {
      expect(looksLikePersonNumber(text)).toBe(false);
    },
  );

  it.each(numbers)('masks %s inside other text', (number) => {
    expect(maskPersonNumbers(`{"innbyggerFnr":"${number}","aktiv":true}`)).toBe(
      '{"innbyggerFnr":"***","aktiv":true}',
    );
  });

  it('keeps UUIDs, HPR numbers, GLNs and instants', () => {
    const text =
      '3f7457b8-821c-45a8-ae04-123456789012 900000002 5790001381615 2026-03-03T07:00:00Z 9999991000016000';
    expect(maskPersonNumbers(text)).toBe(text);
  });

  it('leaves no run of eleven digits alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^\d{11}$/), fc.string(), (before, number, after) => {
        const masked = maskPersonNumbers(`${before}/${number}/${after}`);
        expect(masked).toContain('/***/');
      }),
    );
  });

  it('tells a D-number from a fødselsnummer by its first digit', () => {
    expect(norwegianSystem('41817500151')).toBe(DNR);
    expect(norwegianSystem('81817500151')).toBe(FNR);
  });
});
