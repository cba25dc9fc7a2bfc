import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type CardSigner,
  certificateHash,
  DGWS_ALGORITHMS,
  isHashOf,
  signCard,
  verifyCard,
} from '../../../src/systems/dgws/card-signature.ts';
import { type IdCard, readCard, writeCard } from '../../../src/systems/dgws/message-card.ts';
import { canonicalize } from '../../../src/xml/canonical.ts';
import { parseXml } from '../../../src/xml/parse.ts';
import type { XmlElement } from '../../../src/xml/tree.ts';
import { VECTOR_A, VECTOR_B, vectorCertificate } from '../../xml/dgws-vectors.ts';
import { makeKeys } from '../../xml/make-certificate.ts';

const tree = (text: string): XmlElement => {
  const parsed = parseXml(text, { comments: 'refuse' });
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  return parsed.value;
};

const hex = async (text: string) => {
  const octets = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(octets)].map((octet) => octet.toString(16).padStart(2, '0')).join('');
};

/** What vector B says. */
const CARD_B: IdCard = {
  issuer: 'fhir-facade',
  issueInstant: Date.parse('2026-03-03T06:55:00Z'),
  nameId: { format: 'medcom:cvrnumber', value: '12345674' },
  notBefore: Date.parse('2026-03-03T06:55:00Z'),
  notOnOrAfter: Date.parse('2026-03-04T06:55:00Z'),
  id: '6Jq0mX3vQmS1pZbJ4tE2Ww==',
  version: '1.0.1',
  type: 'system',
  level: 3,
  certHash: 'ISj2lDs9EPzIHYkOecd+ghuj7JQfpiRYI3wfZJb8pjI=',
  system: {
    name: 'fhir-facade',
    careProviderId: { format: 'medcom:cvrnumber', value: '12345674' },
    careProviderName: 'Eksempel Apotek',
  },
};

const USER_CARD: IdCard = {
  ...CARD_B,
  type: 'user',
  level: 4,
  user: {
    cpr: '2401010001',
    givenName: 'Anne',
    surName: 'Testsen',
    role: '7170',
    authorizationCode: 'BCD12',
  },
};

const NOW = Date.parse('2026-03-03T07:00:00Z');
const verifyText = (text: string, now = NOW, certificate = vectorCertificate(VECTOR_A)) => {
  const document = tree(text);
  const algorithms = DGWS_ALGORITHMS;
  return verifyCard(document, document, { trusted: [certificate], algorithms, now });
};

describe('the verified vectors of the domain page', () => {
  it('vector A: digest and signature hold; system card, level 3, CVR 12345674', async () => {
    expect(await verifyText(VECTOR_A)).toMatchObject({
      ok: true,
      value: {
        issuer: 'SIM-STS',
        type: 'system',
        level: 3,
        nameId: { format: 'medcom:other' },
        system: { careProviderId: { format: 'medcom:cvrnumber', value: '12345674' } },
      },
    });
  });

  it('vector B: its card has these canonical octets, and the signature holds', async () => {
    const canonical = canonicalize(writeCard(CARD_B));
    expect(canonical.length).toBe(1795);
    expect(await hex(canonical)).toBe('321e9522035a260a057b962ffd5a7e9bd234127ca2d9f97a575df0315aaa9670');
    expect(await verifyText(VECTOR_B, NOW, vectorCertificate(VECTOR_B))).toEqual({ ok: true, value: CARD_B });
  });

  it('at NotOnOrAfter a card has expired, at NotBefore it is valid, before it is not', async () => {
    const at = async (instant: string) => {
      const result = await verifyText(VECTOR_A, Date.parse(instant));
      return result.ok ? 'valid' : result.failure.kind;
    };
    expect(await at('2026-03-04T06:55:00Z')).toBe('expired');
    expect(await at('2026-03-04T06:54:59Z')).toBe('valid');
    expect(await at('2026-03-03T06:55:00Z')).toBe('valid');
    expect(await at('2026-03-03T06:54:59Z')).toBe('not-yet-valid');
  });

  it('OCESCertHash is told by its length', async () => {
    const certificate = vectorCertificate(VECTOR_B);
    expect(await isHashOf('ISj2lDs9EPzIHYkOecd+ghuj7JQfpiRYI3wfZJb8pjI=', certificate)).toBe(true);
    expect(await isHashOf(await certificateHash(certificate, 'SHA-1'), certificate)).toBe(true);
    expect(await isHashOf('hJgzp878rXBgIb3SkPlwaIuQ8Z4=', vectorCertificate(VECTOR_A))).toBe(false);
    expect(await isHashOf('AAAA', certificate)).toBe(false);
  });
});

const inEnvelope = (...cards: readonly string[]) => `<e>${cards.join('')}</e>`;

