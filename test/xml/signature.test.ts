import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { digest } from '../../src/xml/algorithms.ts';
import { canonicalize, EXCLUSIVE_C14N } from '../../src/xml/canonical.ts';
import { parseXml } from '../../src/xml/parse.ts';
import { type SignOptions, sign } from '../../src/xml/sign.ts';
import { descendants, elementsIn, elementsOf, type XmlElement } from '../../src/xml/tree.ts';
import { type VerifyOptions, verifySignature } from '../../src/xml/verify.ts';
import { VECTOR_A, VECTOR_B, vectorCertificate } from './dgws-vectors.ts';
import { makeKeys, type TestKeys } from './make-certificate.ts';
import { xmlDocument } from './xml-documents.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DS = 'http://www.w3.org/2000/09/xmldsig#';

let keys: TestKeys;
let stranger: TestKeys;
let curve: TestKeys;
let signed: string;
beforeAll(async () => {
  [keys, stranger, curve] = await Promise.all([makeKeys(), makeKeys(), makeKeys({ kind: 'EC' })]);
  signed = await signText(
    '<t:Note xmlns:t="urn:t" ID="n1"><t:From>Anna</t:From><t:To a="1">Bo &amp; Co</t:To></t:Note>',
  );
});

const read = (text: string): XmlElement => {
  const parsed = parseXml(text);
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  return parsed.value;
};

const signText = async (text: string, more: Partial<SignOptions> = {}): Promise<string> => {
  const base = { key: keys.privateKey, algorithm: 'rsa-sha256', idAttribute: 'ID' } as const;
  return (await sign(read(text), { ...base, certificate: keys.certificate, ...more })).xml;
};

const options = (more: Partial<VerifyOptions> = {}): VerifyOptions => ({
  trusted: [keys.certificate],
  algorithms: ['rsa-sha256'],
  idAttributes: ['ID'],
  now: NOW,
  ...more,
});

const verify = (text: string, more: Partial<VerifyOptions> = {}) =>
  verifySignature(read(text), options(more));

/** `accepted`, or the fault. */
const outcome = async (text: string, more: Partial<VerifyOptions> = {}): Promise<string> => {
  const result = await verify(text, more);
  return result.ok ? 'accepted' : result.failure;
};

const between = (text: string, start: string, end: string): string => {
  const from = text.indexOf(start);
  return text.slice(from, text.indexOf(end, from) + end.length);
};

const signatureOf = (text: string): string => between(text, '<ds:Signature ', '</ds:Signature>');

/** A text with one part exchanged; fails when the part is not there, so that no test tests nothing. */
const replaced = (text: string, part: string | RegExp, by: string): string => {
  const changed = text.replace(part, () => by);
  if (changed === text) throw new Error('nothing was exchanged');
  return changed;
};

