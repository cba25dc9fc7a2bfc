import { describe, expect, it } from 'vitest';
import type { Issue } from '../../../src/failure.ts';
import { createXml } from '../../../src/fhir/xml/index.ts';

const { fromXml } = createXml();

const NS = 'xmlns="http://hl7.org/fhir"';
const XHTML = 'http://www.w3.org/1999/xhtml';

const jsonOf = (xml: string): string => {
  const read = fromXml(xml);
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  return read.value;
};

const read = (xml: string): unknown => JSON.parse(jsonOf(xml));

const faults = (xml: string): readonly Issue[] => {
  const result = fromXml(xml);
  return result.ok ? [] : result.failure;
};

const paths = (xml: string) => faults(xml).map(({ expression }) => expression?.[0]);

describe('FHIR XML that is right', () => {
  it('reads a resource with contained resources, extensions, comments and a narrative', () => {
    expect(
      read(`<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<!-- a comment -->
<Patient ${NS}>
  <id value="example"/>
  <text>
    <status value="generated"/>
    <div xmlns="${XHTML}"><p>Chalmers &amp; co</p></div>
  </text>
  <contained><Organization><id value="o"/><name value="O"/></Organization></contained>
  <extension url="http://example.org/a"><valueAddress><city value="Oslo"/></valueAddress></extension>
  <active value="true"/>
  <name><!-- inside --><use value="official"/><family value="Chalmers"/><given value="Peter"/><given value="James"/></name>
  <gender value="male"/>
  <birthDate value="1974-12-25"><extension url="http://example.org/t"><valueDateTime value="1974-12-25T14:35:45-05:00"/></extension></birthDate>
  <deceasedBoolean value="false"/>
  <managingOrganization><reference value="#o"/></managingOrganization>
</Patient>
`),
    ).toEqual({
      resourceType: 'Patient',
      id: 'example',
      text: { status: 'generated', div: `<div xmlns="${XHTML}"><p>Chalmers &amp; co</p></div>` },
      contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
      extension: [{ url: 'http://example.org/a', valueAddress: { city: 'Oslo' } }],
      active: true,
      name: [{ use: 'official', family: 'Chalmers', given: ['Peter', 'James'] }],
      gender: 'male',
      birthDate: '1974-12-25',
      _birthDate: {
        extension: [{ url: 'http://example.org/t', valueDateTime: '1974-12-25T14:35:45-05:00' }],
      },
      deceasedBoolean: false,
      managingOrganization: { reference: '#o' },
    });
  });

  it('reads a Bundle of resources of several types, and Parameters', () => {
    expect(
      read(
        `<Bundle ${NS}><type value="collection"/><entry><resource><Basic><id value="a"/></Basic></resource></entry>` +
          `<entry><resource><Parameters ${NS}><parameter><name value="n"/><part><name value="p"/><valueInteger value="+5"/></part></parameter></Parameters></resource></entry></Bundle>`,
      ),
    ).toEqual({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        { resource: { resourceType: 'Basic', id: 'a' } },
        {
          resource: {
            resourceType: 'Parameters',
            parameter: [{ name: 'n', part: [{ name: 'p', valueInteger: 5 }] }],
          },
        },
      ],
    });
  });

  it('makes an array of one where an element may repeat', () => {
    expect(read(`<Patient ${NS}><name><given value="a"/></name></Patient>`)).toEqual({
      resourceType: 'Patient',
      name: [{ given: ['a'] }],
    });
  });

  it('aligns values and extensions with null', () => {
    const extension = '<extension url="u"><valueCode value="c"/></extension>';
    expect(
      read(
        `<Patient ${NS}><name><given>${extension}</given><given value="b"/><given id="i" value="c"/></name></Patient>`,
      ),
    ).toEqual({
      resourceType: 'Patient',
      name: [
        {
          given: [null, 'b', 'c'],
          _given: [{ extension: [{ url: 'u', valueCode: 'c' }] }, null, { id: 'i' }],
        },
      ],
    });
  });

  it('keeps the text of numbers', () => {
    for (const text of ['1.00', '-0.0', '1E+2', '0.1234567890123456789012345', '12345678901234567890']) {
      expect(
        jsonOf(
          `<Parameters ${NS}><parameter><name value="a"/><valueDecimal value="${text}"/></parameter></Parameters>`,
        ),
      ).toContain(`"valueDecimal":${text}}`);
    }
  });

  it('keeps a number in a string a string', () => {
    expect(read(`<Patient ${NS}><identifier><value value="0101010101"/></identifier></Patient>`)).toEqual({
      resourceType: 'Patient',
      identifier: [{ value: '0101010101' }],
    });
  });

  it('reads any prefix for the namespace, and gives a narrative what it borrowed from outside', () => {
    expect(
      read(
        `<f:Basic xmlns:f="http://hl7.org/fhir" xmlns="${XHTML}" xmlns:h="${XHTML}"><f:text><f:status value="empty"/><div a="1"><h:p/></div></f:text></f:Basic>`,
      ),
    ).toEqual({
      resourceType: 'Basic',
      text: { status: 'empty', div: `<div xmlns="${XHTML}" xmlns:h="${XHTML}" a="1"><h:p/></div>` },
    });
  });

  it('replaces the five entities and character references, and reads line ends in values as spaces', () => {
    expect(
      read(
        `<Basic ${NS}><code><text value="&lt;&gt;&amp;&quot;&apos;&#229;&#x1F600;&#10;a\nb"/></code></Basic>`,
      ),
    ).toEqual({ resourceType: 'Basic', code: { text: '<>&"\'å😀\na b' } });
  });

  it('reads the line ends of a narrative as XML does', () => {
    expect(
      read(`<Basic ${NS}><text>\r\n<div xmlns="${XHTML}">a\r\nb\rc\n</div>\r\n</text></Basic>\r\n`),
    ).toEqual({ resourceType: 'Basic', text: { div: `<div xmlns="${XHTML}">a\nb\nc\n</div>` } });
  });

  it('reads past a byte order mark', () => {
    expect(read(`\ufeff<Basic ${NS}><id value="a"/></Basic>`)).toEqual({ resourceType: 'Basic', id: 'a' });
  });
});

