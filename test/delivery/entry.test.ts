import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf, contentText, cut } from '../../src/delivery/entry.ts';
import { START } from './world.ts';

describe('the content of a version', () => {
  it('says the same as the resource, with id and meta of the server', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.option(fc.dictionary(fc.constantFrom('profile', 'tag', 'versionId', 'lastUpdated'), fc.string())),
        (members, meta) => {
          const { resourceType: _, id: _id, meta: _meta, ...body } = members;
          const parts: object = { ...body, id: 'of the client', ...(meta === null ? {} : { meta }) };
          const resource = { ...parts, resourceType: 'Consent' } as Resource;
          const text = contentText(contentOf(resource, 'one', 7), START);
          expect(text.startsWith('{"resourceType":"Consent","id":"one","meta":{"versionId":"7",')).toBe(true);
          const lastUpdated = new Date(START).toISOString();
          const expected = {
            ...resource,
            id: 'one',
            meta: { ...meta, versionId: '7', lastUpdated },
          };
          expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(expected)));
        },
      ),
    );
  });

  it('keeps the precision of a decimal', () => {
    const value = Object(JSON).rawJSON('1.00') as number;
    const resource = { resourceType: 'Observation', valueQuantity: { value } } as Resource;
    expect(contentText(contentOf(resource, 'o', 1), START)).toContain('"value":1.00');
  });
});

describe('a long text', () => {
  it('is cut into pieces that join to it again, none of them longer, none cut through a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 9 }), (text, size) => {
        const pieces = cut(text, size);
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(size);
          expect(piece.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});
