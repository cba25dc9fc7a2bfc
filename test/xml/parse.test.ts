import { describe, expect, it } from 'vitest';
import { parseXml, type XmlLimits } from '../../src/xml/parse.ts';
import { attributeOf, elementsOf, namespaceIn, textOf, type XmlElement } from '../../src/xml/tree.ts';

const read = (text: string, limits: Partial<XmlLimits> = {}): XmlElement => {
  const parsed = parseXml(text, limits);
  if (!parsed.ok) throw new Error(`refused: ${parsed.failure.kind}`);
  return parsed.value;
};

const fault = (text: string, limits: Partial<XmlLimits> = {}): string => {
  const parsed = parseXml(text, limits);
  return parsed.ok ? 'read' : parsed.failure.kind;
};

describe('an XML text', () => {
  it('becomes a tree whose names are resolved', () => {
    const root = read(
      '<?xml version="1.0" encoding="UTF-8"?>\n<a:r xmlns:a="urn:a" xmlns="urn:d" a:x="1" x="2"><c/></a:r>',
    );
    expect(root).toMatchObject({ prefix: 'a', local: 'r', namespace: 'urn:a' });
    expect(attributeOf(root, 'x', 'urn:a')).toBe('1');
    expect(attributeOf(root, 'x')).toBe('2');
    expect(root.attributes).toHaveLength(2);
    expect(elementsOf(root)[0]).toMatchObject({ prefix: '', local: 'c', namespace: 'urn:d' });
  });

  it('keeps the declarations in force at each element', () => {
    const root = read('<r xmlns="urn:1" xmlns:p="urn:p"><c xmlns=""><d xmlns:p="urn:q"/></c></r>');
    const [c] = elementsOf(root);
    const [d] = c === undefined ? [] : elementsOf(c);
    expect([c, d].map((one) => one && namespaceIn(one.scope, ''))).toEqual(['', '']);
    expect([root, c, d].map((one) => one && namespaceIn(one.scope, 'p'))).toEqual([
      'urn:p',
      'urn:p',
      'urn:q',
    ]);
    expect(namespaceIn(root.scope, 'q')).toBeUndefined();
  });

  it('joins text, CDATA and references into one text', () => {
    expect(textOf(read('<r>a<![CDATA[<b>&amp;]]>&lt;&#229;&#x1F600;&apos;</r>'))).toBe("a<b>&amp;<å😀'");
  });

  it('joins the text around a comment, or is refused for it', () => {
    expect(read('<r>admin<!-- x -->@evil</r>').children).toEqual(['admin@evil']);
    expect(fault('<r>admin<!-- x -->@evil</r>', { comments: 'refuse' })).toBe('comment');
    expect(fault('<!-- x --><r/>', { comments: 'refuse' })).toBe('comment');
  });

  it('has its line ends and attribute white space normalized', () => {
    expect(read('<r>a\r\nb\rc</r>').children).toEqual(['a\nb\nc']);
    expect(attributeOf(read('<r x="a\tb\r\nc&#10;d"/>'), 'x')).toBe('a b c\nd');
  });

  it.each([
    ['a doctype', '<!DOCTYPE r><r/>', 'doctype'],
    ['an external entity', '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', 'doctype'],
    ['an entity of its own', '<r>&x;</r>', 'not-well-formed'],
    ['an entity named as a method', '<r>&toString;</r>', 'not-well-formed'],
    ['a processing instruction', '<r><?php x?></r>', 'processing-instruction'],
    ['a style sheet', '<?xml-stylesheet href="x"?><r/>', 'processing-instruction'],
    ['another version', '<?xml version="1.1"?><r/>', 'declaration'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><r/>', 'declaration'],
    ['an attribute twice', '<r a="1" a="2"/>', 'not-well-formed'],
    ['an attribute twice by namespace', '<r xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>', 'not-well-formed'],
    ['a declaration twice', '<r xmlns:p="u" xmlns:p="v"/>', 'not-well-formed'],
    ['an undeclared prefix', '<p:r/>', 'not-well-formed'],
    ['an undeclared attribute prefix', '<r p:a="1"/>', 'not-well-formed'],
    ['a prefix taken back', '<r xmlns:p="u"><c xmlns:p=""/></r>', 'not-well-formed'],
    ['a reserved prefix bound anew', '<r xmlns:xml="urn:x"/>', 'not-well-formed'],
    ['a namespace with space around it', '<r xmlns=" urn:x"/>', 'not-well-formed'],
    ['two roots', '<r/><r/>', 'not-well-formed'],
    ['text beside the root', '<r/>x', 'not-well-formed'],
    ['CDATA before the root', '<![CDATA[x]]><r/>', 'not-well-formed'],
    ['no end', '<r><c></r>', 'not-well-formed'],
    ['nothing', '', 'not-well-formed'],
    ['white space only', ' \n', 'not-well-formed'],
    ['a control character', '<r>\u0000</r>', 'not-well-formed'],
    ['a reference to one', '<r>&#0;</r>', 'not-well-formed'],
    ['half a surrogate pair', '<r>&#xD800;</r>', 'not-well-formed'],
    ['"]]>" in text', '<r>]]></r>', 'not-well-formed'],
    ['HTML', '<html><br></html>', 'not-well-formed'],
    ['JSON', '{"a": 1}', 'not-well-formed'],
  ])('with %s is refused', (_, text, kind) => {
    expect(fault(text)).toBe(kind);
  });

  it('nested 10 000 deep is refused at once, and 64 deep is read', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(fault(nested(10_000))).toBe('too-deep');
    expect(fault(nested(65))).toBe('too-deep');
    expect(fault(nested(64))).toBe('read');
  });

  it('longer than allowed is refused unread', () => {
    expect(fault('<r/>', { length: 3 })).toBe('too-large');
    expect(fault('<r/>', { length: 4 })).toBe('read');
  });

  it('is told by place, not by content, when it is refused', () => {
    expect(parseXml('<r>\n  <secret&/></r>')).toEqual({
      ok: false,
      failure: { kind: 'not-well-formed', line: 2, column: expect.any(Number) },
    });
  });

  it('may name elements and attributes as it likes', () => {
    const root = read('<__proto__ constructor="1" __proto__="2"><toString/></__proto__>');
    expect(root.local).toBe('__proto__');
    expect(attributeOf(root, '__proto__')).toBe('2');
    expect(attributeOf(root, 'toString')).toBeUndefined();
  });
});
