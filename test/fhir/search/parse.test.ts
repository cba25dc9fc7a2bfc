import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import definitions from '../../../src/fhir/definitions/search-parameters.generated.json' with {
  type: 'json',
};
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { type ParseOptions, parseSearch } from '../../../src/fhir/search/parse.ts';
import { splitUnescaped, unescapeValue } from '../../../src/fhir/search/text.ts';
import { tokenMatch } from '../../../src/fhir/search/values.ts';

const own = [{ code: 'definition', type: 'token', base: ['Consent'], expression: 'Consent.policyRule' }];
const parametersOf = createSearchParameters([...definitions, ...own]);
const params = parametersOf('Consent');
const strict: ParseOptions = {
  handling: 'strict',
  now: Date.parse('2026-11-21T00:00:00Z'),
  baseUrl: 'https://facade.example/fhir',
};

const parse = (query: string, options: ParseOptions = strict) =>
  parseSearch('Consent', [...new URLSearchParams(query)], params, options);

const parsed = (query: string, options: ParseOptions = strict) => {
  const result = parse(query, options);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
};

const faults = (query: string, options: ParseOptions = strict) => {
  const result = parse(query, options);
  return result.ok ? [] : result.failure;
};

describe('the search parameters of a type', () => {
  it('are R4’s for the type, those of every resource, and the project’s own', () => {
    const codes = params.map((param) => param.code);
    expect(codes).toEqual([...codes].sort());
    for (const code of [
      '_id',
      '_lastUpdated',
      '_profile',
      '_tag',
      '_security',
      'status',
      'patient',
      'actor',
      'definition',
    ]) {
      expect(codes).toContain(code);
    }
  });

  it('leave out what cannot be searched by: it would be ignored', () => {
    const codes = parametersOf('ValueSet').map((param) => param.code);
    expect(codes).not.toContain('_query');
    expect(parametersOf('Organization').map((param) => param.code)).not.toContain('phonetic');
  });

  it('know the searches by words, which no expression leads to', () => {
    const words = parametersOf('ValueSet').filter(({ fullText }) => fullText !== undefined);
    expect(words).toEqual([
      { code: '_content', type: 'string', target: [], fullText: 'content' },
      { code: '_text', type: 'string', target: [], fullText: 'narrative' },
    ]);
  });
});