describe('FHIR XML that is wrong', () => {
  it('tells all faults at once, each with its path', () => {
    const found = faults(
      `<Consent ${NS}><id value="a"/><bogus><status value="x"/></bogus><status value="active" other="1"/>` +
        '<scope/><category><coding><userSelected value="yes"/></coding></category><category>text<code value="x"/></category>' +
        '<provision><actor/><actor><roles/></actor></provision></Consent>',
    );
    expect(found.map(({ code, expression, malformed }) => [code, expression?.[0], malformed])).toEqual([
      ['structure', 'Consent.bogus', true],
      ['structure', 'Consent.status', true],
      ['structure', 'Consent.scope', true],
      ['value', 'Consent.category[0].coding[0].userSelected', true],
      ['structure', 'Consent.category[1]', true],
      ['structure', 'Consent.category[1].code', true],
      ['structure', 'Consent.provision.actor[0]', true],
      ['structure', 'Consent.provision.actor[1].roles', true],
    ]);
  });

  it.each([
    ['an element after its place', '<status value="active"/><id value="a"/>', 'Consent.id'],
    ['an element that stands twice', '<status value="active"/><status value="active"/>', 'Consent.status'],
    [
      'a list with something in between',
      '<category><text value="a"/></category><patient><display value="p"/></patient><category><text value="b"/></category>',
      'Consent.category',
    ],
    [
      'two of one choice',
      '<sourceAttachment><title value="a"/></sourceAttachment><sourceReference><display value="b"/></sourceReference>',
      'Consent.source',
    ],
    [
      'an attribute as an element',
      '<extension><url value="u"/><valueCode value="c"/></extension>',
      'Consent.extension[0].url',
    ],
    ['an element as an attribute', '<scope text="x"/>', 'Consent.scope'],
    ['a value where there is none', '<scope value="x"/>', 'Consent.scope'],
    ['an element in no namespace', '<status xmlns="" value="active"/>', 'Consent'],
    ['an element in another namespace', '<x:status xmlns:x="urn:x" value="active"/>', 'Consent'],
    ['an attribute in another namespace', '<status xmlns:x="urn:x" x:value="active"/>', 'Consent.status'],
    ['xml:lang', '<status xml:lang="nb" value="active"/>', 'Consent.status'],
    ['a companion as JSON spells it', '<_status value="active"/>', 'Consent._status'],
    ['resourceType as JSON spells it', '<resourceType value="Consent"/>', 'Consent.resourceType'],
    ['a name from an object prototype', '<__proto__ value="x"/>', 'Consent.__proto__'],
    ['another such name', '<constructor value="x"/>', 'Consent.constructor'],
    ['text in CDATA', '<status value="active"><![CDATA[x]]></status>', 'Consent.status'],
    ['an empty container', '<contained/>', 'Consent.contained[0]'],
    ['two resources in one container', '<contained><Patient/><Patient/></contained>', 'Consent.contained[0]'],
    ['a datatype in a container', '<contained><Coding/></contained>', 'Consent.contained[0]'],
    [
      'a narrative in the wrong namespace',
      '<text><status value="empty"/><div>x</div></text>',
      'Consent.text.div',
    ],
    [
      'two narratives',
      `<text><status value="empty"/><div xmlns="${XHTML}"/><div xmlns="${XHTML}"/></text>`,
      'Consent.text.div',
    ],
    ['XHTML outside a narrative', `<div xmlns="${XHTML}"/>`, 'Consent'],
  ])('refuses %s', (_what, content, path) => {
    expect(paths(`<Consent ${NS}>${content}</Consent>`)).toEqual([path]);
    expect(faults(`<Consent ${NS}>${content}</Consent>`)[0]?.malformed).toBe(true);
  });

  it.each([
    ['valueBoolean', ['True', '1', '', ' true']],
    ['valueInteger', ['1.0', '01', '0x1', '-0', '1e3', '', ' 1', 'NaN', '٣']],
    ['valueUnsignedInt', ['-1', '+1']],
    ['valuePositiveInt', ['0', '-1']],
    ['valueDecimal', ['.5', '5.', '+1', '01.0', 'Infinity', 'NaN', '1,5', '1 ', '']],
  ])('refuses a %s that R4 does not write so', (name, texts) => {
    for (const text of texts) {
      const [fault, ...others] = faults(
        `<Parameters ${NS}><parameter><name value="a"/><${name} value="${text}"/></parameter></Parameters>`,
      );
      expect([fault?.code, fault?.expression, others]).toEqual([
        'value',
        ['Parameters.parameter[0].value'],
        [],
      ]);
    }
  });

  it.each([
    ['a type that is not R4', `<Consents ${NS}/>`, 'structure', true],
    ['a datatype', `<Coding ${NS}/>`, 'structure', true],
    ['no namespace', '<Consent/>', 'structure', true],
    ['another namespace', '<Consent xmlns="urn:hl7-org:v3"/>', 'structure', true],
    ['a type of R4 that is not bundled', `<Observation ${NS}/>`, 'not-supported', undefined],
  ])('refuses a root of %s', (_what, xml, code, malformed) => {
    expect(faults(xml)).toMatchObject([{ code, severity: 'error' }]);
    expect(faults(xml)[0]?.malformed).toBe(malformed);
  });
});

