import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_HEADER_LIMITS } from '../../../src/headers/sizes.ts';
import { withIncomingHeaders } from '../../../src/runtime/node/headers.ts';
import { certificateInHeader } from '../../../src/runtime/node/shown-certificate.ts';
import { maxHeaderSize } from '../../../src/runtime/node/unreadable.ts';
import { makeKeys, type TestKeys } from '../../xml/make-certificate.ts';

let keys: TestKeys;
let base64: string;
let thumbprint: string;
beforeAll(async () => {
  keys = await makeKeys();
  const { der } = keys.certificate;
  base64 = Buffer.from(der).toString('base64');
  thumbprint = createHash('sha256').update(der).digest('base64url');
});

const NAME = 'X-Client-Cert';

const read = (...values: readonly string[]): string | undefined => {
  const rawHeaders = values.flatMap((value) => [NAME, value]);
  const request = withIncomingHeaders(new Request('http://127.0.0.1/fhir'), { rawHeaders });
  return certificateInHeader('x-client-CERT')(request);
};

describe('the client certificate that a TLS terminator hands on', () => {
  it.each<[string, () => string]>([
    ['PEM, url-encoded as nginx does', () => encodeURIComponent(keys.certificatePem)],
    [
      'PEM, url-encoded as AWS does, which leaves +, = and / as they are',
      () => encodeURI(keys.certificatePem).replaceAll('%0A', '%0a'),
    ],
    ['PEM in one line, as Apache does', () => keys.certificatePem.trim().replaceAll('\n', ' ')],
    ['the field Client-Cert of RFC 9440', () => `:${base64}:`],
    ['base64 of the DER', () => base64],
  ])('is read as %s', (_, value) => {
    expect(read(value())).toBe(thumbprint);
  });

  it.each<[string, () => readonly string[]]>([
    ['no header', () => []],
    ['an empty one', () => ['']],
    ['a word', () => ['SUCCESS']],
    ['a fingerprint', () => [thumbprint]],
    ['a header sent twice', () => [base64, base64]],
    ['a list of RFC 9440', () => [`:${base64}:, :${base64}:`]],
    ['half of RFC 9440', () => [`:${base64}`]],
    ['a chain', () => [encodeURIComponent(keys.certificatePem.repeat(2))]],
    ['a private key', () => [encodeURIComponent(keys.privateKeyPem)]],
    ['a certificate cut short', () => [base64.slice(0, 400)]],
    [
      'a certificate and something more',
      () => [Buffer.concat([keys.certificate.der, Buffer.from([0])]).toString('base64')],
    ],
    ['base64 of PEM', () => [Buffer.from(keys.certificatePem).toString('base64')]],
    ['base64 without its padding, or with blanks', () => [` ${base64.slice(0, 64)} ${base64.slice(64)}`]],
    ['escapes that are none', () => [`%ZZ${base64}`]],
  ])('is none in %s', (_, values) => {
    expect(read(...values())).toBeUndefined();
  });
});

describe("Node's own header limit", () => {
  it('is 64 KiB by default, and leaves the server room to tell by name what is too large', () => {
    expect(maxHeaderSize(DEFAULT_HEADER_LIMITS)).toBe(65_536);
    expect(maxHeaderSize({ total: 65_536, value: 8192 })).toBeGreaterThan(65_536 + 16_384);
  });

  it('has the room for the certificate beside the rest', () => {
    const apart = { name: 'x-client-cert', value: 16_384 };
    expect(maxHeaderSize({ ...DEFAULT_HEADER_LIMITS, apart })).toBe(65_536 + 16_384);
  });
});