describe('a card is refused', () => {
  const faultOf = async (text: string) => {
    const result = await verifyText(text);
    if (result.ok) return 'accepted';
    return result.failure.kind === 'signature' ? result.failure.fault : result.failure.kind;
  };

  it('when a value was changed: the digest is wrong though SignedInfo is good', async () => {
    expect(await faultOf(VECTOR_A.replace('>3<', '>4<'))).toBe('digest');
  });

  it('when it was indented or a value was wrapped after signing', async () => {
    expect(await faultOf(VECTOR_A.replaceAll('<saml:Attribute ', '\n <saml:Attribute '))).toBe('digest');
    expect(await faultOf(VECTOR_A.replace('>Eksempel Apotek<', '>\n Eksempel Apotek\n<'))).toBe('digest');
  });

  it('when the digest is good and the signature is not', async () => {
    expect(await faultOf(VECTOR_A.replace('UQO7gIK2', 'UQO7gIK3'))).toBe('signature');
  });

  it('when the reference is empty or to another id', async () => {
    expect(await faultOf(VECTOR_A.replace('URI="#IDCard"', 'URI=""'))).toBe('other-reference');
    expect(await faultOf(VECTOR_A.replace('URI="#IDCard"', 'URI="#IDCardData"'))).toBe('other-reference');
  });

  it('when there is another transform or HMAC', async () => {
    const xpath = 'http://www.w3.org/TR/1999/REC-xpath-19991116';
    const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
    expect(await faultOf(VECTOR_A.replace(enveloped, xpath))).toBe('transform');
    expect(await faultOf(VECTOR_A.replace('#rsa-sha1', '#hmac-sha1'))).toBe('algorithm');
  });

  it('when two elements have its id: wrapping', async () => {
    const forged = VECTOR_A.replace(/<ds:Signature .*<\/ds:Signature>/, '').replace('>3<', '>4<');
    const document = tree(inEnvelope(forged, VECTOR_A));
    const [first, second] = document.children.filter((child) => typeof child !== 'string');
    const trust = { trusted: [vectorCertificate(VECTOR_A)], algorithms: DGWS_ALGORITHMS, now: NOW };
    for (const card of [first, second]) {
      if (card === undefined) throw new Error('two cards were written');
      expect((await verifyCard(document, card, trust)).ok).toBe(false);
    }
  });

  it('when nobody trusts the key, or the algorithm is not accepted', async () => {
    const { certificate } = await makeKeys();
    expect(await verifyText(VECTOR_A, NOW, certificate)).toMatchObject({
      failure: { kind: 'signature', fault: 'untrusted' },
    });
    const document = tree(VECTOR_A);
    const trusted = [vectorCertificate(VECTOR_A)];
    const strict = await verifyCard(document, document, { trusted, algorithms: ['rsa-sha256'], now: NOW });
    expect(strict).toMatchObject({ failure: { fault: 'algorithm' } });
  });

  it('when there are comments, entities or a doctype in it: it is not even read', () => {
    const kinds = [
      VECTOR_A.replace('>3<', '>3<!-- -->4<'),
      VECTOR_A.replace('>3<', '>&three;<'),
      `<!DOCTYPE x [<!ENTITY three "3">]>${VECTOR_A}`,
    ].map((text) => {
      const parsed = parseXml(text, { comments: 'refuse' });
      return parsed.ok ? 'read' : parsed.failure.kind;
    });
    expect(kinds).toEqual(['comment', 'not-well-formed', 'doctype']);
  });

  it('when a statement or an attribute is there twice', () => {
    const twice = VECTOR_A.replace(/(<saml:Attribute Name="sosi:IDCardType">.*?<\/saml:Attribute>)/, '$1$1');
    expect(readCard(tree(twice)).ok).toBe(false);
  });
});

describe('a namespace that is declared on the envelope only', () => {
  it('does no harm to the signature', async () => {
    const moved = VECTOR_A.replace(/ xmlns:(?:saml|ds)="[^"]*"/g, '');
    const envelope = `<e xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${moved}</e>`;
    const document = tree(envelope);
    const [card] = document.children.filter((child) => typeof child !== 'string');
    if (card === undefined) throw new Error('a card was written');
    const trusted = [vectorCertificate(VECTOR_A)];
    const result = await verifyCard(document, card, { trusted, algorithms: DGWS_ALGORITHMS, now: NOW });
    expect(result.ok).toBe(true);
  });
});

const XMLSEC = 'xmlsec1';
const present = spawnSync(XMLSEC, ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'dgws-card-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(DGWS_ALGORITHMS)('a card that we sign with %s', (algorithm) => {
  const signer = async () => {
    const hash = algorithm === 'rsa-sha1' ? 'SHA-1' : 'SHA-256';
    const { privateKey, certificate, certificatePem } = await makeKeys({ hash });
    const own: CardSigner = { key: privateKey, certificate, algorithm };
    return { own, certificate, certificatePem };
  };

  it.each([CARD_B, USER_CARD])('is read back as it was made', async (card) => {
    const { own, certificate } = await signer();
    expect(await verifyText(await signCard(card, own), NOW, certificate)).toEqual({ ok: true, value: card });
  });

  it.skipIf(!present)('is accepted by xmlsec1', async () => {
    const { own, certificatePem } = await signer();
    const paths = [join(folder, `${algorithm}.pem`), join(folder, `${algorithm}.xml`)] as const;
    writeFileSync(paths[0], certificatePem);
    writeFileSync(paths[1], await signCard(USER_CARD, own));
    const id = ['--id-attr:id', 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion'];
    const run = spawnSync(
      XMLSEC,
      ['--verify', '--enabled-key-data', 'x509,rsa', '--trusted-pem', paths[0], ...id, paths[1]],
      { encoding: 'utf8' },
    );
    expect(run.stderr).toContain('OK');
    expect(run.status).toBe(0);
  });
});
