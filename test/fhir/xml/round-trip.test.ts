import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFINITIONS } from '../../../src/fhir/definitions/index.ts';
import { createXml } from '../../../src/fhir/xml/index.ts';
import { artefacts, examples, rich } from '../validate/corpus.ts';
import { resourceOf } from './generate.ts';
import { parse, print } from './json.ts';

const { canWrite, fromXml, toXml } = createXml();

const back = (xml: string): unknown => {
  const read = fromXml(xml);
  return read.ok ? parse(read.value) : read.failure;
};

const expectRoundTrip = (json: string): void => {
  expect(back(toXml(json))).toEqual(parse(json));
  expect(back(toXml(json, true))).toEqual(parse(json));
};

const TYPES = Object.entries(DEFINITIONS.types).flatMap(([name, { kind, abstract }]) =>
  kind === 'resource' && abstract !== true ? [name] : [],
);

describe('JSON → XML → JSON', () => {
  it.each([...artefacts])('%s comes back equal', (_path, artefact) => {
    expectRoundTrip(JSON.stringify(artefact));
  });

  it('the published examples are among them', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(rich.map((resource) => [String(resource['resourceType']), resource]))(
    'a rich %s comes back equal',
    (_type, resource) => {
      expectRoundTrip(JSON.stringify(resource));
    },
  );

  it.each([
    ['a decimal with zeros', '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":1.00}]}'],
    [
      'a decimal beyond a double',
      '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":0.1234567890123456789012345}]}',
    ],
    [
      'a decimal with an exponent',
      '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":-1.50E+2}]}',
    ],
    [
      'a decimal of many digits',
      '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal" : 12345678901234567890}]}',
    ],
    ['a decimal of minus zero', '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":-0}]}'],
    [
      'nulls in front',
      '{"resourceType":"Patient","name":[{"given":[null,"b"],"_given":[{"extension":[{"url":"u","valueCode":"c"}]},null]}]}',
    ],
    [
      'nulls behind',
      '{"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,{"id":"i","extension":[{"url":"u","valueCode":"c"}]}]}]}',
    ],
    [
      'extensions without any value',
      '{"resourceType":"Patient","name":[{"_given":[{"extension":[{"url":"u","valueCode":"c"}]}]}]}',
    ],
    [
      'a primitive of extensions only',
      '{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u","valueCode":"unknown"}]}}',
    ],
    ['a primitive with an id', '{"resourceType":"Patient","birthDate":"2000-01-01","_birthDate":{"id":"b"}}'],
    [
      'false and zero',
      '{"resourceType":"Parameters","parameter":[{"name":"a","valueBoolean":false},{"name":"b","valueInteger":0}]}',
    ],
    ['a resource without members', '{"resourceType":"Patient"}'],
    [
      'a contained resource without members',
      '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient"}}]}',
    ],
    ['line ends, tabs and quotes', '{"resourceType":"Basic","code":{"text":" a\\r\\n\\tb <&>\\"\' ]]> "}}'],
    [
      'next line, delete and an emoji',
      '{"resourceType":"Basic","code":{"text":"\\u0085\\u007f\\u2028😀\\ufffd"}}',
    ],
    [
      'a string that looks like markup',
      '{"resourceType":"Basic","code":{"text":"</text><!--<![CDATA[x]]>&lt;&#0;"}}',
    ],
    [
      'ids of elements',
      '{"resourceType":"Basic","id":"r","code":{"id":"c","coding":[{"id":"d","code":"x"}]}}',
    ],
    [
      'a narrative, character by character',
      '{"resourceType":"Basic","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"\\n  lang=\'nb\'><p>&#xA0;&amp;<br/><br />å</p><!-- c --></div>"}}',
    ],
    [
      'parts inside parts',
      '{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b","part":[{"name":"c","valueString":"d"}]}]}]}',
    ],
  ])('%s', (_what, json) => {
    expectRoundTrip(json);
  });

  it.each(['Consent', 'OperationOutcome', 'Bundle'])(
    'any %s comes back equal, numbers by their text',
    (type) => {
      fc.assert(
        fc.property(fc.gen(), (draw) => {
          const drawn = <T>(arbitrary: fc.Arbitrary<T>): T => draw(() => arbitrary);
          expectRoundTrip(print(resourceOf(type, ['Patient', 'Consent', 'Binary', 'Parameters'], drawn)));
        }),
        { numRuns: 60 },
      );
    },
  );

  it('any resource of any bundled type comes back equal', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.gen(), (type, draw) => {
        expect(canWrite(type)).toBe(true);
        const drawn = <T>(arbitrary: fc.Arbitrary<T>): T => draw(() => arbitrary);
        expectRoundTrip(print(resourceOf(type, TYPES, drawn)));
      }),
      { numRuns: 100 },
    );
  });
});
