import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import definitions from '../../../src/fhir/definitions/search-parameters.generated.json' with {
  type: 'json',
};
import { BEGINNING, END } from '../../../src/fhir/search/date-range.ts';
import { fold } from '../../../src/fhir/search/fold.ts';
import { indexRows } from '../../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';

const parametersOf = createSearchParameters(definitions);
const PRIVATE = 'urn:oid:2.16.578.1.12.4.1.4.1';
const options = {
  baseUrl: 'https://facade.example/fhir',
  isPrivateSystem: (system: string) => system === PRIVATE,
};

const rowsOf = (json: { resourceType: string } & Record<string, unknown>) =>
  indexRows(JSON.parse(JSON.stringify(json)) as Resource, parametersOf(json.resourceType), options);

describe('indexRows', () => {
  it('makes a token of each coding, of a code, of a boolean and of an identifier', () => {
    const { token } = rowsOf({
      resourceType: 'Patient',
      active: true,
      gender: 'female',
      identifier: [{ system: 'http://i', value: '7' }, { value: '8' }],
      communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'nb' }, { code: 'no' }] } }],
    });
    expect(token).toEqual([
      { param: 'active', system: null, code: 'true' },
      { param: 'deceased', system: null, code: 'false' },
      { param: 'gender', system: null, code: 'female' },
      { param: 'identifier', system: 'http://i', code: '7' },
      { param: 'identifier', system: null, code: '8' },
      { param: 'language', system: 'urn:ietf:bcp:47', code: 'nb' },
      { param: 'language', system: null, code: 'no' },
    ]);
  });

  it('finds a ContactPoint by its value: its system is no URI', () => {
    const { token } = rowsOf({ resourceType: 'Patient', telecom: [{ system: 'email', value: 'a@b.no' }] });
    expect(token).toContainEqual({ param: 'email', system: null, code: 'a@b.no' });
    expect(token).toContainEqual({ param: 'telecom', system: null, code: 'a@b.no' });
  });

  it('never indexes a private number, in an identifier or in a logical reference', () => {
    const identifier = { system: PRIVATE, value: '01817500168' };
    const patient = rowsOf({ resourceType: 'Patient', identifier: [identifier] });
    const consent = rowsOf({
      resourceType: 'Consent',
      patient: { reference: 'Patient/p', identifier },
      performer: [{ identifier }],
    });
    expect(JSON.stringify([patient, consent])).not.toContain('01817500168');
    expect(consent.reference).toEqual([
      {
        param: 'consentor',
        targetType: null,
        targetId: null,
        targetVersion: null,
        identifierSystem: null,
        identifierValue: null,
      },
      {
        param: 'patient',
        targetType: 'Patient',
        targetId: 'p',
        targetVersion: null,
        identifierSystem: null,
        identifierValue: null,
      },
    ]);
  });

  it.each([
    ['Consent/1', 'Consent', '1', null],
    ['Consent/1/_history/2', 'Consent', '1', '2'],
    ['https://facade.example/fhir/Consent/1', 'Consent', '1', null],
    ['https://other.example/fhir/Consent/1', null, 'https://other.example/fhir/Consent/1', null],
    [
      'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
      null,
      'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
      null,
    ],
    ['#contained', null, null, null],
  ])('reads the reference %s', (reference, targetType, targetId, targetVersion) => {
    const { reference: rows } = rowsOf({ resourceType: 'Provenance', target: [{ reference }] });
    expect(rows).toContainEqual(
      expect.objectContaining({ param: 'target', targetType, targetId, targetVersion }),
    );
  });

  it('reads a canonical with its version', () => {
    const { reference } = rowsOf({ resourceType: 'StructureDefinition', baseDefinition: 'http://x/B|1.2' });
    expect(reference).toContainEqual(
      expect.objectContaining({
        param: 'base',
        targetType: null,
        targetId: 'http://x/B',
        targetVersion: '1.2',
      }),
    );
  });

  it('leaves the ends of a period open that are not there', () => {
    const period = (value: object) =>
      rowsOf({ resourceType: 'Consent', provision: { period: value } }).date.map(({ low, high }) => [
        low,
        high,
      ]);
    const start = Date.parse('2020-01-01');
    expect(period({ start: '2020' })).toEqual([[start, END]]);
    expect(period({ end: '2019-12-31' })).toEqual([[BEGINNING, start - 1]]);
    expect(period({ start: '2020', end: '2020' })).toEqual([[start, Date.parse('2021-01-01') - 1]]);
    expect(period({})).toEqual([]);
  });

  it('splits names and addresses into what people search for', () => {
    const { string } = rowsOf({
      resourceType: 'Patient',
      name: [{ family: 'Ñandú', given: ['Åse', 'Marie'] }],
      address: [{ line: ['Storgata 1'], city: 'Tromsø' }],
    });
    const folded = (param: string) => string.filter((row) => row.param === param).map((row) => row.folded);
    expect(folded('name')).toEqual(['nandu', 'ase', 'marie']);
    expect(folded('family')).toEqual(['nandu']);
    expect(folded('address')).toEqual(['storgata 1', 'tromso']);
    expect(folded('address-city')).toEqual(['tromso']);
  });

  it('leaves no row for what is not R4', () => {
    const rows = rowsOf({
      resourceType: 'Consent',
      dateTime: 'yesterday',
      status: 7.5,
      category: [null, {}],
    });
    expect(rows.date).toEqual([]);
  });
});

describe('fold', () => {
  it.each([
    ['Åse  Møller', 'ase moller'],
    ['É́COLE', 'ecole'],
    [' two  spaces ', 'two spaces'],
    ['plain text', 'plain text'],
  ])('%s becomes %s', (text, folded) => expect(fold(text)).toBe(folded));
});
