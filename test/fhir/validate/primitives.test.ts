import { expect, test } from 'vitest';
import { DEFINITIONS } from '../../../src/fhir/definitions/index.ts';
import { PRIMITIVES } from '../../../src/fhir/validate/primitives.ts';

/** Values that each format takes, and values that it refuses. */
const TABLE: Readonly<Record<string, readonly [readonly unknown[], readonly unknown[]]>> = {
  base64Binary: [
    ['YQ==', 'YWI=', 'YWJj', 'YWJj\r\nYWJj'],
    ['', 'YQ', 'YQ=', 'Y=Q=', 'YQ==YQ==', 'a-_b', 1],
  ],
  boolean: [
    [true, false],
    ['true', 0, null],
  ],
  canonical: [
    ['http://a.example/x|1.0', 'urn:uuid:a', '#a'],
    ['', 'a b'],
  ],
  code: [
    ['a', 'a b', 'A+', 'æ'],
    ['', ' a', 'a ', 'a  b', 'a\tb', 1],
  ],
  date: [
    ['2026', '2026-03', '2026-03-31', '2000-02-29'],
    ['26', '0000', '2026-00', '2026-04-31', '1900-02-29', '2026-3-1', '2026-03-03T10:00:00Z'],
  ],
  dateTime: [
    ['2026', '2026-03', '2026-03-03', '2026-03-03T08:00:00Z', '2026-03-03T08:00:00.123+14:00'],
    [
      '2026-03-03T08:00Z',
      '2026-03-03T08:00:00',
      '2026-03-03T24:00:00Z',
      '2026-02-30T08:00:00Z',
      '2026-03-03T08:00:00+15:00',
      '2026-03-03 08:00:00Z',
    ],
  ],
  decimal: [
    [1, -1.5, 0, 1e10],
    ['1', Number.NaN, Number.POSITIVE_INFINITY, null],
  ],
  id: [
    ['a', 'A-b.9', 'x'.repeat(64)],
    ['', 'x'.repeat(65), 'a_b', 'a/b'],
  ],
  instant: [
    ['2026-03-03T08:00:00Z', '2015-02-07T13:28:17.239+02:00'],
    ['2026-03-03', '2026-03-03T08:00:00', '2026-02-29T08:00:00Z'],
  ],
  integer: [
    [0, -2147483648, 2147483647],
    [1.5, 2147483648, '1'],
  ],
  markdown: [['# a\n\nb'], ['', '  ', '\u0000']],
  oid: [['urn:oid:1.2.3'], ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02']],
  positiveInt: [
    [1, 2147483647],
    [0, -1, 1.5],
  ],
  string: [
    ['a', ' a ', 'a\r\n\tb', '😀', '\u00a0a'],
    ['', ' ', 'a\u0000', 'a\u001f', '\ud800', 'x'.repeat(1_048_577), 1],
  ],
  time: [
    ['08:00:00', '23:59:59.9'],
    ['24:00:00', '08:00', '8:00:00'],
  ],
  unsignedInt: [
    [0, 1],
    [-1, 0.5],
  ],
  uri: [
    ['urn:oid:1.2', 'http://a.example/æ', 'a'],
    ['', 'a b'],
  ],
  url: [['https://a.example'], ['', 'a\nb']],
  uuid: [
    ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:C757873D-EC9A-4326-A141-556F43239520'],
  ],
  xhtml: [['<div/>'], ['', 1]],
};

test('every primitive type of R4 has a format', () => {
  const types = Object.entries(DEFINITIONS.types).filter(([, { kind }]) => kind === 'primitive-type');
  expect(Object.keys(PRIMITIVES).sort()).toEqual(types.map(([name]) => name).sort());
  expect(Object.keys(TABLE).sort()).toEqual(Object.keys(PRIMITIVES).sort());
});

const rows = Object.entries(TABLE);

test.each(rows.flatMap(([type, [good]]) => good.map((value) => [type, value] as const)))(
  '%s takes %j',
  (type, value) => {
    expect(PRIMITIVES[type]?.(value)).toBeUndefined();
  },
);

test.each(
  rows.flatMap(([type, [, bad]]) =>
    bad.map((value) => [type, JSON.stringify(value).slice(0, 40), value] as const),
  ),
)('%s refuses %s', (type, _shown, value) => {
  expect(PRIMITIVES[type]?.(value)).toEqual(expect.any(String));
});
