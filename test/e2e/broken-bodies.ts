import type { Organization } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { idIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const system = { as: 'system' } as const;
const NAME = 'Trasig';
const clinic: Organization = { resourceType: 'Organization', name: NAME };
const text = JSON.stringify(clinic);
const xml = `<Organization xmlns="http://hl7.org/fhir"><name value="${NAME}"/></Organization>`;

const bytes = (given: string): Uint8Array => new TextEncoder().encode(given);
/** Each character one byte: not UTF-8 as soon as a letter is beyond ASCII. */
const latin = (given: string): Uint8Array => Uint8Array.from(given, (char) => char.charCodeAt(0));
const utf16 = (given: string): Uint8Array =>
  Uint8Array.from(
    [...`\ufeff${given}`].flatMap((char) => [char.charCodeAt(0) & 0xff, char.charCodeAt(0) >> 8]),
  );

const nested = (depth: number): string =>
  `${'{"extension":['.repeat(depth)}{"url":"urn:x","valueString":"y"}${']}'.repeat(depth)}`;
const nestedXml = (depth: number): string =>
  `<Organization xmlns="http://hl7.org/fhir">${'<extension url="urn:x">'.repeat(depth)}${'</extension>'.repeat(depth)}</Organization>`;

type Broken = readonly [about: string, body: string | Uint8Array];

const NOT_JSON: readonly Broken[] = [
  ['nothing', ''],
  ['blanks', ' \n\t '],
  ['JSON cut short', text.slice(0, -3)],
  ['JSON cut within a string', text.slice(0, -5)],
  ['JSON with something after it', `${text}}`],
  ['two resources', `${text}${text}`],
  ['JSON with a comment', `/* one */${text}`],
  ['a trailing comma', '{"resourceType":"Organization","name":"Trasig",}'],
  ['single quotes', "{'resourceType':'Organization'}"],
  ['a line break within a string', '{"resourceType":"Organization","name":"Tra\nsig"}'],
  ['NaN', '{"resourceType":"Organization","name":NaN}'],
  ['a number with a leading zero', '{"resourceType":"Organization","name":01}'],
  ['null', 'null'],
  ['a list', `[${text}]`],
  ['a string', '"Organization"'],
  ['a number', '1'],
  ['XML announced as JSON', xml],
  ['Latin-1', latin('{"resourceType":"Organization","name":"Trasig på Åland"}')],
  ['UTF-16', utf16(text)],
  ['a cut UTF-8 sequence', bytes('{"resourceType":"Organization","name":"Trasigå').slice(0, -1)],
  ['a byte order mark twice', `\ufeff\ufeff${text}`],
  ['a member twice', '{"resourceType":"Organization","name":"Trasig","name":"Hel"}'],
  ['a member twice, once escaped', '{"resourceType":"Organization","name":"Trasig","n\\u0061me":"Hel"}'],
  [
    'a member twice, deep within',
    '{"resourceType":"Organization","name":"Trasig","address":[{"city":"A","city":"B"}]}',
  ],
  ['nesting of 100', `{"resourceType":"Organization","name":"Trasig","extension":[${nested(50)}]}`],
  ['nesting of 100 000', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['nesting of 100 000 without an end', '{"a":'.repeat(100_000)],
];

const NOT_XML: readonly Broken[] = [
  ['nothing', ''],
  ['XML cut short', xml.slice(0, -4)],
  ['XML cut within an attribute', xml.slice(0, 60)],
  ['XML with something after it', `${xml}<x/>`],
  ['JSON announced as XML', text],
  ['another namespace', xml.replace('hl7.org/fhir', 'hl7.org/v3')],
  ['no namespace', '<Organization><name value="Trasig"/></Organization>'],
  ['a doctype', `<!DOCTYPE Organization>${xml}`],
  ['an entity', `<!DOCTYPE x [<!ENTITY e "Trasig">]>${xml.replace('"Trasig"', '"&e;"')}`],
  ['an unknown entity', xml.replace('"Trasig"', '"&e;"')],
  ['an undeclared prefix', xml.replace('<name', '<f:name')],
  ['an attribute twice', xml.replace('value="Trasig"', 'value="Trasig" value="Hel"')],
  ['text between elements', xml.replace('<name', 'text<name')],
  ['Latin-1', latin(xml.replace('Trasig', 'Trasig på Åland'))],
  ['UTF-16', utf16(xml)],
  ['nesting of 100', nestedXml(100)],
  ['nesting of 10 000', nestedXml(10_000)],
];

/** Everything that takes a resource in its body. */
const TARGETS = [
  ['POST', '/fhir/Organization'],
  ['PUT', '/fhir/Organization/kolind-apotek'],
  ['POST', '/fhir/Organization/$validate'],
  ['POST', '/fhir'],
] as const;

const valued = (value: string): string =>
  `{"resourceType":"Organization","name":"${NAME}","extension":[{"url":"https://example.org/x",${value}}]}`;

/** R4's lexical forms: a number is not another one because a reader would make it so. */
const NOT_NUMBERS: readonly (readonly [about: string, value: string])[] = [
  ['an integer of 33 bits', '"valueInteger":2147483648'],
  ['an integer of 400 digits', `"valueInteger":1${'0'.repeat(400)}`],
  ['an integer with a fraction', '"valueInteger":1.5'],
  ['a positive integer that is 0', '"valuePositiveInt":0'],
  ['an unsigned integer below 0', '"valueUnsignedInt":-1'],
  ['an integer as a string', '"valueInteger":"1"'],
  ['a decimal as a string', '"valueDecimal":"1.0"'],
  ['a boolean as a number', '"valueBoolean":1'],
];

const DECIMALS = ['1.00', '0.010', '-0.0', '1E3', '3.14159265358979323846', '123456789012345678.5'] as const;

export const brokenBodies: Theme = (open) => {
  describe('a body that cannot be read', () => {
    const server = useServer(open);

    const refuse = async (type: string, body: string | Uint8Array): Promise<void> => {
      for (const [method, path] of TARGETS) {
        const refused = await server.call(method, path, {
          ...system,
          body,
          headers: { 'Content-Type': type },
        });
        const [first] = issuesOf(refused);
        expect([method, path, refused.status, first?.severity]).toEqual([method, path, 400, 'error']);
        expect(refused.text).not.toContain(NAME);
      }
      const found = await server.get(`/fhir/Organization?name=${NAME}`);
      expect(resourceIn(found, 'Bundle').entry).toBeUndefined();
      expect((await server.get('/fhir/Organization/kolind-apotek')).headers.get('ETag')).toBe('W/"1"');
    };

    it.each(NOT_JSON)('because it is %s is refused by 400 wherever it is sent', async (_, body) => {
      await refuse('application/fhir+json', body);
    });

    it.each(NOT_XML)('as XML, because it is %s, is refused by 400 wherever it is sent', async (_, body) => {
      await refuse('application/fhir+xml', body);
    });
  });

  describe('a body that is read in spite of its looks', () => {
    const server = useServer(open);

    it.each([
      ['a byte order mark', `\ufeff${text}`, 'application/fhir+json'],
      ['a byte order mark before XML', `\ufeff${xml}`, 'application/fhir+xml'],
      ['an XML declaration', `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`, 'application/fhir+xml'],
      ['a comment in XML', xml.replace('<name', '<!-- named --><name'), 'application/fhir+xml'],
      ['blanks around it', `\r\n\t ${text} \n`, 'application/fhir+json'],
      [
        'the same name in two objects',
        text.replace('}', ',"alias":["x"],"contact":[{"name":{"text":"y"}}]}'),
        'application/fhir+json',
      ],
      ['escapes', text.replace('Trasig', '\\u0054rasig'), 'application/fhir+json'],
    ])('has %s', async (_, body, type) => {
      const made = await server.post('/fhir/Organization', body, {
        ...system,
        headers: { 'Content-Type': type },
      });
      expect(made.status).toBe(201);
      expect(resourceIn(made, 'Organization').name).toBe(NAME);
    });
  });

  describe('a body with a Content-Encoding', () => {
    const server = useServer(open);

    it.each(['gzip', 'br', 'deflate, gzip'])(
      'of %s is refused by 415: it is not unpacked',
      async (coding) => {
        const headers = { 'Content-Encoding': coding };
        const refused = await server.post('/fhir/Organization', text, { ...system, headers });
        expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([415, ['http.Content-Encoding']]);
      },
    );

    it('of identity is read', async () => {
      const headers = { 'Content-Encoding': 'identity' };
      expect((await server.post('/fhir/Organization', text, { ...system, headers })).status).toBe(201);
    });
  });

  describe('a number', () => {
    const server = useServer(open);

    it.each(NOT_NUMBERS)('that is %s is refused by 400 with its expression', async (_, value) => {
      const refused = await server.post('/fhir/Organization', valued(value), system);
      expect(refused.status).toBe(400);
      expect(issuesOf(refused)[0]?.expression?.[0]).toMatch(/^Organization\.extension(?:\[0\])?/);
    });

    it.each(DECIMALS)(
      'that is the decimal %s keeps every digit through store, JSON and XML',
      async (decimal) => {
        const made = await server.post('/fhir/Organization', valued(`"valueDecimal":${decimal}`), system);
        expect(made.status).toBe(201);
        const path = `/fhir/Organization/${idIn(made)}`;
        const read = await server.get(path);
        expect(read.text).toContain(`"valueDecimal":${decimal}}`);
        const asXml = await server.get(path, { headers: { Accept: 'application/fhir+xml' } });
        expect(asXml.text).toContain(`<valueDecimal value="${decimal}"/>`);
        const back = await server.post('/fhir/Organization', asXml.text, {
          ...system,
          headers: { 'Content-Type': 'application/fhir+xml', Accept: 'application/fhir+json' },
        });
        expect(back.text).toContain(`"valueDecimal":${decimal}}`);
      },
    );

    it('that no reader holds is never answered as another one', async () => {
      for (const decimal of ['1e400', '-1e400', '1e-400']) {
        const made = await server.post('/fhir/Organization', valued(`"valueDecimal":${decimal}`), system);
        if (made.status === 201) expect(made.text).toContain(`"valueDecimal":${decimal}}`);
        else expect(made.status).toBe(400);
      }
    });
  });
};
