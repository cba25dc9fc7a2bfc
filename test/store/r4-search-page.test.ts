import { describe, expect, it } from 'vitest';
import definitions from '../../src/fhir/definitions/search-parameters.generated.json' with { type: 'json' };
import { indexRows } from '../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { createRepository, UNGUARDED } from '../../src/store/repository.ts';
import { migrate } from '../../src/store/schema.ts';
import { createSearch } from '../../src/store/search.ts';
import { coded, OBSERVATION_PARAMETERS, quantity, resourceOf } from '../fhir/search/observation.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

/** The examples of https://hl7.org/fhir/R4/search.html, each with the page's own words. */

const NOW = Date.parse('2026-11-21T12:00:00Z');
const parametersOf = createSearchParameters([...definitions, ...OBSERVATION_PARAMETERS]);
const options = { baseUrl: 'http://example.org/fhir', isPrivateSystem: () => false };

/** The names of those resources that a query finds. */
const found = async (
  query: string,
  resources: Readonly<Record<string, object>>,
): Promise<readonly string[]> => {
  const db = memoryDatabase();
  await migrate(db);
  const repository = createRepository(db);
  const [type = '', search = ''] = query.split(/\?(.*)/s);
  const names = Object.keys(resources);
  for (const [at, body] of Object.values(resources).entries()) {
    const resource = resourceOf({ resourceType: type, id: `r${at}`, ...body });
    const version = {
      type,
      id: `r${at}`,
      version: 1,
      lastUpdated: NOW,
      deleted: false,
      method: 'PUT' as const,
      content: '{}',
      patient: null,
      owner: null,
      checkedAt: null,
      uniqueKey: null,
      index: indexRows(resource, parametersOf(type), options),
    };
    await db.batch(repository.versionStatements(version, UNGUARDED));
  }
  const entries = [...new URLSearchParams(search)];
  const parsed = parseSearch(type, entries, parametersOf(type), {
    handling: 'strict',
    now: NOW,
    baseUrl: options.baseUrl,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
  const { versions } = await createSearch(db).search(parsed.value.request);
  return versions.map(({ id }) => names[Number(id.slice(1))] ?? '');
};

const on = (effectiveDateTime: string) => ({ effectiveDateTime });
const during = (start?: string, end?: string) => ({
  effectivePeriod: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) },
});

type Example = readonly [
  query: string,
  says: string,
  matches: Readonly<Record<string, object>>,
  others: Readonly<Record<string, object>>,
];

const DATES: readonly Example[] = [
  [
    'Observation?date=eq2013-01-14',
    '2013-01-14T00:00 matches (obviously), 2013-01-14T10:00 matches, 2013-01-15T00:00 does not match - it’s not in the range',
    { midnight: on('2013-01-14T00:00:00Z'), morning: on('2013-01-14T10:00:00Z') },
    { next: on('2013-01-15T00:00:00Z') },
  ],
  [
    'Observation?date=ne2013-01-14',
    '2013-01-15T00:00 matches - it’s not in the range; 2013-01-14T00:00 and T10:00 do not match',
    { next: on('2013-01-15T00:00:00Z') },
    { midnight: on('2013-01-14T00:00:00Z'), morning: on('2013-01-14T10:00:00Z') },
  ],
  [
    'Observation?date=lt2013-01-14T10:00',
    '2013-01-14 matches, because it includes the part of 14-Jan 2013 before that time',
    {
      day: on('2013-01-14'),
      overlapping: during('2013-01-13T12:00:00Z', '2013-01-14T12:00:00Z'),
      starting: during('2013-01-14T08:00:00Z', '2013-01-15T08:00:00Z'),
    },
    { after: on('2013-01-14T10:01:00Z') },
  ],
  [
    'Observation?date=gt2013-01-14T10:00',
    '2013-01-14 matches, because it includes the part of 14-Jan 2013 after that time',
    {
      day: on('2013-01-14'),
      overlapping: during('2013-01-13T12:00:00Z', '2013-01-14T12:00:00Z'),
      beginning: during('2013-01-14T12:00:00Z', '2013-01-15T12:00:00Z'),
    },
    { before: on('2013-01-14T09:59:00Z') },
  ],
  [
    'Observation?date=ge2013-03-14',
    '"from 21-Jan 2013 onwards" is included because that period may include times after 14-Mar 2013',
    { onwards: during('2013-01-21') },
    { until: during(undefined, '2013-01-21') },
  ],
  [
    'Observation?date=le2013-03-14',
    '"from 21-Jan 2013 onwards" is included because that period may include times before 14-Mar 2013',
    { onwards: during('2013-01-21') },
    { later: during('2013-03-15') },
  ],
  [
    'Observation?date=sa2013-03-14',
    '"from 15-Mar 2013 onwards" is included because that period starts after 14-Mar 2013; "from 21-Jan 2013 onwards" is not included because that period starts before, "before and including 21-Jan 2013" because it starts (and ends) before',
    { after: during('2013-03-15') },
    { onwards: during('2013-01-21'), until: during(undefined, '2013-01-21') },
  ],
  [
    'Observation?date=eb2013-03-14',
    '"before and including 21-Jan 2013" is included because that period ends before 14-Mar 2013; "from 15-Mar 2013 onwards" and "from 21-Jan 2013 onwards" are not',
    { until: during(undefined, '2013-01-21') },
    { after: during('2013-03-15'), onwards: during('2013-01-21') },
  ],
  [
    'Observation?date=ap2013-03-14',
    '14-Mar 2013 is included as it exactly matches, 21-Jan 2013 because that is near; 15-June 2015 is not near',
    { same: on('2013-03-14'), near: on('2013-01-21') },
    { far: on('2015-06-15') },
  ],
];

