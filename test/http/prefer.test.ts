import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrefer } from '../../src/http/prefer.ts';

describe('Prefer', () => {
  it.each([
    ['return=minimal', { return: 'minimal' }],
    ['return=representation', { return: 'representation' }],
    ['return = OperationOutcome', { return: 'OperationOutcome' }],
    ['RETURN=operationoutcome', { return: 'OperationOutcome' }],
    ['return="minimal"', { return: 'minimal' }],
    ['return=minimal, handling=lenient', { return: 'minimal', handling: 'lenient' }],
    ['handling=strict; return=minimal', { return: 'minimal', handling: 'strict' }],
    ['respond-async, wait=10, handling=Lenient', { handling: 'lenient' }],
    ['', {}],
    [' , ; ', {}],
    ['handling=maybe', {}],
  ])('%s', (raw, expected) => {
    expect(parsePrefer(raw)).toEqual(expected);
  });

  it('that was not sent says nothing', () => {
    expect(parsePrefer(null)).toEqual({});
    expect(parsePrefer(undefined)).toEqual({});
  });

  it('counts the first of a preference given twice (RFC 7240, section 2)', () => {
    expect(parsePrefer('return=minimal, return=representation')).toEqual({ return: 'minimal' });
    expect(parsePrefer('return=bogus, return=minimal')).toEqual({ unknownReturn: 'bogus' });
  });

  it('names a return that is none of the three, cut short', () => {
    expect(parsePrefer('return=everything')).toEqual({ unknownReturn: 'everything' });
    expect(parsePrefer('return')).toEqual({ unknownReturn: '' });
    expect(parsePrefer(`return=${'x'.repeat(500)}`).unknownReturn).toHaveLength(32);
  });

  it('sees nothing inside quotes', () => {
    expect(parsePrefer('foo="a, return=minimal"')).toEqual({});
    expect(parsePrefer('foo="\\", return=minimal", handling=strict')).toEqual({ handling: 'strict' });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        parsePrefer(raw);
        parsePrefer(`return=${raw}`);
      }),
    );
  });
});