describe('a signed element', () => {
  it('is given back without its signature, as it was signed', async () => {
    expect(await verify(signed)).toMatchObject({
      ok: true,
      value: {
        canonical:
          '<t:Note xmlns:t="urn:t" ID="n1"><t:From>Anna</t:From><t:To a="1">Bo &amp; Co</t:To></t:Note>',
        algorithm: 'rsa-sha256',
        by: keys.certificate,
      },
    });
  });

  it('has its signature where it is wanted', async () => {
    const text = await signText('<r ID="x"><a/><b/></r>', { position: 1, attributes: [['id', 'S']] });
    expect(elementsOf(read(text)).map(({ local }) => local)).toEqual(['a', 'Signature', 'b']);
    expect(text).toContain('<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" id="S">');
    expect(await outcome(text)).toBe('accepted');
  });

  it('may be within a document whose namespaces it does not use', async () => {
    const envelope = `<s:Envelope xmlns:s="urn:s" xmlns:u="urn:u" xmlns="urn:d"><s:Body>${signed}</s:Body></s:Envelope>`;
    const document = read(envelope);
    const [element] = descendants(document, ({ local }) => local === 'Note');
    expect(element && (await verifySignature(document, options({ element })))).toMatchObject({ ok: true });
  });

  it('may be written otherwise, as long as it says the same', async () => {
    const other = replaced(
      signed,
      '<t:To a="1">Bo &amp; Co</t:To>',
      "<t:To\n a = '&#49;'><![CDATA[Bo &]]> Co</t:To>",
    );
    expect(await outcome(replaced(other, ' ID="n1"', ' xmlns:unused="urn:u" ID="n1"'))).toBe('accepted');
  });

  it.each(['rsa-sha384', 'rsa-sha512', 'rsa-sha1'] as const)(
    'may be signed with %s where that is allowed',
    async (algorithm) => {
      const hash = algorithm === 'rsa-sha1' ? 'SHA-1' : algorithm === 'rsa-sha384' ? 'SHA-384' : 'SHA-512';
      const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
      const how = { name: 'RSASSA-PKCS1-v1_5', hash };
      const key = await crypto.subtle.importKey('pkcs8', pkcs8, how, false, ['sign']);
      const text = await signText('<r ID="x"/>', { algorithm, key });
      expect(await outcome(text, { algorithms: [algorithm] })).toBe('accepted');
      expect(await outcome(text)).toBe('algorithm');
    },
  );

  it('may be signed with an elliptic curve', async () => {
    const { privateKey: key, certificate } = curve;
    const text = await signText('<r ID="x"/>', { algorithm: 'ecdsa-sha256', key, certificate });
    expect(await outcome(text, { algorithms: ['ecdsa-sha256'], trusted: [certificate] })).toBe('accepted');
    expect(await outcome(text, { algorithms: ['ecdsa-sha256'] })).toBe('untrusted');
  });

  it('can be any document at all, and is refused after any change of what it says', async () => {
    await fc.assert(
      fc.asyncProperty(xmlDocument(' ID="_1"'), async (text) => {
        const { element, xml } = await sign(read(text), {
          key: keys.privateKey,
          algorithm: 'rsa-sha256',
          idAttribute: 'ID',
        });
        // The text as it was written, not the canonical one that `sign` gives.
        const signature = elementsOf(element).at(-1);
        const end = text.lastIndexOf('</');
        const spliced = `${text.slice(0, end)}${signature && canonicalize(signature)}${text.slice(end)}`;
        expect(await outcome(spliced)).toBe('accepted');
        expect(await outcome(xml)).toBe('accepted');
        expect(await outcome(`${spliced.slice(0, spliced.lastIndexOf('</'))}x${text.slice(end)}`)).toBe(
          'digest',
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('the cards of the domain page', () => {
  const card = (text: string) => ({ trusted: [vectorCertificate(text)], idAttributes: ['id'] });

  it('verify, and are canonical as printed there', async () => {
    const system = await verify(VECTOR_A, { ...card(VECTOR_A), algorithms: ['rsa-sha1'] });
    const own = await verify(VECTOR_B, card(VECTOR_B));
    if (!system.ok || !own.ok) throw new Error('a card is refused');
    const octets = [system.value.canonical, own.value.canonical].map(
      (text) => new TextEncoder().encode(text).length,
    );
    expect(octets).toEqual([1957, 1795]);
    const hashes = await Promise.all(
      [system, own].map(async ({ value }) =>
        Buffer.from(await digest('sha256', value.canonical)).toString('hex'),
      ),
    );
    expect(hashes).toEqual([
      'e8657bcef27dd338c060ab4f67dd027e134b2de1e9a77a8a017c062e9cf0bdeb',
      '321e9522035a260a057b962ffd5a7e9bd234127ca2d9f97a575df0315aaa9670',
    ]);
  });

  it('are refused for SHA-1 unless that is configured', async () => {
    expect(await outcome(VECTOR_A, card(VECTOR_A))).toBe('algorithm');
  });

  it('are refused when they were indented after signing', async () => {
    const indented = VECTOR_B.replaceAll('><', '>\n<');
    expect(await outcome(indented, card(VECTOR_B))).toBe('signature');
    const wrapped = replaced(
      VECTOR_B,
      '<saml:AttributeValue>fhir-facade<',
      '<saml:AttributeValue>\n  fhir-facade<',
    );
    expect(await outcome(wrapped, card(VECTOR_B))).toBe('digest');
  });
});

describe('a changed message', () => {
  it('is refused for another value, though SignedInfo is good', async () => {
    expect(await outcome(replaced(signed, 'Anna', 'Anne'))).toBe('digest');
    expect(await outcome(replaced(signed, 'a="1"', 'a="2"'))).toBe('digest');
    expect(await outcome(replaced(signed, 'Anna<', 'Anna <'))).toBe('digest');
    expect(await outcome(replaced(signed, 'urn:t', 'urn:T'))).toBe('digest');
    expect(await outcome(replaced(signed, '</t:From>', '</t:From><t:From>Eve</t:From>'))).toBe('digest');
  });

  it('is refused for another digest in SignedInfo', async () => {
    const forged = read(replaced(signed, 'Anna', 'Anne'));
    const [signature] = descendants(forged, ({ local }) => local === 'Signature');
    const value = Buffer.from(
      await digest('sha256', canonicalize(forged, signature === undefined ? {} : { omit: signature })),
    ).toString('base64');
    const text = replaced(signed, 'Anna', 'Anne').replace(/DigestValue>[^<]+</, `DigestValue>${value}<`);
    expect(await outcome(text)).toBe('signature');
  });

  it('is refused for another signature value', async () => {
    const other = await signText('<t:Note xmlns:t="urn:t" ID="n1"/>');
    const value = between(other, '<ds:SignatureValue>', '</ds:SignatureValue>');
    expect(await outcome(replaced(signed, /<ds:SignatureValue>.*<\/ds:SignatureValue>/, value))).toBe(
      'signature',
    );
  });

  it('with a comment put in reads as it was signed, comment or not', async () => {
    const commented = await verify(replaced(signed, 'Anna', 'An<!-- x -->na'));
    expect(commented.ok && commented.value.canonical).toContain('<t:From>Anna</t:From>');
  });
});

describe('trust', () => {
  it('is never in the certificate that a message brings', async () => {
    const { privateKey: key, certificate } = stranger;
    const forged = await signText('<r ID="x"/>', { key, certificate });
    expect(await outcome(forged)).toBe('untrusted');
    expect(await outcome(await signText('<r ID="x"/>', { key, certificate: keys.certificate }))).toBe(
      'signature',
    );
    expect(await outcome(forged, { trusted: [] })).toBe('untrusted');
  });

  it('needs no certificate in the message: each trusted key is tried', async () => {
    const bare = replaced(signed, /<ds:KeyInfo>.*<\/ds:KeyInfo>/, '');
    const result = await verify(bare, {
      trusted: [stranger.certificate, curve.certificate, keys.certificate],
    });
    expect(result).toMatchObject({ ok: true, value: { by: keys.certificate } });
    expect(await outcome(bare, { trusted: [stranger.certificate] })).toBe('signature');
    expect(await outcome(bare, { trusted: [curve.certificate] })).toBe('untrusted');
  });

  it('is in the key: a renewed certificate of it will do', async () => {
    const renewed = { ...keys.certificate, serialNumber: 7n };
    expect(await outcome(signed, { trusted: [renewed] })).toBe('accepted');
  });

  it('ends with the certificate, and begins with it', async () => {
    const { notBefore, notAfter } = keys.certificate;
    expect(await outcome(signed, { now: notAfter })).toBe('accepted');
    expect(await outcome(signed, { now: notAfter + 1 })).toBe('untrusted');
    expect(await outcome(signed, { now: notBefore - 1 })).toBe('untrusted');
  });

  it('is not in an RSA key of less than 2048 bits', async () => {
    const weak = await makeKeys({ bits: 1024 });
    const text = await signText('<r ID="x"/>', { key: weak.privateKey, certificate: weak.certificate });
    expect(await outcome(text, { trusted: [weak.certificate] })).toBe('untrusted');
  });

  it('may be in a bare key, made for the algorithm', async () => {
    const { spki } = keys.certificate;
    const made = (hash: string) =>
      crypto.subtle.importKey('spki', spki, { name: 'RSASSA-PKCS1-v1_5', hash }, true, ['verify']);
    expect(await outcome(signed, { trusted: [await made('SHA-256')] })).toBe('accepted');
    expect(await outcome(signed, { trusted: [await made('SHA-512')] })).toBe('untrusted');
  });
});

describe('signature wrapping', () => {
  const evil = '<t:Note xmlns:t="urn:t" ID="evil"><t:From>Eve</t:From>';

  it.each([
    ['beside the evil element’s own content', () => `${evil}${signed}</t:Note>`, 'several'],
    ['in an element of the signature’s', () => `${evil}<x>${signed}</x></t:Note>`, 'several'],
    [
      'moved below its own signature',
      () => {
        const signature = signatureOf(signed);
        const inner = signed.replace(signature, '');
        return `${evil}${signature.replace('</ds:Signature>', `<ds:Object>${inner}</ds:Object></ds:Signature>`)}</t:Note>`;
      },
      'malformed',
    ],
    [
      'beside its signature, which stands in the evil element',
      () => `${evil}${signatureOf(signed)}${signed.replace(signatureOf(signed), '')}</t:Note>`,
      'other-reference',
    ],
    [
      'under an evil element of the same id',
      () =>
        `${evil.replace('evil', 'n1')}${signatureOf(signed)}${signed.replace(signatureOf(signed), '')}</t:Note>`,
      'duplicate-id',
    ],
  ])('with the signed element %s is refused', async (_, text, fault) => {
    expect(await outcome(text())).toBe(fault);
  });

  it.each([' Id="n1"', ' id="n1"', ' xmlns:w="urn:w" w:Id="n1"', ' xml:id="n1"'])(
    'by a second element with the id (%s) is refused',
    async (attribute) => {
      const text = replaced(signed, '<t:From>', `<t:From${attribute}>`);
      expect(await outcome(text)).toBe('duplicate-id');
    },
  );

  it('by a second element with the id elsewhere in the document is refused', async () => {
    const document = read(`<s><other ID="n1"/>${signed}</s>`);
    const element = elementsOf(document)[1];
    expect(element && (await verifySignature(document, options({ element })))).toEqual({
      ok: false,
      failure: 'duplicate-id',
    });
  });

  it('by an id under another name, or in a namespace, is refused', async () => {
    expect(await outcome(await signText('<r id="x"/>', { idAttribute: 'id' }))).toBe('other-reference');
    const namespaced = replaced(signed, ' ID="n1"', ' t:ID="n1"');
    expect(await outcome(namespaced)).toBe('other-reference');
  });
});

describe('a signature', () => {
  it('that is missing, twice there, or in the wrong place is refused', async () => {
    const signature = signatureOf(signed);
    expect(await outcome('<r ID="x"/>')).toBe('missing');
    expect(await outcome(signed.replace(signature, ''))).toBe('missing');
    expect(await outcome(signed.replace(signature, signature + signature))).toBe('several');
    const inside = signed.replace(signature, '').replace('Anna', `Anna${signature}`);
    expect(await outcome(inside)).toBe('several');
    expect(await outcome(signature)).toBe('several');
  });

  const REFUSED: readonly (readonly [string, string | RegExp, string, string])[] = [
    [
      'an XPath transform',
      /<ds:Transform A[^>]*enveloped[^>]*>/,
      '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor::x)</ds:XPath>',
      'transform',
    ],
    [
      'an XSLT transform more',
      '<ds:Transforms>',
      '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>',
      'transform',
    ],
    ['no transforms', /<ds:Transforms>.*<\/ds:Transforms>/, '', 'transform'],
    [
      'no canonicalization of the element',
      /<ds:Transform Algorithm="http:\/\/www.w3.org\/2001[^>]*><\/ds:Transform>/,
      '',
      'transform',
    ],
    [
      'inclusive canonicalization',
      /(?<=CanonicalizationMethod Algorithm=")[^"]*/,
      'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
      'transform',
    ],
    [
      'canonicalization with comments',
      /(?<=CanonicalizationMethod Algorithm=")[^"]*/,
      `${EXCLUSIVE_C14N}WithComments`,
      'transform',
    ],
    [
      'HMAC',
      /(?<=SignatureMethod Algorithm=")[^"]*/,
      'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
      'algorithm',
    ],
    [
      'RSA with MD5',
      /(?<=SignatureMethod Algorithm=")[^"]*/,
      'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
      'algorithm',
    ],
    [
      'an output length',
      '</ds:SignatureMethod>',
      '<ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>',
      'algorithm',
    ],
    [
      'a SHA-1 digest beside RSA-SHA256',
      /(?<=DigestMethod Algorithm=")[^"]*/,
      'http://www.w3.org/2000/09/xmldsig#sha1',
      'algorithm',
    ],
    ['an unknown digest', /(?<=DigestMethod Algorithm=")[^"]*/, 'urn:none', 'algorithm'],
    ['an address to be fetched', 'URI="#n1"', 'URI="http://attacker.example/note"', 'other-reference'],
    ['the whole document', 'URI="#n1"', 'URI=""', 'other-reference'],
    ['an XPointer', 'URI="#n1"', `URI="#xpointer(id('n1'))"`, 'other-reference'],
    ['no reference', / URI="#n1"/, '', 'other-reference'],
    ['another id', 'URI="#n1"', 'URI="#n2"', 'other-reference'],
    [
      'two references',
      '</ds:Reference>',
      '</ds:Reference><ds:Reference URI="#n1"></ds:Reference>',
      'malformed',
    ],
    ['an Object', '</ds:Signature>', '<ds:Object></ds:Object></ds:Signature>', 'malformed'],
    ['text in SignedInfo', '<ds:SignedInfo>', '<ds:SignedInfo>x', 'malformed'],
    ['a value that is not base64', /(?<=<ds:SignatureValue>)[^<]*/, '*', 'malformed'],
    ['an empty value', /(?<=<ds:SignatureValue>)[^<]*/, '', 'malformed'],
    ['an element in the digest', /(?<=<ds:DigestValue>)[^<]*/, '<x/>', 'malformed'],
    ['a certificate that is none', /(?<=<ds:X509Certificate>)[^<]*/, 'AAAA', 'untrusted'],
  ];

  it.each(REFUSED)('with %s is refused', async (_, part, by, fault) => {
    expect(await outcome(replaced(signed, part, by))).toBe(fault);
  });

  it('with a PrefixList is refused unless that is understood', async () => {
    const list = `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE_C14N}" PrefixList="xs #default"/>`;
    const c14n = new RegExp(`(?<=<ds:Transform Algorithm="${EXCLUSIVE_C14N}">)`);
    const text = replaced(signed, c14n, list);
    expect(await outcome(text)).toBe('transform');
    // SignedInfo was changed by it: it is now looked at, and found to be.
    expect(await outcome(text, { inclusiveNamespaces: 'accept' })).toBe('signature');
    const odd = replaced(signed, c14n, list.replace('InclusiveNamespaces', 'Other'));
    expect(await outcome(odd, { inclusiveNamespaces: 'accept' })).toBe('transform');
  });

  it('with a PrefixList verifies over the prefixes it names', async () => {
    const ds = elementsIn(DS, 'ds');
    const list = elementsIn(EXCLUSIVE_C14N, 'ec')('InclusiveNamespaces', [['PrefixList', 'xs']]);
    const text = '<r ID="x" xmlns:xs="urn:xs"><v t="xs:string"/>SIGNATURE</r>';
    const bare = read(text.replace('SIGNATURE', ''));
    const value = await digest('sha256', canonicalize(bare, { inclusivePrefixes: ['xs'] }));
    const algorithm = (name: string, uri: string, children: readonly XmlElement[] = []) =>
      ds(name, [['Algorithm', uri]], children);
    const info = ds(
      'SignedInfo',
      [],
      [
        algorithm('CanonicalizationMethod', EXCLUSIVE_C14N),
        algorithm('SignatureMethod', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'),
        ds(
          'Reference',
          [['URI', '#x']],
          [
            ds(
              'Transforms',
              [],
              [
                algorithm('Transform', `${DS}enveloped-signature`),
                algorithm('Transform', EXCLUSIVE_C14N, [list]),
              ],
            ),
            algorithm('DigestMethod', 'http://www.w3.org/2001/04/xmlenc#sha256'),
            ds('DigestValue', [], [Buffer.from(value).toString('base64')]),
          ],
        ),
      ],
    );
    const octets = new TextEncoder().encode(canonicalize(info));
    const made = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', keys.privateKey, octets);
    const signature = ds(
      'Signature',
      [],
      [info, ds('SignatureValue', [], [Buffer.from(made).toString('base64')])],
    );
    const whole = text.replace('SIGNATURE', canonicalize(signature));
    expect(await outcome(whole, { inclusiveNamespaces: 'accept' })).toBe('accepted');
    expect(await outcome(whole)).toBe('transform');
    const rebound = whole.replace('urn:xs', 'urn:ys');
    expect(await outcome(rebound, { inclusiveNamespaces: 'accept' })).toBe('digest');
  });

  it('cannot be made of an element without an id', async () => {
    await expect(signText('<r/>')).rejects.toThrow('no ID');
  });
});