const named = (...given: readonly string[]) => ({ name: [{ given }] });

const OTHERS: readonly Example[] = [
  [
    'Patient?given=eve',
    'Any patients with a name containing a given part with "eve" at the start of the name. This would include patients with the given name "Eve", "Evelyn"',
    { Eve: named('Eve'), Evelyn: named('Evelyn') },
    { Severine: named('Severine') },
  ],
  [
    'Patient?given:contains=eve',
    'with "eve" at any position. This would include patients with the given name "Eve", "Evelyn", and also "Severine"',
    { Eve: named('Eve'), Evelyn: named('Evelyn'), Severine: named('Severine') },
    { Anna: named('Anna') },
  ],
  [
    'Patient?given:exact=Eve',
    'that is exactly "Eve". Note: this would not include patients with the given name "eve" or "EVE"',
    { Eve: named('Eve') },
    { eve: named('eve'), EVE: named('EVE') },
  ],
  [
    'Patient?given=eve&given=marie',
    'AND: all patients that have both',
    { both: named('Eve', 'Marie') },
    { one: named('Eve') },
  ],
  [
    'Patient?given=eve,marie',
    'OR: either of them',
    { one: named('Eve'), other: named('Marie') },
    { none: named('Liv') },
  ],
  [
    'Patient?identifier=http://acme.org/patient|2345',
    'Search for all the patients with an identifier with key = "2345" in the system "http://acme.org/patient"',
    { here: { identifier: [{ system: 'http://acme.org/patient', value: '2345' }] } },
    { elsewhere: { identifier: [{ system: 'http://other.org', value: '2345' }] } },
  ],
  [
    'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|446053',
    'Search for the Medical Record Number 446053',
    {
      mrn: {
        identifier: [
          {
            value: '446053',
            type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
          },
        ],
      },
    },
    { untyped: { identifier: [{ value: '446053' }] } },
  ],
  [
    'Patient?gender=male',
    'Search for any patient with a gender that has the code "male"',
    { he: { gender: 'male' } },
    { she: { gender: 'female' } },
  ],
  [
    'Patient?gender:not=male',
    'any patient with a gender that does not have the code "male" ... including those with no gender',
    { she: { gender: 'female' }, unknown: {} },
    { he: { gender: 'male' } },
  ],
  [
    'Patient?active=true',
    'Search for any patients that are active',
    { yes: { active: true } },
    { no: { active: false } },
  ],
  [
    'Patient?gender:missing=true',
    'match all resources that don’t have a value for the element',
    { unknown: {} },
    { he: { gender: 'male' } },
  ],
  [
    'Observation?code:text=headache',
    'Search for any Condition with a code that has a text "headache" associated with it',
    { said: { code: coded('1', { text: 'Headache, mild' }) } },
    { other: { code: coded('1', { text: 'Fever' }) } },
  ],
  [
    'Observation?subject=Patient/123',
    'the logical [id] of a resource of that type',
    {
      his: { subject: { reference: 'Patient/123' } },
      absolute: { subject: { reference: 'http://example.org/fhir/Patient/123' } },
    },
    {
      group: { subject: { reference: 'Group/123' } },
      far: { subject: { reference: 'http://else.org/fhir/Patient/123' } },
    },
  ],
  [
    'Observation?subject:Patient=23',
    'the modifier :[type] gives the type of a bare id',
    { patient: { subject: { reference: 'Patient/23' } } },
    { group: { subject: { reference: 'Group/23' } } },
  ],
  [
    'Observation?subject:identifier=http://acme.org/fhir/identifier/mrn|123456',
    'a search for all observations that reference a patient by a particular identifier',
    {
      logical: {
        subject: { identifier: { system: 'http://acme.org/fhir/identifier/mrn', value: '123456' } },
      },
    },
    { other: { subject: { identifier: { system: 'http://acme.org/fhir/identifier/mrn', value: '1' } } } },
  ],
  [
    'ValueSet?url=http://acme.org/fhir/ValueSet/123',
    'Match any value set with the exact url "http://acme.org/fhir/ValueSet/123"',
    { same: { url: 'http://acme.org/fhir/ValueSet/123' } },
    {
      longer: { url: 'http://acme.org/fhir/ValueSet/1234' },
      case: { url: 'http://ACME.org/fhir/ValueSet/123' },
    },
  ],
  [
    'ValueSet?url:below=http://acme.org/fhir/',
    'Match any value sets that have a URL that starts with "http://acme.org/fhir/"',
    { below: { url: 'http://acme.org/fhir/ValueSet/123' } },
    { beside: { url: 'http://acme.org/other' } },
  ],
  [
    'ValueSet?url:above=http://acme.org/fhir/ValueSet/123/_history/5',
    'Match any value set above a given specific URL. This will match on any value set with the specified URL, but also on http://acme.org/fhir/ValueSet/123',
    {
      same: { url: 'http://acme.org/fhir/ValueSet/123/_history/5' },
      above: { url: 'http://acme.org/fhir/ValueSet/123' },
    },
    { beside: { url: 'http://acme.org/fhir/ValueSet/124' } },
  ],
  [
    'Observation?value-quantity=5.4|http://unitsofmeasure.org|mg',
    'all the observations with a value of 5.4(+/-0.05) mg where mg is understood as a UCUM unit (system/code)',
    { near: { valueQuantity: quantity(5.42, 'mg') } },
    { far: { valueQuantity: quantity(5.46, 'mg') }, grams: { valueQuantity: quantity(5.4, 'g') } },
  ],
  [
    'Observation?value-quantity=5.40e-3|http://unitsofmeasure.org|g',
    'all the observations with a value of 0.0054(+/-0.00005) g',
    { near: { valueQuantity: quantity(0.005402, 'g') } },
    { far: { valueQuantity: quantity(0.0055, 'g') } },
  ],
  [
    'Observation?value-quantity=5.4||mg',
    'where the unit - either the code (code) or the stated human unit (unit) are "mg"',
    { code: { valueQuantity: quantity(5.4, 'mg') }, unit: { valueQuantity: { value: 5.4, unit: 'mg' } } },
    { none: { valueQuantity: { value: 5.4 } } },
  ],
  [
    'Observation?value-quantity=5.4',
    'all the observations with a value of 5.4(+/-0.05) irrespective of the unit',
    { any: { valueQuantity: quantity(5.4, 'g') }, none: { valueQuantity: { value: 5.4 } } },
    { other: { valueQuantity: { value: 6 } } },
  ],
  [
    'Observation?value-quantity=le5.4|http://unitsofmeasure.org|mg',
    'where the value of is less than or equal to 5.4 mg exactly',
    { equal: { valueQuantity: quantity(5.4, 'mg') }, less: { valueQuantity: quantity(1, 'mg') } },
    { more: { valueQuantity: quantity(5.42, 'mg') } },
  ],
  [
    'Observation?code-value-quantity=http://loinc.org|2823-3$gt5.4|http://unitsofmeasure.org|mmol/L',
    'all the observations with a code of that and a value of more than 5.4 mmol/L',
    { potassium: { code: coded('2823-3'), valueQuantity: quantity(5.5, 'mmol/L') } },
    {
      low: { code: coded('2823-3'), valueQuantity: quantity(5.4, 'mmol/L') },
      other: { code: coded('1'), valueQuantity: quantity(6, 'mmol/L') },
    },
  ],
  [
    'ValueSet?context-type-value=focus$http://loinc.org|2823-3',
    'a composite of coded values, within the same element',
    { focus: { useContext: [{ code: { code: 'focus' }, valueCodeableConcept: coded('2823-3') }] } },
    {
      apart: {
        useContext: [
          { code: { code: 'focus' }, valueCodeableConcept: coded('1') },
          { code: { code: 'venue' }, valueCodeableConcept: coded('2823-3') },
        ],
      },
    },
  ],
  [
    'Observation?value-string=xxx\\$xx',
    'In the rare case that $, | and , characters need to be passed in actual parameter values, these characters must be prepended with a \\',
    { escaped: { valueString: 'xxx$xx' } },
    { other: { valueString: 'xxx' } },
  ],
  [
    'Observation?value-string=xx\\,x,yy',
    'an escaped comma is part of the value, another one separates values',
    { first: { valueString: 'xx,x' }, second: { valueString: 'yy' } },
    { other: { valueString: 'xx' } },
  ],
];

describe('the examples of R4’s search page', () => {
  it.each([...DATES, ...OTHERS])('%s: "%s"', async (query, _says, matches, others) => {
    expect(await found(query, { ...matches, ...others })).toEqual(Object.keys(matches));
  });
});