const nested = (depth: number): string =>
  `<Consent ${NS}>${'<provision>'.repeat(depth)}<type value="deny"/>${'</provision>'.repeat(depth)}</Consent>`;

describe('hostile XML', () => {
  const basic = (content: string): string => `<Basic ${NS}>${content}</Basic>`;
  it.each([
    ['nothing', ''],
    ['space', ' \n '],
    ['JSON', '{"resourceType":"Basic"}'],
    ['text', 'hello'],
    ['a doctype', `<!DOCTYPE Basic>${basic('')}`],
    [
      'an external entity',
      `<!DOCTYPE Basic [<!ENTITY x SYSTEM "file:///etc/passwd">]>${basic('<id value="&x;"/>')}`,
    ],
    [
      'a billion laughs',
      `<!DOCTYPE Basic [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${basic('<id value="&b;"/>')}`,
    ],
    ['a parameter entity', `<!DOCTYPE Basic [<!ENTITY % p SYSTEM "urn:x">%p;]>${basic('')}`],
    ['an entity of HTML', basic('<id value="&nbsp;"/>')],
    ['an entity named like a property', basic('<id value="&constructor;"/>')],
    ['a processing instruction', `<?xml-stylesheet href="x"?>${basic('')}`],
    ['a processing instruction inside', basic('<?php x?>')],
    ['a processing instruction behind', `${basic('')}<?x y?>`],
    ['a duplicate attribute', basic('<id value="a" value="b"/>')],
    ['a duplicate attribute by namespace', basic('<id xmlns:a="urn:x" xmlns:b="urn:x" a:v="1" b:v="2"/>')],
    ['an undeclared prefix', basic('<f:id value="a"/>')],
    ['an undeclared prefix of an attribute', basic('<id f:value="a"/>')],
    [
      'an undeclared prefix in a narrative',
      basic(`<text><status value="empty"/><div xmlns="${XHTML}"><o:p/></div></text>`),
    ],
    ['a prefix undeclared again', basic('<id xmlns:f="" value="a"/>')],
    ['a rebound xml prefix', basic('<id xmlns:xml="urn:x" value="a"/>')],
    ['an unquoted attribute', basic('<id value=a/>')],
    ['an attribute without a value', basic('<id value/>')],
    ['a "<" in an attribute', basic('<id value="<"/>')],
    ['a bare "&"', basic('<id value="a & b"/>')],
    ['tags that do not match', `<Basic ${NS}><id value="a"></Basic>`],
    ['tags that differ in case', `<Basic ${NS}></basic>`],
    ['a text that is cut off', `<Basic ${NS}><id val`],
    ['an element that stays open', `<Basic ${NS}>`],
    ['two roots', basic('') + basic('')],
    ['text behind the root', `${basic('')}x`],
    ['a declaration that is not first', ` <?xml version="1.0"?>${basic('')}`],
    ['XML 1.1', `<?xml version="1.1"?>${basic('')}`],
    ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${basic('')}`],
    ['a NUL', basic('<id value="a\u0000"/>')],
    ['a NUL by reference', basic('<id value="&#0;"/>')],
    ['a control character by reference', basic('<id value="&#x1;"/>')],
    ['a surrogate by reference', basic('<id value="&#xD800;"/>')],
    ['a reference beyond Unicode', basic('<id value="&#x110000;"/>')],
    ['a reference of many digits', basic(`<id value="&#${'9'.repeat(400)};"/>`)],
    ['a lone surrogate', basic('<id value="a\ud800"/>')],
    ['"--" in a comment', basic('<!-- a -- b -->')],
    ['"]]>" in text', basic(']]>')],
    ['a tag without a name', basic('<>')],
    ['a name that begins with a digit', basic('<1/>')],
    ['a name with two colons', basic('<a:b:c/>')],
  ])('refuses %s as malformed', (_what, xml) => {
    const found = faults(xml);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ malformed, severity }) => malformed === true && severity === 'error')).toBe(true);
  });

  it('takes 64 elements of depth and no more, whatever is below', () => {
    expect(fromXml(nested(62)).ok).toBe(true);
    expect(faults(nested(63))).toMatchObject([{ code: 'too-costly', malformed: true }]);
    expect(faults(nested(500_000))).toMatchObject([{ code: 'too-costly' }]);
    const deepDiv = `<div xmlns="${XHTML}">${'<b>'.repeat(70)}${'</b>'.repeat(70)}</div>`;
    expect(faults(basic(`<text><status value="empty"/>${deepDiv}</text>`))).toMatchObject([
      { code: 'too-costly' },
    ]);
    expect(faults(basic('<x>'.repeat(70) + '</x>'.repeat(70)))[0]?.code).toBe('too-costly');
  });

  it('tells what was found before the text ceased to be XML, too', () => {
    expect(faults(basic('<bogus/><id value=a/>')).map(({ code, expression }) => [code, expression])).toEqual([
      ['structure', undefined],
      ['structure', ['Basic.bogus']],
    ]);
  });

  it('says where a text ceases to be XML', () => {
    expect(faults(`<Basic ${NS}>\n<id value="a" value="b"/></Basic>`)[0]?.diagnostics).toBe(
      'Not well-formed XML at line 2, column 25: an attribute stands twice in one tag.',
    );
  });

  it('lists at most 200 faults', () => {
    expect(faults(basic('<bogus/>'.repeat(100_000)))).toHaveLength(201);
  });

  it.each([
    '<id value="12048645510" value="12048645510"/>',
    '<id_12048645510 value="a"/>',
    '<id a12048645510="12048645510"/>',
    '<id value="&x12048645510;"/>',
    '<x12048645510:id value="a"/>',
    '<id value="a">12048645510</id>',
    '<x xmlns="urn:oid:12048645510"/>',
    '<contained><P12048645510/></contained>',
    '<id value="a"></id12048645510>',
    '<created value="12048645510"><valueInteger/></created>',
    '<extension url="u"><valueInteger value="12048645510x"/></extension>',
  ])('repeats no value, and no name that may hold a number: %s', (content) => {
    expect(faults(basic(content)).length).toBeGreaterThan(0);
    expect(JSON.stringify(faults(basic(content)))).not.toContain('12048645510');
  });

  it('takes time in proportion to the text', () => {
    const long = basic(`<extension url="u"><valueString value="${'a'.repeat(2_000_000)}"/></extension>`);
    const wide = basic('<extension url="u"><valueString value="a"/></extension>'.repeat(30_000));
    const attributes = basic(`<id ${Array.from({ length: 30_000 }, (_, i) => `a${i}="x"`).join(' ')}/>`);
    const declarations = basic(
      `<id ${Array.from({ length: 30_000 }, (_, i) => `xmlns:a${i}="x"`).join(' ')} value="a"/>`,
    );
    const start = performance.now();
    expect(fromXml(long).ok).toBe(true);
    expect(fromXml(wide).ok).toBe(true);
    expect(fromXml(attributes).ok).toBe(false);
    expect(fromXml(declarations).ok).toBe(true);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
