import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonText, printJson } from '../src/json.ts';

describe('JSON whose numbers keep their spelling', () => {
  it.each([
    '{"value":1.00}',
    '{"value":[1.0,2,3.50]}',
    '{"a":{"b":{"c":0.000}}}',
    '{"value":1e3,"other":1E+2}',
    '{"value":12345678901234567890.123456789}',
    '{"value":-0}',
    '{"value":-0.0}',
  ])('prints %s as it was parsed', (text) => {
    expect(printJson(parseJsonText(text))).toBe(text);
  });

  it('still hands out numbers to reckon with', () => {
    expect(parseJsonText('{"value":1.50}')).toEqual({ value: 1.5 });
  });

  it('prints a number that was put in the place of another', () => {
    const parsed = parseJsonText('{"value":1.50}') as { value: number };
    parsed.value = 2;
    expect(printJson(parsed)).toBe('{"value":2}');
  });

  it('keeps the spelling inside an object that is copied around it', () => {
    const parsed = parseJsonText('{"quantity":{"value":1.50},"status":"final"}') as object;
    expect(printJson({ ...parsed, id: 'x' })).toBe('{"quantity":{"value":1.50},"status":"final","id":"x"}');
  });

  it('is JSON.parse and JSON.stringify for everything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(printJson(parseJsonText(text))).toBe(text);
      }),
    );
  });

  it('breaks what JSON.parse breaks', () => {
    expect(() => parseJsonText('{"value":1.')).toThrow(SyntaxError);
  });
});
