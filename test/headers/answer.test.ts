import type { OperationOutcome } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Issue } from '../../src/failure.ts';
import { echoHeaders } from '../../src/headers/echo.ts';
import { faulty, parsed } from '../../src/headers/faults.ts';
import { createMemo } from '../../src/headers/memo.ts';
import { headerFindings } from '../../src/headers/report.ts';
import { checkHeaderSizes, DEFAULT_HEADER_LIMITS, headerLimitsBy } from '../../src/headers/sizes.ts';
import { GOOD, headersOf } from './examples.ts';

describe('ids on the answer', () => {
  const upper = GOOD['X-Request-ID'].toUpperCase();

  it('are those of the call, letter for letter', () => {
    expect(echoHeaders(headersOf({ 'X-Request-ID': upper, 'X-Context-ID': GOOD['X-Context-ID'] }))).toEqual({
      'X-Request-ID': upper,
      'X-Context-ID': GOOD['X-Context-ID'],
    });
  });

  it('are not made up when the call had none, or none that can be used', () => {
    expect(echoHeaders(headersOf({}))).toEqual({});
    expect(
      echoHeaders(headersOf({ 'X-Request-ID': `${upper}, ${upper}`, 'X-Context-ID': '<script>' })),
    ).toEqual({});
  });

  it('the old name is answered under the new one, unless that is off', () => {
    const headers = headersOf({ 'X-Correlation-ID': upper });
    expect(echoHeaders(headers)).toEqual({ 'X-Context-ID': upper });
    expect(echoHeaders(headers, { oldContextName: false })).toEqual({});
  });
});

describe('header sizes', () => {
  const limits = { total: 200, value: 50, authorization: 100 };
  const code = (headers: Record<string, string>) =>
    checkHeaderSizes(Object.entries(headers), limits)?.issues[0];

  it('one value beyond its limit is refused by name', () => {
    expect(code({ 'X-Provenance': 'x'.repeat(50) })).toBeUndefined();
    expect(code({ 'X-Provenance': 'x'.repeat(51) })).toMatchObject({
      code: 'too-long',
      location: ['http.X-Provenance'],
      details: { code: 'header-too-large' },
    });
  });

  it('Authorization has a limit of its own', () => {
    expect(code({ authorization: 'x'.repeat(100) })).toBeUndefined();
    expect(code({ authorization: 'x'.repeat(101) })).toBeDefined();
  });

  it('so is the block as a whole', () => {
    const headers = { a: 'x'.repeat(50), b: 'x'.repeat(50), c: 'x'.repeat(50) };
    expect(code(headers)).toBeUndefined();
    expect(code({ ...headers, d: 'x'.repeat(31) })?.diagnostics).toContain('201 bytes together');
    expect(checkHeaderSizes(Object.entries({ ...headers, d: 'x'.repeat(31) }), limits)?.kind).toBe(
      'headers-too-large',
    );
  });

  it('the defaults let a long X-Provenance through', () => {
    expect(checkHeaderSizes(headersOf({ ...GOOD, 'X-Provenance': 'x'.repeat(8192) }))).toBeUndefined();
    expect(checkHeaderSizes(headersOf({ 'X-Provenance': 'x'.repeat(8193) }))).toBeDefined();
  });
});

describe('header limits', () => {
  const SAML = { total: 65_536, value: 8192, authorization: 32_768 };
  const limits = (...given: Parameters<typeof headerLimitsBy>) => {
    const result = headerLimitsBy(...given);
    return result.ok ? result.value : result.failure;
  };

  it('are those of the kinds of token, unless HEADER_MAX_VALUE or HEADER_MAX_TOTAL say others', () => {
    expect(limits({})).toEqual(DEFAULT_HEADER_LIMITS);
    expect(limits({}, SAML)).toEqual(SAML);
    expect(limits({ maxValue: 4096 })).toEqual({ total: 16_384, value: 4096 });
    expect(limits({ maxTotal: 32_768 })).toEqual({ total: 32_768, value: 8192 });
  });

  it('leave a SAML assertion its room in Authorization', () => {
    expect(limits({ maxValue: 4096 }, SAML)).toEqual({ ...SAML, value: 4096 });
    expect(limits({ maxValue: 49_152 }, SAML)).toEqual({ ...SAML, value: 49_152, authorization: 49_152 });
  });

  it('that no header could reach stop the start', () => {
    const sentence = 'HEADER_MAX_VALUE (20480 bytes) must not be above HEADER_MAX_TOTAL (16384 bytes).';
    expect(limits({ maxValue: 20_480 })).toBe(sentence);
    expect(limits({ maxValue: 20_480 }, SAML)).toMatchObject({ value: 20_480 });
  });

  it('count the certificate of the client, which the TLS terminator adds, by itself', () => {
    const result = limits({}, undefined, 'X-Client-Cert');
    if (typeof result === 'string') throw new Error(result);
    const refusal = (certificate: number, rest: number) =>
      checkHeaderSizes(
        [
          ['x-client-cert', 'x'.repeat(certificate)],
          ['a', 'x'.repeat(8000)],
          ['b', 'x'.repeat(rest)],
        ],
        result,
      )?.issues[0]?.diagnostics;
    expect(refusal(16_384, 8000)).toBeUndefined();
    expect(refusal(16_385, 8000)).toContain('16384 are allowed');
    expect(refusal(10, 8192)).toBeUndefined();
    expect(refusal(10, 8193)).toContain('b is 8193 bytes long');
  });
});

describe('X-Header-Findings', () => {
  const decode = (value: string | undefined): OperationOutcome =>
    JSON.parse(Buffer.from(value ?? '', 'base64').toString('utf8')) as OperationOutcome;
  const issue = (severity: Issue['severity'], diagnostics: string): Issue => ({
    severity,
    code: 'invalid',
    diagnostics,
  });

  it('is absent when there is nothing to say', () => {
    expect(headerFindings([])).toBeUndefined();
  });

  it('is an OperationOutcome, errors first, å intact', () => {
    const outcome = decode(headerFindings([issue('warning', 'två'), issue('error', 'ett')]));
    expect(outcome.issue?.map((one) => one.diagnostics)).toEqual(['ett', 'två']);
  });

  it('is never beyond 4 KB, whole issues only, and counts what it leaves out', () => {
    const lists = fc.array(
      fc.record({
        severity: fc.constantFrom<Issue['severity']>('error', 'warning'),
        diagnostics: fc.string({ maxLength: 900, unit: 'grapheme' }),
      }),
      { minLength: 1, maxLength: 25 },
    );
    fc.assert(
      fc.property(lists, (entries) => {
        const issues = entries.map((entry) => issue(entry.severity, entry.diagnostics));
        const value = headerFindings(issues);
        expect(value?.length).toBeLessThanOrEqual(4096);
        const shown = decode(value).issue ?? [];
        const last = shown.at(-1);
        const cut = last?.severity === 'information';
        const left = cut ? Number.parseInt(last?.diagnostics ?? '', 10) : 0;
        expect(shown.length - (cut ? 1 : 0) + left).toBe(issues.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is remembered', () => {
  it('is bounded, and only good values are', () => {
    let parses = 0;
    const memo = createMemo<string>(2, (raw) => {
      parses += 1;
      return raw === 'bad' ? faulty({ kind: 'header-malformed', text: 'x' }) : parsed(raw);
    });
    memo('a');
    memo('a');
    expect(parses).toBe(1);
    memo('bad');
    memo('bad');
    expect(parses).toBe(3);
    memo('b');
    memo('c');
    memo('b');
    expect(parses).toBe(5);
    memo('a');
    expect(parses).toBe(6);
  });
});
