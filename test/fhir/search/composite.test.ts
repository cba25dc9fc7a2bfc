import { describe, expect, it } from 'vitest';
import { indexRows } from '../../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { BASE_UNITS } from '../../../src/store/types.ts';
import { coded, OBSERVATION_PARAMETERS, quantity, resourceOf } from './observation.ts';

const parametersOf = createSearchParameters(OBSERVATION_PARAMETERS);
const options = { baseUrl: 'https://facade.example/fhir', isPrivateSystem: () => false };

const rowsOf = (json: { resourceType: string } & Record<string, unknown>) =>
  indexRows(resourceOf(json), parametersOf(json.resourceType), options);

describe('numbers and quantities in the index', () => {
  it('keep a number as it is', () => {
    const { number } = rowsOf({
      resourceType: 'RiskAssessment',
      prediction: [{ probabilityDecimal: 0.35 }, { probabilityDecimal: 2 }],
    });
    expect(number).toEqual([
      { param: 'probability', low: 0.35, high: 0.35 },
      { param: 'probability', low: 2, high: 2 },
    ]);
  });

  const quantities = (value: object) =>
    rowsOf({ resourceType: 'Observation', valueQuantity: value }).quantity?.map(
      ({ param: _, ...row }) => row,
    );

  it('keep a quantity with its code and its unit', () => {
    expect(quantities(quantity(120, 'mm[Hg]', { unit: 'mmHg' }))).toEqual([
      { low: 120, high: 120, system: 'http://unitsofmeasure.org', code: 'mm[Hg]', unit: 'mmHg' },
      // And in the base units of UCUM, thousandths of a pascal, so that it is found in any unit of pressure.
      { low: 15_998_640, high: 15_998_640, system: BASE_UNITS, code: 'g.m-1.s-2', unit: null },
    ]);
    expect(quantities(quantity(7.4, '[pH]'))).toHaveLength(1);
  });

  it.each([
    ['<', -1e308, 5],
    ['<=', -1e308, 5],
    ['>=', 5, 1e308],
    ['>', 5, 1e308],
  ])('take the comparator %s for an open range', (comparator, low, high) => {
    const [row] = quantities(quantity(5, 'mg', { comparator })) ?? [];
    expect(row?.low).toBeCloseTo(low, 10);
    expect(row?.high).toBeCloseTo(high, 10);
    if (comparator === '<') expect(row?.high).toBeLessThan(5);
    if (comparator === '>') expect(row?.low).toBeGreaterThan(5);
  });

  it('take a Range as it is, with open ends, and Money by its currency', () => {
    const range = { low: quantity(1, 'h'), high: quantity(3, 'h') };
    expect(quantities(range)).toEqual([
      { low: 1, high: 3, system: 'http://unitsofmeasure.org', code: 'h', unit: null },
      { low: 3600, high: 10_800, system: BASE_UNITS, code: 's', unit: null },
    ]);
    expect(quantities({ low: quantity(1, 'h') })).toMatchObject([
      { low: 1, high: 1e308 },
      { low: 3600, high: 1e308 },
    ]);
    expect(quantities({ value: 10, currency: 'NOK' })).toEqual([
      { low: 10, high: 10, system: 'urn:iso:std:iso:4217', code: 'NOK', unit: null },
    ]);
    expect(quantities({ unit: 'mg' })).toEqual([]);
  });
});

