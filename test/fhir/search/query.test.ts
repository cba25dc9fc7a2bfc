import { describe, expect, it } from 'vitest';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { type ParseOptions, parseSearch } from '../../../src/fhir/search/parse.ts';
import { OBSERVATION_PARAMETERS } from './observation.ts';

const parametersOf = createSearchParameters(OBSERVATION_PARAMETERS);
const TYPES = ['Observation', 'Patient', 'Practitioner', 'Organization', 'Encounter', 'Provenance'];

const plain: ParseOptions = { handling: 'strict', now: 0, baseUrl: 'https://facade.example/fhir' };
const full: ParseOptions = {
  ...plain,
  subsets: true,
  related: {
    types: TYPES,
    parametersOf,
    reachOf: (type) => (type === 'Practitioner' ? undefined : { within: { patients: ['p'] } }),
  },
};

const parse = (query: string, options = full) =>
  parseSearch('Observation', [...new URLSearchParams(query)], parametersOf('Observation'), options);

const parsed = (query: string, options = full) => {
  const result = parse(query, options);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
};

const faults = (query: string, options = full) => {
  const result = parse(query, options);
  return result.ok ? [] : result.failure;
};

describe('a chain', () => {
  it('carries how far the caller sees into each type on its way', () => {
    expect(parsed('subject:Patient.name=x').request.criteria).toEqual([
      {
        kind: 'chain',
        param: 'subject',
        anyOf: [
          {
            type: 'Patient',
            reach: { within: { patients: ['p'] } },
            criterion: {
              kind: 'string',
              param: 'name',
              anyOf: [{ match: 'starts', folded: 'x', exact: 'x' }],
            },
          },
        ],
      },
    ]);
  });

  it('leaves out the types that the caller may not search', () => {
    const [criterion] = parsed('performer.name=x').request.criteria;
    expect(criterion?.kind === 'chain' && criterion.anyOf.map(({ type }) => type)).toEqual(['Organization']);
    expect(faults('performer:Practitioner.name=x')).toMatchObject([{ code: 'forbidden' }]);
  });

  it('is unknown where nothing is said of other types, and so are its relatives', () => {
    for (const query of [
      'patient.name=x',
      '_has:Observation:patient:code=x',
      '_include=Observation:patient',
      '_elements=status',
      '_revinclude=Provenance:target',
    ]) {
      expect(faults(query, plain), query).toMatchObject([{ code: 'not-supported' }]);
    }
    expect(faults('_summary=true', plain)).toMatchObject([{ code: 'not-supported' }]);
  });

  it('that leads nowhere is a fault even when handling is lenient, an unknown one is left out', () => {
    const lenient: ParseOptions = { ...full, handling: 'lenient' };
    const { warnings, applied } = parsed('patient.bogus=x&status=final&_include=Observation:bogus', lenient);
    expect(warnings).toHaveLength(2);
    expect(applied).toEqual([['status', 'final']]);
    expect(faults('performer:Practitioner.name=x', lenient)).toHaveLength(1);
    expect(faults('subject:Patient._lastUpdated=yesterday', lenient)).toHaveLength(1);
  });

  it('never has a number repeated, wherever in the name or value it stands', () => {
    const secret = '01817500168';
    const queries = [
      `patient.identifier.${secret}=x`,
      `patient:${secret}.name=x`,
      `${secret}.name=x`,
      `_has:${secret}:patient:code=x`,
      `_has:Observation:${secret}:code=x`,
      `_has:Observation:patient:${secret}=x`,
      `_include=${secret}`,
      `_include=Observation:${secret}`,
      `_include=Observation:patient:${secret}`,
      `_elements=${secret}`,
      `_summary=${secret}`,
      `_sort=${secret}`,
      `value-quantity=${secret}|x`,
      `code-value-quantity=${secret}`,
      `identifier:of-type=a|${secret}`,
      `patient._lastUpdated=${secret}x`,
    ];
    for (const query of queries) {
      const found = faults(query);
      expect(found.length, query).toBeGreaterThan(0);
      expect(JSON.stringify(found), query).not.toContain(secret);
    }
  });
});

describe('_summary and _elements', () => {
  it('are handed on to whoever writes the answer', () => {
    expect(parsed('_summary=text').subset).toEqual({ summary: 'text' });
    expect(parsed('_elements=status,value[x]').subset).toEqual({ elements: ['status', 'value[x]'] });
    expect(parsed('_summary=false').subset).toBeUndefined();
    expect(parsed('_summary=count')).toMatchObject({ request: { count: 0, total: 'accurate' } });
  });

  it('are given once, and not both', () => {
    expect(faults('_summary=true&_elements=status')).toMatchObject([{ code: 'invalid' }]);
    expect(faults('_elements=a&_elements=b')).toMatchObject([{ code: 'invalid' }]);
    expect(faults('_summary=count&_summary=true')).toMatchObject([{ code: 'invalid' }]);
    expect(faults('_elements=a.b')).toMatchObject([{ code: 'value' }]);
    expect(faults('_summary=text&_include=Observation:patient')).toMatchObject([{ code: 'invalid' }]);
  });
});

describe('_include', () => {
  it('names the types that come along, and of a wildcard every reference', () => {
    expect(parsed('_include=Observation:performer').request.includes).toEqual([
      {
        direction: 'forward',
        source: 'Observation',
        params: ['performer'],
        yields: [{ type: 'Organization', reach: { within: { patients: ['p'] } } }],
        iterate: false,
      },
    ]);
    expect(parsed('_include:iterate=Observation:*').request.includes?.[0]).toMatchObject({
      params: ['encounter', 'patient', 'performer', 'subject'],
      iterate: true,
    });
    expect(parsed('_revinclude:iterate=Provenance:target:Patient').request.includes).toEqual([
      {
        direction: 'reverse',
        source: 'Provenance',
        params: ['target'],
        yields: [{ type: 'Provenance', reach: { within: { patients: ['p'] } } }],
        target: 'Patient',
        iterate: true,
      },
    ]);
  });

  it('of a type that the caller may not search is refused', () => {
    expect(faults('_include=Observation:performer:Practitioner')).toMatchObject([{ code: 'forbidden' }]);
  });
});