describe('parseSearch', () => {
  it('reads every kind of parameter', () => {
    const { request, applied } = parsed(
      'status=active,draft&patient=Patient/1&actor:identifier=urn:x|7&date=ge2013-01&_id=a&_lastUpdated=lt2020',
    );
    expect(request.criteria).toEqual([
      { kind: 'token', param: 'status', anyOf: [{ code: 'active' }, { code: 'draft' }], not: false },
      { kind: 'reference', param: 'patient', anyOf: [{ type: 'Patient', id: '1' }] },
      { kind: 'token', param: 'actor:identifier', anyOf: [{ system: 'urn:x', code: '7' }], not: false },
      { kind: 'date', param: 'date', anyOf: [{ prefix: 'ge', low: 1356998400000, high: 1359676799999 }] },
      { kind: 'id', anyOf: ['a'] },
      { kind: 'last-updated', anyOf: [{ prefix: 'lt', low: 1577836800000, high: 1609459199999 }] },
    ]);
    expect(applied).toHaveLength(6);
  });

  it('gives twenty a page, at most a hundred, and no total unless asked', () => {
    expect(parsed('').request).toEqual({ type: 'Consent', criteria: [], count: 20, sort: [], total: 'none' });
    expect(parsed('_count=7').request.count).toBe(7);
    expect(parsed('_count=100000').request.count).toBe(100);
    expect(parsed('_count=0').request).toMatchObject({ count: 0, total: 'accurate' });
    expect(parsed('_summary=count').request).toMatchObject({ count: 0, total: 'accurate' });
    expect(parsed('_total=estimate').request.total).toBe('estimate');
  });

  it('sorts by what can be sorted by', () => {
    expect(parsed('_sort=-date,_lastUpdated').request.sort).toEqual([
      { by: 'date', descending: true },
      { by: '_lastUpdated', descending: false },
    ]);
    expect(parsed('_sort=status,-patient').request.sort).toEqual([
      { by: 'status', descending: false, of: 'token' },
      { by: 'patient', descending: true, of: 'reference' },
    ]);
    expect(faults('_sort=bogus')[0]?.diagnostics).toContain('_id, _lastUpdated,');
    expect(faults('_sort=status,date,_id,period,patient')[0]?.code).toBe('not-supported');
  });

  it('finds every fault at once', () => {
    const found = faults(
      'status:in=x&date=yesterday&bogus=1&_count=-1&patient:missing=maybe&_total=some&status=|',
    );
    expect(found.map((issue) => [issue.code, issue.location?.[0], issue.malformed])).toEqual([
      ['not-supported', 'http.status', true],
      ['value', 'http.date', true],
      ['not-supported', 'http.bogus', true],
      ['value', 'http._count', true],
      ['value', 'http.patient', true],
      ['value', 'http._total', true],
      ['value', 'http.status', true],
    ]);
  });

  it('names the unknown parameter and the valid ones', () => {
    const [issue] = faults('bogus=1');
    expect(issue?.diagnostics).toContain('bogus');
    for (const { code } of params) expect(issue?.diagnostics).toContain(code);
    expect(faults('patient.name=x')[0]?.diagnostics).toContain('chained');
  });

  it('names the modifiers that a parameter takes', () => {
    expect(faults('status:in=x')[0]?.diagnostics).toBe(
      'The parameter status takes only the modifiers missing, not, text, of-type.',
    );
    expect(faults('actor:Patient.name=x')[0]?.code).toBe('not-supported');
    expect(faults('_id:not=x')[0]?.diagnostics).toBe('The parameter _id takes no modifiers.');
    expect(faults('actor:Medication=x')[0]?.diagnostics).toContain('Practitioner');
    expect(faults('data:Medication=x')).toEqual([]);
  });

  it('ignores under lenient handling what is unknown, says so, and leaves it out of what was applied', () => {
    const lenient: ParseOptions = { ...strict, handling: 'lenient' };
    const { request, warnings, applied } = parsed('bogus=1&status=active&_sort=nothing&category=', lenient);
    expect(request.criteria).toHaveLength(1);
    expect(warnings.map((issue) => issue.severity)).toEqual(['warning', 'warning', 'warning']);
    expect(applied).toEqual([['status', 'active']]);
    expect(faults('date=yesterday&status:in=x', lenient)).toHaveLength(2);
  });

  it('takes no more than it can answer', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `${at}`).join();
    expect(faults(`status=${many(501)}`)[0]?.code).toBe('too-costly');
    expect(faults(`date=${many(31)}`)[0]?.code).toBe('too-costly');
    expect(faults(Array.from({ length: 41 }, () => 'status=a').join('&'))[0]?.code).toBe('too-costly');
  });

  it('passes on what others take care of', () => {
    const options: ParseOptions = { ...strict, alsoKnown: ['_elements'] };
    expect(parsed('_format=json&_pretty=true&_elements=id', options).applied).toHaveLength(3);
  });

  it('never repeats a value, nor a number in the place of a name', () => {
    const secret = '01817500168';
    const names = [
      'status',
      'status:text',
      'date',
      'patient',
      'patient:missing',
      '_count',
      '_sort',
      '_total',
      '_summary',
      '_id:x',
      'bogus',
      `identifier:${secret}`,
      secret,
      `x${secret}`,
      `patient:${secret}`,
    ];
    const shapes = [
      secret,
      `urn:x|${secret}|y`,
      `|${secret}|`,
      `,${secret}`,
      `Patient/${secret}/x`,
      `ge${secret}`,
    ];
    const text = names
      .flatMap((name) =>
        shapes.flatMap((value) => faults(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`)),
      )
      .map((issue) => JSON.stringify(issue))
      .join();
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain(secret);
  });
});

describe('escaping', () => {
  const escaped = (text: string) => text.replace(/[\\,|$]/g, '\\$&');

  it('brings back any code in any system from an OR list', () => {
    const text = fc.string({ minLength: 1, unit: fc.constantFrom('a', '|', ',', '\\', '$', 'ø', ' ') });
    fc.assert(
      fc.property(fc.array(fc.record({ system: text, code: text }), { minLength: 1 }), (tokens) => {
        const query = tokens.map(({ system, code }) => `${escaped(system)}|${escaped(code)}`).join();
        expect(splitUnescaped(query, ',').map(tokenMatch)).toEqual(tokens);
      }),
    );
  });

  it('leaves other backslashes alone', () => {
    expect(unescapeValue('a\\b\\\\c\\$')).toBe('a\\b\\c$');
  });

  it('takes one bar as the separator and refuses a second one', () => {
    expect(tokenMatch('a|b|c')).toBeUndefined();
    expect(tokenMatch('|')).toBeUndefined();
    expect(tokenMatch('a|')).toEqual({ system: 'a' });
    expect(tokenMatch('|b')).toEqual({ system: null, code: 'b' });
  });
});
