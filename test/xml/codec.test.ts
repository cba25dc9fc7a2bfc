import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attribute,
  type Described,
  message,
  optionalAttribute,
  ownText,
  sequence,
  simple,
} from '../../src/xml/codec.ts';
import { inside } from '../../src/xml/codec-fields.ts';
import { anyText, instantOf, oneOf, textUpTo, xsBoolean, xsInteger } from '../../src/xml/codec-text.ts';
import { parseXml } from '../../src/xml/parse.ts';
import { printXml } from '../../src/xml/print.ts';

const LETTER = { prefix: 'l', uri: 'urn:letter', also: ['urn:letter:old'] };
const { one, optional, many, choice } = inside(LETTER);

const MESSAGE = message(
  LETTER,
  'Letter',
  sequence({
    number: attribute('number', xsInteger),
    mark: optionalAttribute('mark', anyText),
    to: one('To', choice({ person: 'Person', place: ['Place', 'Site'] }, simple(textUpTo(20)))),
    urgent: one('Urgent', simple(xsBoolean)),
    pages: many(
      'Page',
      sequence({ size: attribute('size', oneOf(['A4', 'A5'])), text: ownText(anyText) }),
      1,
    ),
    note: optional('Note', simple(anyText)),
  }),
);
type Letter = Described<typeof MESSAGE>;

const read = (xml: string, options = {}) => {
  const parsed = parseXml(xml);
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  return MESSAGE.read(parsed.value, options);
};

const faultsOf = (xml: string, options = {}) => {
  const result = read(xml, options);
  return result.ok ? [] : result.failure.map(({ kind, path }) => `${kind} ${path}`);
};

const GOOD =
  '<a:Letter xmlns:a="urn:letter" number="7"><a:To><a:Person>Ada</a:Person></a:To><a:Urgent>1</a:Urgent><a:Page size="A4">x</a:Page></a:Letter>';

// A value is trimmed when it is read, and XML has no control characters.
const text = fc.string({ unit: 'grapheme' }).map((value) => value.replace(/[^\x20-\uD7FF]/g, '').trim());
const letter: fc.Arbitrary<Letter> = fc.record(
  {
    number: fc.integer(),
    mark: text,
    to: fc.record({
      kind: fc.constantFrom('person', 'place'),
      value: text.filter((value) => value.length > 0 && value.length <= 20),
    }),
    urgent: fc.boolean(),
    pages: fc.array(fc.record({ size: fc.constantFrom('A4', 'A5'), text }), { minLength: 1, maxLength: 3 }),
    note: text,
  },
  { requiredKeys: ['number', 'to', 'urgent', 'pages'] },
);

describe('a message description', () => {
  it('reads back what it writes, whatever the values', () => {
    fc.assert(
      fc.property(letter, (value) => {
        const result = read(printXml(MESSAGE.write(value)));
        expect(result).toEqual({ ok: true, value: { value, left: [] } });
      }),
    );
  });

  it('writes elements in its order, each with its namespace, on one line', () => {
    const value: Letter = {
      number: 1,
      to: { kind: 'place', value: 'Aarhus & omegn' },
      urgent: false,
      pages: [{ size: 'A5', text: '<b>' }],
    };
    expect(printXml(MESSAGE.write(value))).toBe(
      '<l:Letter xmlns:l="urn:letter" number="1"><l:To><l:Place>Aarhus &amp; omegn</l:Place></l:To><l:Urgent>false</l:Urgent><l:Page size="A5">&lt;b&gt;</l:Page></l:Letter>',
    );
  });

  it('reads by name and namespace, not by prefix or order, unless told to be strict', () => {
    const mixed =
      '<Letter xmlns="urn:letter" number="7"><Page size="A4">x</Page><Urgent> true </Urgent><To><Site>Ribe</Site></To></Letter>';
    expect(read(mixed)).toMatchObject({ value: { value: { to: { kind: 'place', value: 'Ribe' } } } });
    expect(faultsOf(mixed, { order: 'strict' })).toEqual(['order /Letter/Urgent', 'order /Letter/To']);
  });

  it('reads the other namespaces of its vocabulary, and no namespace but those', () => {
    expect(faultsOf(GOOD.replace('urn:letter', 'urn:letter:old'))).toEqual([]);
    expect(faultsOf(GOOD.replace('urn:letter', 'urn:other'))).toEqual(['root /']);
    const foreign = GOOD.replace('<a:Urgent>1</a:Urgent>', '<b:Urgent xmlns:b="urn:b">1</b:Urgent>');
    expect(faultsOf(foreign)).toEqual(['missing /Letter/Urgent']);
  });

  it('tells every fault with its path, and no value', () => {
    const bad =
      '<Letter xmlns="urn:letter" number="x"><To><Person>a</Person><Place>b</Place></To><Urgent>2510489996</Urgent><Urgent>true</Urgent><Page size="A3">x</Page></Letter>';
    expect(faultsOf(bad)).toEqual([
      'value /Letter/@number',
      'repeated /Letter/To',
      'repeated /Letter/Urgent',
      'value /Letter/Page[1]/@size',
    ]);
    expect(JSON.stringify(read(bad))).not.toContain('2510489996');
  });

  it('tells what nobody described, or refuses it', () => {
    const more = GOOD.replace('</a:Letter>', '<a:Stamp>red</a:Stamp></a:Letter>');
    expect(read(more)).toMatchObject({ ok: true, value: { left: ['/Letter/Stamp'] } });
    expect(faultsOf(more, { unknown: 'refuse' })).toEqual(['unexpected /Letter/Stamp']);
  });

  it('refuses text between elements and elements in a text', () => {
    expect(faultsOf(GOOD.replace('<a:Urgent>', 'hello<a:Urgent>'))).toEqual(['text /Letter']);
    expect(faultsOf(GOOD.replace('>Ada<', '><a:b/>Ada<'))).toEqual(['text /Letter/To/Person']);
  });
});

describe('xs:dateTime', () => {
  it.each([
    ['2026-03-03T08:00:00+01:00', Date.UTC(2026, 2, 3, 7)],
    ['2026-03-03T07:00:00.123Z', Date.UTC(2026, 2, 3, 7, 0, 0, 123)],
    ['2026-03-03T07:00:00', Date.UTC(2026, 2, 3, 7)],
    ['2026-02-30T07:00:00Z', undefined],
    ['2026-03-03T24:00:00Z', undefined],
    ['2026-03-03', undefined],
    ['yesterday', undefined],
  ])('%s', (text, expected) => {
    expect(instantOf(text)).toBe(expected);
  });
});