describe('composites in the index', () => {
  const pressure = {
    resourceType: 'Observation',
    code: coded('85354-9'),
    component: [
      { code: coded('8480-6'), valueQuantity: quantity(120) },
      { code: coded('8462-4'), valueQuantity: quantity(80) },
      { code: coded('8478-0'), dataAbsentReason: { text: 'unknown' } },
    ],
  };

  it('keep the components of one element together, and leave out an element that lacks one', () => {
    const rows = rowsOf(pressure).composite?.filter(({ param }) => param === 'component-code-value-quantity');
    expect(
      rows?.map(({ group, component, value }) => [group, component, value.of, 'low' in value && value.low]),
    ).toEqual([
      [0, 0, 'token', false],
      [0, 1, 'quantity', 120],
      [0, 1, 'quantity', 15_998_640],
      [1, 0, 'token', false],
      [1, 1, 'quantity', 80],
      [1, 1, 'quantity', 10_665_760],
    ]);
  });

  it('are offered with the kinds of the parameters that their components name', () => {
    const param = parametersOf('Observation').find(({ code }) => code === 'code-value-quantity');
    expect(param?.components?.map(({ parameter }) => [parameter.code, parameter.type])).toEqual([
      ['code', 'token'],
      ['value-quantity', 'quantity'],
    ]);
  });

  it('are not offered when a component is not known, or is more than a path', () => {
    const broken = (definition: string, expression: string) =>
      createSearchParameters([
        ...OBSERVATION_PARAMETERS,
        {
          code: 'broken',
          type: 'composite',
          base: ['Observation'],
          expression: 'Observation',
          components: [
            { definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' },
            { definition, expression },
          ],
        },
      ])('Observation').some(({ code }) => code === 'broken');
    expect(broken('http://x/Observation-value-quantity', 'value.ofType(Quantity)')).toBe(true);
    expect(broken('http://x/Observation-nothing', 'value.ofType(Quantity)')).toBe(false);
    expect(broken('http://x/Observation-value-quantity', 'value.where($this > 1)')).toBe(false);
  });

  it('reach what is elsewhere in the resource by %resource', () => {
    const parameters = createSearchParameters([
      {
        code: 'chromosome',
        type: 'token',
        base: ['MolecularSequence'],
        expression: 'MolecularSequence.referenceSeq.chromosome',
      },
      {
        code: 'variant-start',
        type: 'number',
        base: ['MolecularSequence'],
        expression: 'MolecularSequence.variant.start',
      },
      {
        code: 'chromosome-variant-coordinate',
        type: 'composite',
        base: ['MolecularSequence'],
        expression: 'MolecularSequence.variant',
        components: [
          {
            definition: 'http://x/MolecularSequence-chromosome',
            expression: '%resource.referenceSeq.chromosome',
          },
          { definition: 'http://x/MolecularSequence-variant-start', expression: 'start' },
        ],
      },
    ]);
    const resource = resourceOf({
      resourceType: 'MolecularSequence',
      referenceSeq: { chromosome: { coding: [{ code: '1' }] } },
      variant: [{ start: 5 }, { start: 9 }],
    });
    const { composite } = indexRows(resource, parameters('MolecularSequence'), options);
    expect(
      composite?.map(({ group, value }) => [group, value.of === 'number' ? value.low : value.of]),
    ).toEqual([
      [0, 'token'],
      [0, 5],
      [1, 'token'],
      [1, 9],
    ]);
  });
});

describe('what modifiers look for in the index', () => {
  it(':text: "either CodeableConcept.text, Coding.display, or Identifier.type.text"', () => {
    const { string } = rowsOf({
      resourceType: 'Observation',
      code: { text: 'Blodtrykk', coding: [{ code: 'x', display: 'Blood Pressure' }] },
      identifier: [{ value: '1', type: { text: 'Journal' } }],
    });
    expect(string.map(({ param, exact }) => [param, exact])).toEqual([
      ['code:text', 'Blodtrykk'],
      ['code:text', 'Blood Pressure'],
      ['identifier:text', 'Journal'],
    ]);
  });

  it(':of-type: by each coding of the type, never for a private number', () => {
    const identifier = (system: string) => ({
      system,
      value: '446053',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
    });
    const index = (system: string) =>
      indexRows(
        resourceOf({ resourceType: 'Patient', identifier: [identifier(system)] }),
        parametersOf('Patient'),
        { ...options, isPrivateSystem: (one) => one === 'urn:private' },
      ).token.filter(({ param }) => param === 'identifier:of-type');
    expect(index('urn:x')).toEqual([
      {
        param: 'identifier:of-type',
        system: 'http://terminology.hl7.org/CodeSystem/v2-0203',
        code: 'MR|446053',
      },
    ]);
    expect(index('urn:private')).toEqual([]);
  });

  it('a profile with a version is found with and without it', () => {
    const { uri } = rowsOf({ resourceType: 'Observation', meta: { profile: ['http://p/q|1.0'] } });
    expect(uri.map(({ value }) => value)).toEqual(['http://p/q|1.0', 'http://p/q']);
  });
});
