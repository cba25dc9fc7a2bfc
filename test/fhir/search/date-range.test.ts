import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateRange } from '../../../src/fhir/search/date-range.ts';

const range = (low: string, high: string) => ({ low: Date.parse(low), high: Date.parse(high) });

describe('dateRange', () => {
  it.each([
    ['2013', '2013-01-01T00:00:00.000Z', '2013-12-31T23:59:59.999Z'],
    ['2012-02', '2012-02-01T00:00:00.000Z', '2012-02-29T23:59:59.999Z'],
    ['2013-12', '2013-12-01T00:00:00.000Z', '2013-12-31T23:59:59.999Z'],
    ['2013-01-14', '2013-01-14T00:00:00.000Z', '2013-01-14T23:59:59.999Z'],
    ['2013-01-14T10:00', '2013-01-14T10:00:00.000Z', '2013-01-14T10:00:59.999Z'],
    ['2013-01-14T10:00Z', '2013-01-14T10:00:00.000Z', '2013-01-14T10:00:59.999Z'],
    ['2013-01-14T10:00:05Z', '2013-01-14T10:00:05.000Z', '2013-01-14T10:00:05.999Z'],
    ['2013-01-14T10:00:05.1Z', '2013-01-14T10:00:05.100Z', '2013-01-14T10:00:05.199Z'],
    ['2013-01-14T10:00:05.123456Z', '2013-01-14T10:00:05.123Z', '2013-01-14T10:00:05.123Z'],
    ['2013-01-14T00:30:00+02:00', '2013-01-13T22:30:00.000Z', '2013-01-13T22:30:00.999Z'],
    ['2013-01-13T23:30:00-05:00', '2013-01-14T04:30:00.000Z', '2013-01-14T04:30:00.999Z'],
    ['0001', '0001-01-01T00:00:00.000Z', '0001-12-31T23:59:59.999Z'],
  ])('%s covers what its precision says', (text, low, high) => {
    expect(dateRange(text)).toEqual(range(low, high));
  });

  it.each([
    '',
    '13',
    '2013-13',
    '2013-02-29',
    '2013-1-1',
    '2013-01-14T10',
    '2013-01-14T25:00:00Z',
    '2013-01-14T10:61Z',
    '2013-01-14 10:00',
    'x2013',
    '2013-01-14T10:00:00+0100',
    '2013-01-14T10:00:00+25:00',
    '2013-01-14T10:00:00-14:30',
  ])('%s is no date', (text) => expect(dateRange(text)).toBeUndefined());

  it('agrees with ECMAScript on every instant', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(dateRange(date.toISOString())).toEqual({ low: date.getTime(), high: date.getTime() });
        },
      ),
    );
  });
});
