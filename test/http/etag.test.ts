import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { etagOf, parseEntityTags } from '../../src/http/etag.ts';

const names = (raw: string, version: number | undefined): boolean | undefined => {
  const parsed = parseEntityTags('If-Match', raw);
  return parsed.ok ? parsed.value.matches(version) : undefined;
};

describe('a list of entity tags', () => {
  it('names the version whose ETag it holds, weak or strong, and no other', () => {
    const version = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(fc.array(version, { minLength: 1, maxLength: 5 }), version, (listed, asked) => {
        for (const tag of [etagOf, (one: number) => `"${one}"`]) {
          expect(names(listed.map(tag).join(', '), asked)).toBe(listed.includes(asked));
          expect(names(listed.map(tag).join(' ,\t'), listed[0])).toBe(true);
        }
      }),
    );
  });

  it('names whatever is there by *, and never what is not', () => {
    expect([names('*', 7), names(' * ', 7), names('*', undefined)]).toEqual([true, true, false]);
    expect(names('W/"1"', undefined)).toBe(false);
  });

  it('may hold commas within a tag, and empty elements', () => {
    expect([names('"a,b", W/"2"', 2), names('W/"1",, W/"2",', 2), names('"1,2"', 2)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each(['', ',', '1', 'W/1', 'W/"1', '"', 'w/"1"', 'W/"1" W/"2"', 'W/"1", *', '*, W/"1"', '"1"2'])(
    'is refused when it is %j, with the header’s name',
    (raw) => {
      const parsed = parseEntityTags('If-Match', raw);
      expect(parsed.ok ? undefined : parsed.failure.issues[0]?.location).toEqual(['http.If-Match']);
    },
  );

  it('is read to its end whatever it holds', () => {
    fc.assert(
      fc.property(fc.string(), (raw) => {
        parseEntityTags('If-None-Match', raw);
      }),
    );
  });
});
