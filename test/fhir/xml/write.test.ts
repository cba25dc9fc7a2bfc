import { describe, expect, it } from 'vitest';
import { createXmlReader } from '../../../src/fhir/xml/read.ts';
import { createXmlWriter, NotInXml } from '../../../src/fhir/xml/write.ts';

const { canWrite, toXml } = createXmlWriter();

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** The XML without declaration and root namespace. */
const body = (resource: unknown): string =>
  toXml(JSON.stringify(resource)).replace(DECLARATION, '').replace(' xmlns="http://hl7.org/fhir"', '');

describe('FHIR XML as R4 writes it', () => {
  it('declares UTF-8 and the namespace on the root, and not again inside', () => {
    expect(
      toXml('{"resourceType":"Basic","contained":[{"resourceType":"Patient","id":"p"}],"code":{"text":"x"}}'),
    ).toBe(
      `${DECLARATION}<Basic xmlns="http://hl7.org/fhir"><contained><Patient><id value="p"/></Patient></contained><code><text value="x"/></code></Basic>`,
    );
  });

  it('keeps the order of the definitions, whatever the order of the JSON', () => {
    expect(
      body({
        category: [{ coding: [{ code: 'c', system: 's' }], id: 'i' }],
        scope: { text: 't' },
        status: 'active',
        extension: [{ valueString: 'v', url: 'u' }],
        id: 'a',
        resourceType: 'Consent',
      }),
    ).toBe(
      '<Consent><id value="a"/><extension url="u"><valueString value="v"/></extension><status value="active"/>' +
        '<scope><text value="t"/></scope><category id="i"><coding><system value="s"/><code value="c"/></coding></category></Consent>',
    );
  });

  it('has the id of a resource as an element, of a datatype and a primitive as an attribute', () => {
    expect(
      body({
        resourceType: 'Patient',
        id: 'r',
        birthDate: '2000',
        _birthDate: { id: 'b' },
        name: [{ id: 'n' }],
      }),
    ).toBe('<Patient><id value="r"/><name id="n"/><birthDate id="b" value="2000"/></Patient>');
  });

  it('lays the extensions of a primitive inside its element, one item at a time', () => {
    const extension = [{ url: 'u', valueCode: 'c' }];
    const inside = '<extension url="u"><valueCode value="c"/></extension>';
    expect(
      body({
        resourceType: 'Patient',
        name: [{ given: ['a', null, 'b'], _given: [null, { extension }, { extension }] }],
      }),
    ).toBe(
      `<Patient><name><given value="a"/><given>${inside}</given><given value="b">${inside}</given></name></Patient>`,
    );
  });

  it('spells numbers as the JSON does', () => {
    const json = (text: string) =>
      `{"resourceType":"Parameters","parameter":[{"name":"urn:oid:2.16","valueDecimal":${text}}]}`;
    for (const text of ['1.00', '1e2', '1E-2', '-0', '-0.0', '0.10', '12345678901234567890', '7']) {
      expect(toXml(json(text))).toContain(`<valueDecimal value="${text}"/>`);
      expect(toXml(json(` \n${text}`))).toContain(`<valueDecimal value="${text}"/>`);
    }
  });

  it('escapes what XML reserves and what attributes lose, and replaces what XML cannot say', () => {
    expect(body({ resourceType: 'Basic', code: { text: '<a b="\'">&amp;\t\n\r\u0085é😀' } })).toBe(
      '<Basic><code><text value="&lt;a b=&quot;\'&quot;&gt;&amp;amp;&#9;&#10;&#13;&#133;é😀"/></code></Basic>',
    );
    expect(body({ resourceType: 'Basic', code: { text: 'a\u0000b\u001fc\ud800d\uffffe' } })).toBe(
      '<Basic><code><text value="a\ufffdb\ufffdc\ufffdd\ufffde"/></code></Basic>',
    );
  });

  it('takes the narrative as it is, without what may not stand inside a document', () => {
    const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>a&#160;b<br /></p></div>';
    const narrative = (text: string) => ({
      resourceType: 'Basic',
      text: { status: 'generated', div: text },
    });
    const written = `<Basic><text><status value="generated"/>${div}</text></Basic>`;
    expect(body(narrative(div))).toBe(written);
    expect(body(narrative(`<?xml version="1.0"?>\n<!-- x -->${div}\n`))).toBe(written);
  });

  it.each([
    '<div>no namespace</div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"></div></text><status value="x"/>',
    '<div xmlns="http://www.w3.org/1999/xhtml">&nbsp;</div>',
    '<!DOCTYPE div><div xmlns="http://www.w3.org/1999/xhtml"/>',
    '<p xmlns="http://www.w3.org/1999/xhtml"/>',
    'text',
    '',
  ])('never lets a narrative break out of its place: %s', (div) => {
    expect(() => body({ resourceType: 'Basic', text: { status: 'generated', div } })).toThrow(NotInXml);
  });

  it('indents elements, but never inside a narrative', () => {
    const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div>';
    expect(
      toXml(
        JSON.stringify({ resourceType: 'Basic', text: { status: 'empty', div }, code: { text: 'x' } }),
        true,
      ),
    ).toBe(`${DECLARATION}
<Basic xmlns="http://hl7.org/fhir">
  <text>
    <status value="empty"/>
    ${div}
  </text>
  <code>
    <text value="x"/>
  </code>
</Basic>
`);
  });

  it('writes the outcome of a Bundle entry, and reads it back', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'batch-response',
      entry: [
        {
          response: {
            status: '400 Bad Request',
            outcome: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'value' }] },
          },
        },
      ],
    };
    const outcome =
      '<OperationOutcome><issue><severity value="error"/><code value="value"/></issue></OperationOutcome>';
    expect(body(bundle)).toBe(
      `<Bundle><type value="batch-response"/><entry><response><status value="400 Bad Request"/><outcome>${outcome}</outcome></response></entry></Bundle>`,
    );
    const read = createXmlReader()(toXml(JSON.stringify(bundle)));
    expect(read.ok && JSON.parse(read.value)).toEqual(bundle);
  });

  it('knows the types it can write', () => {
    for (const type of ['Consent', 'StructureDefinition', 'NamingSystem', 'Bundle', 'Binary']) {
      expect(canWrite(type)).toBe(true);
    }
    for (const type of ['Observation', 'DomainResource', 'Resource', 'Coding', 'toString', '__proto__', '']) {
      expect(canWrite(type)).toBe(false);
    }
  });

  it.each([
    { resourceType: 'Observation' },
    { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Observation' } }] },
    { resourceType: 'Basic', unknown: 1 },
    { resourceType: 'Basic', _code: {} },
    { resourceType: 'Basic', code: 'x' },
    { resourceType: 'Basic', code: { resourceType: 'Basic', text: 'x' } },
    { resourceType: 'Basic', created: { id: 'x' } },
    { resourceType: 'Basic', extension: [{ url: 'u', _url: { id: 'x' }, valueString: 'x' }] },
    { resourceType: 'Patient', name: [{ given: [null] }] },
    [],
    null,
  ])('refuses rather than leaves out what it has no place for: %j', (resource) => {
    expect(() => toXml(JSON.stringify(resource))).toThrow(NotInXml);
  });
});
