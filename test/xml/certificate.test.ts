import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/xml/base64.ts';
import { parseCertificate, parseCertificateText, sameKey } from '../../src/xml/certificate.ts';
import { readDer } from '../../src/xml/der.ts';
import { VECTOR_A, VECTOR_B, vectorCertificate } from './dgws-vectors.ts';
import { makeKeys } from './make-certificate.ts';

describe('an X.509 certificate', () => {
  it('is read with its names, serial number, validity and key', () => {
    expect(vectorCertificate(VECTOR_B)).toMatchObject({
      serialNumber: 5002n,
      key: { type: 'RSA', bits: 2048 },
      notBefore: Date.UTC(2025, 0, 1),
      notAfter: Date.UTC(2045, 0, 1),
      subject: [
        { type: '2.5.4.6', value: 'DK' },
        { type: '2.5.4.97', value: 'NTRDK-12345674' },
        { type: '2.5.4.10', value: 'Eksempel Apotek' },
        { type: '2.5.4.5', value: 'UI:DK-O:G:2f6d1e90-5c3a-4b7e-8d21-6a9b0c4e7f35' },
        { type: '2.5.4.3', value: 'fhir-facade' },
      ],
    });
    expect(vectorCertificate(VECTOR_A).issuer.at(-1)).toEqual({ type: '2.5.4.3', value: 'SIM-STS' });
  });

  it('has an elliptic curve told by name', async () => {
    const { certificate } = await makeKeys({ kind: 'EC', commonName: 'Åsa 🔑' });
    expect(certificate.key).toEqual({ type: 'EC', curve: 'P-256' });
    expect(certificate.subject).toEqual([{ type: '2.5.4.3', value: 'Åsa 🔑' }]);
  });

  it('comes as PEM or as the base64 alone, and as nothing else', async () => {
    const { certificate, certificatePem, privateKeyPem } = await makeKeys();
    const base64 = encodeBase64(certificate.der);
    for (const text of [certificatePem, certificatePem.replaceAll('\n', '\r\n'), base64, `\n${base64}\n`]) {
      const read = parseCertificateText(text);
      expect(read && sameKey(read, certificate)).toBe(true);
    }
    for (const text of ['', 'x', privateKeyPem, certificatePem + certificatePem, base64.slice(0, -8)]) {
      expect(parseCertificateText(text)).toBeUndefined();
    }
  });

  it('has the same key as another only if the keys are the same', async () => {
    const [one, other] = await Promise.all([makeKeys(), makeKeys()]);
    expect(sameKey(one.certificate, one.certificate)).toBe(true);
    expect(sameKey(one.certificate, other.certificate)).toBe(false);
  });

  it('cut off or changed anywhere never throws', () => {
    const { der } = vectorCertificate(VECTOR_B);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.boolean(), (at, octet, cut) => {
        const changed = cut ? der.slice(0, at) : der.with(at, octet);
        const read = parseCertificate(changed);
        if (cut) expect(read).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('of bytes at random is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(parseCertificate(Uint8Array.from(bytes))).toBeUndefined();
      }),
    );
  });
});

describe('DER', () => {
  it.each([
    ['no length', [0x30]],
    ['less content than said', [0x30, 2, 5]],
    ['an indefinite length', [0x30, 0x80, 0, 0]],
    ['a length of four octets', [0x30, 0x84, 0, 0, 0, 1, 5]],
    ['a tag of several octets', [0x1f, 0x81, 1, 0]],
  ])('with %s is refused', (_, bytes) => {
    expect(readDer(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe('base64', () => {
  it('gives back the bytes that were put in, with or without padding and line ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64(bytes);
        for (const form of [text, text.replace(/=+$/, ''), (text.match(/.{1,7}/g) ?? []).join('\r\n ')]) {
          expect(decodeBase64(form)).toEqual(Uint8Array.from(bytes));
        }
      }),
    );
  });

  it.each(['A', 'AAAAA', 'AA=', 'AAA==', 'A=AA', '====', 'AA-_', 'åäö='])(
    'that is none (%s) is refused',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined();
    },
  );
});
