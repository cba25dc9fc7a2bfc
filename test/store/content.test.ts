import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from '../../src/store/content.ts';

const halved = /^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/;

describe('cut', () => {
  it('loses nothing, keeps pieces within the limit and surrogate pairs whole', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ø', '€', '😀', '\u{10FFFF}'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 7 }), (whole, units) => {
        const pieces = cut(whole, units);
        expect(pieces.join('')).toBe(whole);
        for (const piece of pieces) {
          expect(piece.length).toBeGreaterThan(0);
          expect(piece.length).toBeLessThanOrEqual(units);
          expect(piece).not.toMatch(halved);
        }
      }),
    );
  });
});
