import type { OperationOutcome } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Issue } from '../../src/failure.ts';
import { echoHeaders } from '../../src/headers/echo.ts';
import { faulty, parsed } from '../../src/headers/faults.ts';
import { createMemo } from '../../src/headers/memo.ts';
import { headerFindings } from '../../src/headers/report.ts';
import { checkHeaderSizes } from '../../src/headers/sizes.ts';
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
