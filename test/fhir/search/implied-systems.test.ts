import { describe, expect, it } from 'vitest';
import { DEFINITIONS, SEARCH_PARAMETERS, VALUE_SETS } from '../../../src/fhir/definitions/index.ts';
import { createSystemOf } from '../../../src/fhir/search/implied-systems.ts';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';

const systemOf = createSystemOf(DEFINITIONS, VALUE_SETS);
const parametersOf = createSearchParameters(SEARCH_PARAMETERS, systemOf);

describe('the code system of a primitive code', () => {
  it.each([
    ['Consent.status', 'http://hl7.org/fhir/consent-state-codes'],
    ['Patient.gender', 'http://hl7.org/fhir/administrative-gender'],
    ['Consent.provision.type', 'http://hl7.org/fhir/consent-provision-type'],
    ['Consent.provision.provision.type', 'http://hl7.org/fhir/consent-provision-type'],
    ['Patient.language', undefined],
    ['Patient.active', undefined],
    ['Consent.category', undefined],
    ['Consent.bogus', undefined],
    ['Patient.telecom.where(system="phone")', undefined],
  ])('%s: %s', (path, system) => expect(systemOf(path)).toBe(system));

  it('is that of a registry for mime types and languages', () => {
    const required = Object.values(DEFINITIONS.types)
      .flatMap(({ elements }) => elements)
      .find(({ binding }) => binding?.valueSet.startsWith('http://hl7.org/fhir/ValueSet/mimetypes'));
    expect(systemOf(required?.path ?? '')).toBe('urn:ietf:bcp:13');
  });

  it('is told of a parameter that finds nothing else', () => {
    const system = (type: string, code: string) =>
      parametersOf(type).find((param) => param.code === code)?.system;
    expect(system('Consent', 'status')).toBe('http://hl7.org/fhir/consent-state-codes');
    expect(system('Patient', 'gender')).toBe('http://hl7.org/fhir/administrative-gender');
    expect(system('Consent', 'category')).toBeUndefined();
    expect(system('Patient', 'active')).toBeUndefined();
  });
});

describe('a search that names the system of a primitive code', () => {
  const matches = (value: string) => {
    const parsed = parseSearch('Consent', [['status', value]], parametersOf('Consent'), {
      handling: 'strict',
      now: 0,
      baseUrl: '',
    });
    const [criterion] = parsed.ok ? parsed.value.request.criteria : [];
    return criterion?.kind === 'token' ? criterion.anyOf : undefined;
  };

  it('asks for the bare code, which is all that stands in the resource', () => {
    expect(matches('http://hl7.org/fhir/consent-state-codes|active')).toEqual([{ code: 'active' }]);
    expect(matches('|active')).toEqual([{ code: 'active' }]);
    expect(matches('active')).toEqual([{ code: 'active' }]);
  });

  it('asks for any code when it names the system alone', () => {
    expect(matches('http://hl7.org/fhir/consent-state-codes|')).toEqual([{ system: null }]);
  });

  it('finds nothing in another system', () => {
    expect(matches('http://other|active')).toEqual([{ system: 'http://other', code: 'active' }]);
  });
});
