import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFINITIONS } from '../../../src/fhir/definitions/index.ts';
import { itemsOf, membersOf, objectOf } from '../../../src/fhir/search/json-text.ts';
import { createSubsets } from '../../../src/fhir/search/subset.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';

const subsets = createSubsets(DEFINITIONS);
const validator = createValidator();

const consent = {
  resourceType: 'Consent',
  id: 'c',
  meta: { versionId: '1', tag: [{ system: 't', code: 'x' }] },
  language: 'nb',
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
  contained: [{ resourceType: 'Patient', id: 'in' }],
  extension: [{ url: 'http://e', valueString: 'x' }],
  modifierExtension: [{ url: 'http://m', valueString: 'x' }],
  identifier: [{ value: '1' }],
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ coding: [{ code: 'a' }] }],
  dateTime: '2013',
  _dateTime: { id: 'd' },
  sourceAttachment: { contentType: 'text/plain', data: 'eA==' },
  policy: [{ uri: 'http://p' }],
  provision: { type: 'permit', actor: [{ role: { text: 'r' }, reference: { reference: 'Patient/1' } }] },
};

const parse = (json: string) => JSON.parse(json) as Record<string, unknown>;
const namesOf = (json: string) => Object.keys(parse(json));
const summary = (mode: 'true' | 'text' | 'data', resource: object = consent, type = 'Consent') =>
  subsets.summarise(JSON.stringify(resource), type, mode);

describe('_summary', () => {
  it('true: "Return a limited subset of elements from the resource ... marked as summary in the base definition"', () => {
    const json = summary('true');
    expect(namesOf(json)).toEqual([
      'resourceType',
      'id',
      'meta',
      'modifierExtension',
      'identifier',
      'status',
      'scope',
      'category',
      'dateTime',
      '_dateTime',
      'sourceAttachment',
      'provision',
    ]);
    expect(parse(json)['sourceAttachment']).toEqual({ contentType: 'text/plain' });
    expect(parse(json)['provision']).toEqual({ type: 'permit' });
    expect(parse(json)['modifierExtension']).toEqual(consent.modifierExtension);
  });

  it('text: "Return only the text element, the id element, the meta element, and only top-level mandatory elements"', () => {
    expect(namesOf(summary('text'))).toEqual([
      'resourceType',
      'id',
      'meta',
      'text',
      'modifierExtension',
      'status',
      'scope',
      'category',
    ]);
  });

  it('data: "Remove the text element"', () => {
    expect(namesOf(summary('data'))).toEqual(Object.keys(consent).filter((name) => name !== 'text'));
  });

  it('"the resources SHOULD be marked with the tag SUBSETTED", once', () => {
    const subsetted = {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
      code: 'SUBSETTED',
      display: 'subsetted',
    };
    for (const mode of ['true', 'text', 'data'] as const) {
      const once = summary(mode);
      expect(parse(once)['meta']).toEqual({ versionId: '1', tag: [{ system: 't', code: 'x' }, subsetted] });
      expect(subsets.summarise(once, 'Consent', mode)).toBe(once);
    }
    const { meta: _, ...bare } = consent;
    expect(parse(summary('data', bare))['meta']).toEqual({ tag: [subsetted] });
  });

  it('keeps a mandatory element whose own parts are no summary', () => {
    const json = summary(
      'true',
      { resourceType: 'CodeSystem', status: 'draft', content: 'complete', concept: [{ code: 'a' }] },
      'CodeSystem',
    );
    expect(namesOf(json)).toEqual(['resourceType', 'meta', 'status', 'content']);
  });
});

describe('_elements', () => {
  const elements = (...names: readonly string[]) =>
    namesOf(subsets.elements(JSON.stringify(consent), 'Consent', names));
  const ALWAYS = ['resourceType', 'id', 'meta', 'modifierExtension', 'status', 'scope', 'category'];

  it('"SHOULD always return mandatory elements whether they are requested or not"', () => {
    expect(elements('nothing')).toEqual(ALWAYS);
    expect(elements('dateTime')).toEqual([...ALWAYS, 'dateTime', '_dateTime']);
    expect(elements('policy', 'text')).toEqual(
      Object.keys(consent).filter((name) => [...ALWAYS, 'policy', 'text'].includes(name)),
    );
  });

  it('names a choice by its name with or without [x], or by the one it has', () => {
    for (const name of ['source', 'source[x]', 'sourceAttachment'])
      expect(elements(name)).toContain('sourceAttachment');
    expect(elements('sourceReference')).not.toContain('sourceAttachment');
  });
});

describe('what is kept', () => {
  it('stays as it was written, decimals and escapes included', () => {
    const json =
      '{ "resourceType":"Basic","id":"b", "code":{"text":"\\u00e6 \\"x\\" }"} ,"extension":[{"url":"http://e","valueDecimal":1.00}]}';
    const kept = subsets.summarise(json, 'Basic', 'data');
    expect(kept).toContain('"valueDecimal":1.00');
    expect(kept).toContain('"code":{"text":"\\u00e6 \\"x\\" }"}');
  });

  it('takes any JSON apart and puts it together again', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(undefined, 1, '\t'),
        (value, space) => {
          const text = JSON.stringify(value, undefined, space);
          expect(JSON.parse(objectOf(membersOf(text)))).toEqual(JSON.parse(text));
        },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(itemsOf(text).map((item): unknown => JSON.parse(item))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('has R4’s structure all the same', () => {
    const cut = [
      summary('true'),
      summary('text'),
      summary('data'),
      subsets.elements(JSON.stringify(consent), 'Consent', []),
    ];
    for (const json of cut) {
      expect(validator.validate(parse(json)).filter((issue) => issue.malformed === true)).toEqual([]);
    }
  });
});
