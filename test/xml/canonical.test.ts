import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CanonicalOptions, canonicalize } from '../../src/xml/canonical.ts';
import { parseXml } from '../../src/xml/parse.ts';
import { descendants, elementsIn, type XmlElement } from '../../src/xml/tree.ts';
import { xmlDocument } from './xml-documents.ts';

const read = (text: string): XmlElement => {
  const parsed = parseXml(text);
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  return parsed.value;
};

const canonical = (text: string, options: CanonicalOptions = {}): string => canonicalize(read(text), options);

/** The canonical form of the first element of that local name, as an apex within the document. */
const apex = (text: string, local: string, options: CanonicalOptions = {}): string => {
  const [found] = descendants(read(text), (element) => element.local === local);
  if (found === undefined) throw new Error('no such element');
  return canonicalize(found, options);
};

describe('exclusive canonical XML', () => {
  it('of one element is the same in two contexts (example of the recommendation, 2.2)', () => {
    const first =
      '<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:local>';
    const second =
      '<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xmlns:n3="ftp://example.org" xml:lang="fr" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>';
    const expected =
      '<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>';
    expect(apex(first, 'elem2')).toBe(expected);
    expect(apex(second, 'elem2')).toBe(expected);
  });

  it('inherits neither unused declarations nor xml: attributes', () => {
    const text = '<r xmlns:u="urn:u" xmlns:v="urn:v" xml:lang="sv"><u:c a="1"/></r>';
    expect(apex(text, 'c')).toBe('<u:c xmlns:u="urn:u" a="1"></u:c>');
  });

  it('declares a prefix where it is used, not where it stands', () => {
    expect(canonical('<r xmlns:p="urn:p"><c/><p:d><p:e/></p:d><p:f/></r>')).toBe(
      '<r><c></c><p:d xmlns:p="urn:p"><p:e></p:e></p:d><p:f xmlns:p="urn:p"></p:f></r>',
    );
  });

  it('writes a prefix anew that stands for something else', () => {
    expect(canonical('<p:r xmlns:p="urn:1"><p:c xmlns:p="urn:2"/><p:d xmlns:p="urn:1"/></p:r>')).toBe(
      '<p:r xmlns:p="urn:1"><p:c xmlns:p="urn:2"></p:c><p:d></p:d></p:r>',
    );
  });

  it('takes a default namespace back only where one was written', () => {
    expect(canonical('<r xmlns="urn:1"><c xmlns=""><d xmlns="urn:1"/></c></r>')).toBe(
      '<r xmlns="urn:1"><c xmlns=""><d xmlns="urn:1"></d></c></r>',
    );
    expect(canonical('<p:r xmlns="urn:1" xmlns:p="urn:p"><c xmlns=""/></p:r>')).toBe(
      '<p:r xmlns:p="urn:p"><c></c></p:r>',
    );
    expect(apex('<r xmlns="urn:1"><c xmlns=""/></r>', 'c')).toBe('<c></c>');
  });

  it('orders declarations by prefix and attributes by namespace, then name', () => {
    const text =
      '<b:r z="1" a="2" c:y="3" b:y="4" b:x="5" xml:lang="en" xmlns:c="urn:1" xmlns:b="urn:2" xmlns="urn:0"><d/></b:r>';
    expect(canonical(text)).toBe(
      '<b:r xmlns:b="urn:2" xmlns:c="urn:1" a="2" z="1" xml:lang="en" c:y="3" b:x="5" b:y="4"><d xmlns="urn:0"></d></b:r>',
    );
  });

  it('orders by code point, not by UTF-16 unit', () => {
    expect(canonical('<r \u{10000}="1" \uF900="2"/>')).toBe('<r \uF900="2" \u{10000}="1"></r>');
  });

  it('escapes what the recommendation says, and nothing else', () => {
    expect(canonical('<r>&amp;&lt;&gt;"\'&#13;&#9;\n</r>')).toBe('<r>&amp;&lt;&gt;"\'&#xD;\t\n</r>');
    expect(canonical(`<r a='&amp;&lt;&gt;&quot;&apos;&#13;&#9;&#10; '/>`)).toBe(
      `<r a="&amp;&lt;>&quot;'&#xD;&#x9;&#xA; "></r>`,
    );
  });

  it('is the same for every way to write a text', () => {
    const plain = canonical('<r>a&lt;b&amp;c</r>');
    expect(canonical('<?xml version="1.0"?>\n<r >a<![CDATA[<b&]]>c<!-- d --></r >\n<!-- e -->')).toBe(plain);
    expect(canonical('<r>a&#60;b&#x26;c</r>')).toBe(plain);
    expect(canonical('<r a="1"></r>')).toBe(canonical("<r\n  a = '1'/>"));
  });

  it('keeps white space between elements', () => {
    expect(canonical('<r>\r\n  <c/>\n</r>')).toBe('<r>\n  <c></c>\n</r>');
  });

  it('writes the prefixes of a PrefixList where they are in force, used or not', () => {
    const text =
      '<r xmlns:xs="urn:xs" xmlns="urn:d" xmlns:u="urn:u"><p:c xmlns:p="urn:p"><p:d t="xs:string"/></p:c></r>';
    expect(apex(text, 'c', { inclusivePrefixes: ['xs'] })).toBe(
      '<p:c xmlns:p="urn:p" xmlns:xs="urn:xs"><p:d t="xs:string"></p:d></p:c>',
    );
    expect(apex(text, 'c', { inclusivePrefixes: ['', 'nowhere'] })).toBe(
      '<p:c xmlns="urn:d" xmlns:p="urn:p"><p:d t="xs:string"></p:d></p:c>',
    );
  });

  it('leaves out the signature and nothing around it', () => {
    const root = read('<r>a<s><t/></s>b</r>');
    const [omit] = descendants(root, ({ local }) => local === 's');
    expect(omit && canonicalize(root, { omit })).toBe('<r>ab</r>');
  });

  it('of a tree made by hand has its declarations in place', () => {
    const [a, b] = [elementsIn('urn:a', 'a'), elementsIn('urn:b', '')];
    const xmlId = {
      prefix: 'xml',
      local: 'id',
      namespace: 'http://www.w3.org/XML/1998/namespace',
      value: '<',
    };
    expect(canonicalize(a('r', [['x', '1']], [b('c', [xmlId]), a('d', [], ['å'])]))).toBe(
      '<a:r xmlns:a="urn:a" x="1"><c xmlns="urn:b" xml:id="&lt;"></c><a:d>å</a:d></a:r>',
    );
  });

  it('of any document, read again, is itself', () => {
    fc.assert(
      fc.property(xmlDocument(), (text) => {
        const once = canonical(text);
        expect(canonical(once)).toBe(once);
      }),
      { numRuns: 200 },
    );
  });
});
