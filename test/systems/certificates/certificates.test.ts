import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveFromCertificate } from '../../../src/systems/certificates/derive.ts';
import { sha1Hex, sha256Hex } from '../../../src/systems/certificates/digest.ts';
import { fromCertificate, fromCertificateBytes } from '../../../src/systems/certificates/from-certificate.ts';
import { readCertificate } from '../../../src/systems/certificates/input.ts';
import { readSubject } from '../../../src/systems/certificates/subject.ts';
import { makeKey } from '../../../src/systems/dgws/simulator-certificate.ts';
import { decodeBase64, encodeBase64 } from '../../../src/xml/base64.ts';
import { makeKeys } from '../../xml/make-certificate.ts';
import {
  bytes,
  derOf,
  NOW,
  OCES2_HASH,
  OCES2_PEM,
  OCES3_PEM,
  VECTOR_FOCES_ID,
  VECTOR_HASH,
  VECTOR_HASH_256,
} from './vectors.ts';

const hex = (buffer: ArrayBuffer): string =>
  Array.from(new Uint8Array(buffer), (octet) => octet.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

const pemOf = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${encodeBase64(der)}\n-----END ${label}-----\n`;

const made = async (...subject: readonly (readonly [string, string])[]): Promise<Uint8Array<ArrayBuffer>> =>
  decodeBase64((await makeKey(subject)).certificate) ?? new Uint8Array();

const derived = (input: Uint8Array<ArrayBuffer>) => {
  const read = deriveFromCertificate(input, NOW);
  if (!read.ok) throw new Error(read.failure);
  return read.value;
};

const faultOf = (input: Uint8Array<ArrayBuffer>): string | undefined => {
  const read = readCertificate(input);
  return read.ok ? undefined : read.failure;
};

describe('the digests', () => {
  it('are those of WebCrypto, for every length of message', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (octets) => {
        const message = Uint8Array.from(octets);
        expect(sha1Hex(message)).toBe(hex(await crypto.subtle.digest('SHA-1', message)));
        expect(sha256Hex(message)).toBe(hex(await crypto.subtle.digest('SHA-256', message)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a certificate tells', () => {
  it('CVR, FocesId and CertHash of the OCES3 vector', () => {
    expect(derived(bytes(OCES3_PEM))).toMatchObject({
      generation: 'OCES3',
      cvr: '12345674',
      focesId: VECTOR_FOCES_ID,
      certHash: VECTOR_HASH,
      certHash256: VECTOR_HASH_256,
      organization: 'Eksempel Apotek',
      validity: 'valid',
      faults: [],
    });
  });

  it('CVR, FID and CertHash of the OCES2 vector, whose serialNumber stands in a multi-valued RDN', () => {
    expect(derived(bytes(OCES2_PEM))).toMatchObject({
      generation: 'OCES2',
      cvr: '12345674',
      focesId: '18900001',
      certHash: OCES2_HASH,
      organization: 'Eksempel Apotek',
      faults: [],
    });
  });

  it.each([
    ['PEM with CRLF', bytes(OCES3_PEM.replaceAll('\n', '\r\n'))],
    ['PEM with text around it', bytes(`Bag Attributes\n  friendlyName: x\n${OCES3_PEM}\nend`)],
    ['PEM in UTF-16', Uint8Array.from([0xff, 0xfe, ...[...OCES3_PEM].flatMap((c) => [c.charCodeAt(0), 0])])],
    ['DER', derOf(OCES3_PEM)],
    ['base64 of the DER alone', bytes(encodeBase64(derOf(OCES3_PEM)))],
  ])('the same as %s', (_, input) => {
    expect(derived(input).certHash).toBe(VECTOR_HASH);
  });

  it('that it has expired, or is not valid yet', async () => {
    const { certificate } = await makeKeys({ notBefore: NOW, notAfter: NOW + 1000 });
    const at = (now: number) => {
      const read = deriveFromCertificate(certificate.der, now);
      return read.ok ? read.value.validity : undefined;
    };
    expect([at(NOW - 1000), at(NOW), at(NOW + 1000), at(NOW + 2000)]).toEqual([
      'not-yet-valid',
      'valid',
      'valid',
      'expired',
    ]);
  });
});

describe('an input is refused', () => {
  it('when it holds a private key in any of its forms', async () => {
    const { privateKeyPem } = await makeKeys({ kind: 'EC' });
    const pkcs8 = derOf(privateKeyPem);
    expect(faultOf(bytes(privateKeyPem))).toBe('private-key');
    expect(faultOf(bytes(OCES3_PEM + privateKeyPem))).toBe('private-key');
    expect(faultOf(bytes(`${privateKeyPem.slice(0, 60)}`))).toBe('private-key');
    for (const label of [
      'RSA PRIVATE KEY',
      'EC PRIVATE KEY',
      'ENCRYPTED PRIVATE KEY',
      'OPENSSH PRIVATE KEY',
    ]) {
      expect(faultOf(bytes(pemOf(label, pkcs8)))).toBe('private-key');
    }
    expect(faultOf(pkcs8)).toBe('private-key');
    expect(faultOf(bytes(encodeBase64(pkcs8)))).toBe('private-key');
    // A key behind a certificate label is a key all the same.
    expect(faultOf(bytes(pemOf('CERTIFICATE', pkcs8)))).toBe('private-key');
    expect(faultOf(Uint8Array.from([...derOf(OCES3_PEM), ...pkcs8]))).toBe('private-key');
  });

  it('when it is a PKCS#12 or PKCS#7 container', () => {
    const data = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    const content = [0x30, data.length, ...data];
    const pkcs12 = [0x02, 0x01, 0x03, ...content];
    expect(faultOf(Uint8Array.from([0x30, pkcs12.length, ...pkcs12]))).toBe('pkcs12');
    expect(faultOf(Uint8Array.from(content))).toBe('pkcs7');
  });

  it('for the key in it before anything else', async () => {
    const { privateKeyPem } = await makeKeys({ kind: 'EC' });
    const pkcs7 = [0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    expect(faultOf(Uint8Array.from([...pkcs7, ...derOf(privateKeyPem)]))).toBe('private-key');
  });

  it('when it is a chain', () => {
    expect(faultOf(bytes(OCES3_PEM + OCES2_PEM))).toBe('several-certificates');
    expect(faultOf(Uint8Array.from([...derOf(OCES3_PEM), ...derOf(OCES2_PEM)]))).toBe('several-certificates');
  });

  it.each([
    ['other PEM', bytes(pemOf('CERTIFICATE REQUEST', derOf(OCES3_PEM))), 'other-pem'],
    ['text', bytes('hello'), 'not-a-certificate'],
    ['nothing', bytes(''), 'not-a-certificate'],
    ['half a certificate', derOf(OCES3_PEM).slice(0, 200), 'not-a-certificate'],
    ['PEM without an end', bytes(OCES3_PEM.slice(0, 300)), 'not-a-certificate'],
    ['more than any certificate', new Uint8Array(65 * 1024), 'too-large'],
  ])('when it is %s', (_, input, fault) => {
    expect(faultOf(input)).toBe(fault);
  });

  it('and never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(540), fc.nat(255), (octets, at, octet) => {
        readCertificate(Uint8Array.from(octets));
        const { length } = derOf(OCES3_PEM);
        const read = deriveFromCertificate(derOf(OCES3_PEM).with(at % length, octet), NOW);
        if (read.ok) expect(read.value.certHash).toHaveLength(40);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a subject', () => {
  const C = '2.5.4.6';
  const O = '2.5.4.10';
  const SERIAL = '2.5.4.5';
  const ORGANIZATION_ID = '2.5.4.97';
  const UUID = 'd6ee0f3c-5b7a-4c1d-9e2f-1a2b3c4d5e6f';
  const subject = (...pairs: readonly (readonly [string, string])[]) =>
    readSubject(pairs.map(([type, value]) => ({ type, value })));

  it('has its FocesId in lower case, stray spaces gone', () => {
    const read = subject([ORGANIZATION_ID, 'NTRDK-12345674'], [SERIAL, `UI:DK-O:G: ${UUID.toUpperCase()}`]);
    expect(read).toMatchObject({ cvr: '12345674', focesId: UUID, faults: [] });
  });

  it.each(['NTRDK-1234567', 'NTRDK-', 'NTRDK-123456789'])('with %s is not padded', (value) => {
    const read = subject([ORGANIZATION_ID, value], [SERIAL, `UI:DK-O:G:${UUID}`]);
    expect(read.cvr).toBeUndefined();
    expect(read.faults).toEqual(['cvr-malformed']);
  });

  it.each([
    ['VOCES', 'CVR:12345674-UID:1100000000001', '1100000000001', []],
    ['FOCES', 'CVR:12345674-FID:18900001', '18900001', []],
    ['MOCES', 'CVR:12345674-RID:50000001', '50000001', ['employee']],
  ])('of OCES2 %s', (_, serial, focesId, faults) => {
    expect(subject([SERIAL, serial], [O, 'X // CVR:12345674'])).toMatchObject({
      generation: 'OCES2',
      cvr: '12345674',
      focesId,
      faults,
      organization: 'X',
    });
  });

  it('in the form of MedCom EHMI names CVR and UUID at once', () => {
    expect(subject([SERIAL, `CVR:12345674-UID:UI:DK-O:G:${UUID}`])).toMatchObject({
      cvr: '12345674',
      focesId: UUID,
    });
  });

  it('of an employee is told as such', () => {
    expect(subject([SERIAL, `UI:DK-E:G:${UUID}`], [ORGANIZATION_ID, 'NTRDK-12345674']).faults).toEqual([
      'employee',
    ]);
  });

  it('that names two CVR numbers contradicts itself', () => {
    expect(subject([SERIAL, 'CVR:12345674-FID:1'], [O, 'X // CVR:12345678']).faults).toEqual([
      'cvr-contradiction',
    ]);
  });

  it.each([
    ['SE5599990016-EX01', []],
    ['SE162321000024-0001', ['hsa-id-legacy']],
    ['SE13813023981', ['hsa-id-unclean']],
    ['T_SERVICES_SE121212121212-121A', ['hsa-id-unclean']],
  ])('of SITHS with %s tells the HSA-id, clean or not', (hsaId, faults) => {
    expect(subject([C, 'SE'], [O, 'Region Exempel'], [SERIAL, hsaId])).toMatchObject({
      generation: 'SITHS',
      hsaId,
      faults,
    });
  });

  it('of neither policy tells nothing', () => {
    expect(subject([C, 'FR'], [O, 'Exemple'], [SERIAL, '12345'])).toEqual({
      generation: 'unknown',
      organization: 'Exemple',
      faults: [],
    });
  });
});

describe('Organization/$from-certificate', () => {
  const ask = (parameter: object) =>
    fromCertificate({ resourceType: 'Parameters', parameter: [{ name: 'certificate', ...parameter }] }, NOW);
  const data = encodeBase64(derOf(OCES3_PEM));

  it.each([
    ['an Attachment', { valueAttachment: { contentType: 'application/pkix-cert', data } }],
    ['base64', { valueBase64Binary: data }],
    ['PEM as a string', { valueString: OCES3_PEM }],
  ])('takes %s', (_, parameter) => {
    const answer = ask(parameter);
    expect(answer).toMatchObject({ ok: true, value: { issues: [] } });
    const told = answer.ok ? answer.value.parameters.parameter : [];
    expect(told).toContainEqual({ name: 'cvr', valueString: '12345674' });
    expect(told).toContainEqual({ name: 'focesId', valueString: VECTOR_FOCES_ID });
    expect(told).toContainEqual({ name: 'certHash', valueString: VECTOR_HASH });
  });

  it('tells the HSA-id of a SITHS certificate, with a warning where it is not clean', async () => {
    const answer = fromCertificateBytes(
      await made(['2.5.4.6', 'SE'], ['2.5.4.10', 'Region Exempel'], ['2.5.4.5', 'SE162321000024-0001']),
      NOW,
    );
    const told = answer.ok ? answer.value.parameters.parameter : [];
    expect(told).toContainEqual({
      name: 'hsaId',
      valueIdentifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE162321000024-0001' },
    });
    expect(
      answer.ok && answer.value.issues.map(({ severity, details }) => [severity, details?.code]),
    ).toEqual([['warning', 'hsa-id-legacy']]);
  });

  it('refuses a CVR of other than eight digits', async () => {
    const answer = fromCertificateBytes(
      await made(['2.5.4.97', 'NTRDK-1234567'], ['2.5.4.5', `UI:DK-O:G:${VECTOR_FOCES_ID}`]),
      NOW,
    );
    expect(answer).toMatchObject({
      ok: false,
      failure: { kind: 'unprocessable', issues: [{ code: 'value' }] },
    });
  });

  it('refuses a private key as a matter of security and repeats nothing of it', async () => {
    const { privateKeyPem } = await makeKeys({ kind: 'EC' });
    const answer = ask({ valueString: privateKeyPem });
    expect(answer).toMatchObject({ ok: false, failure: { issues: [{ code: 'security' }] } });
    expect(JSON.stringify(answer)).not.toContain(privateKeyPem.split('\n')[1]);
  });

  it('refuses no certificate and two of them', () => {
    expect(fromCertificate({ resourceType: 'Parameters' }, NOW)).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'required' }] },
    });
    expect(ask({ valueString: OCES3_PEM + OCES2_PEM })).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'multiple-matches' }] },
    });
    expect(ask({ valueBase64Binary: '***' })).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'value' }] },
    });
  });
});
