import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignatureAlgorithm } from '../../src/xml/algorithms.ts';
import { canonicalize } from '../../src/xml/canonical.ts';
import { parseXml } from '../../src/xml/parse.ts';
import { sign } from '../../src/xml/sign.ts';
import { elementsOf, type XmlElement } from '../../src/xml/tree.ts';
import { verifySignature } from '../../src/xml/verify.ts';
import { makeKeys, type TestKeys } from './make-certificate.ts';
import { xmlDocument } from './xml-documents.ts';

/** An implementation that shares nothing with ours: https://www.aleksey.com/xmlsec/ */
const XMLSEC = 'xmlsec1';
const present = spawnSync(XMLSEC, ['--version']).status === 0;

const folder = present ? mkdtempSync(join(tmpdir(), 'xmlsec-')) : '';
afterAll(() => {
  if (present) rmSync(folder, { recursive: true });
});

const fileOf = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const read = (text: string): XmlElement => {
  const parsed = parseXml(text);
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  return parsed.value;
};

let rsa: TestKeys;
let curve: TestKeys;
beforeAll(async () => {
  [rsa, curve] = await Promise.all([makeKeys(), makeKeys({ kind: 'EC' })]);
});

/** How it is told that `ID` is an id: element by element. */
const ids = (names: readonly string[]) => names.flatMap((name) => ['--id-attr:ID', name]);

const NAMES = ['e', 'f', 'Ö'].flatMap((local) =>
  ['', 'urn:1:', 'urn:2:', 'urn:3:'].map((namespace) => `${namespace}${local}`),
);

const xmlsecAccepts = (text: string, { certificatePem }: TestKeys, names: readonly string[]): string => {
  const files = [fileOf('trusted.pem', certificatePem), fileOf('signed.xml', text)];
  const [trusted = '', signed = ''] = files;
  const keyArguments = ['--pubkey-cert-pem', trusted, '--trusted-pem', trusted];
  const run = spawnSync(XMLSEC, ['--verify', ...keyArguments, ...ids(names), signed], {
    encoding: 'utf8',
  });
  return run.status === 0 ? 'accepted' : run.stderr;
};

describe.skipIf(!present)('xmlsec1 and this server', () => {
  it('agree on the canonical form of any document', async () => {
    await fc.assert(
      fc.asyncProperty(xmlDocument(' ID="_1"'), async (text) => {
        const { element } = await sign(read(text), {
          key: rsa.privateKey,
          algorithm: 'rsa-sha256',
          idAttribute: 'ID',
        });
        const signature = elementsOf(element).at(-1);
        const end = text.lastIndexOf('</');
        const whole = `${text.slice(0, end)}${signature && canonicalize(signature)}${text.slice(end)}`;
        expect(xmlsecAccepts(whole, rsa, NAMES)).toBe('accepted');
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('agree on what we sign, with each kind of key', async () => {
    const text = '<r ID="_1"><a>å &amp; 😀</a></r>';
    for (const [keys, algorithm] of [
      [rsa, 'rsa-sha256'],
      [curve, 'ecdsa-sha256'],
    ] as const) {
      const { privateKey: key, certificate } = keys;
      const { xml } = await sign(read(text), { key, algorithm, idAttribute: 'ID', certificate });
      expect(xmlsecAccepts(xml, keys, ['r'])).toBe('accepted');
      expect(xmlsecAccepts(xml.replace('å', 'a'), keys, ['r'])).not.toBe('accepted');
    }
  });

  const TEMPLATE = (algorithm: string) => `<?xml version="1.0"?>
<t:Note xmlns:t="urn:t" xmlns:xs="urn:xs" ID="_1" b="2" a="1">
  <t:From xmlns="urn:d"><x/>Åsa &amp; <![CDATA[<Bo>]]></t:From>
  <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
    <ds:SignedInfo>
      <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
      <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#${algorithm}"/>
      <ds:Reference URI="#_1">
        <ds:Transforms>
          <ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
          <ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces
            xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="xs #default"/></ds:Transform>
        </ds:Transforms>
        <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
        <ds:DigestValue/>
      </ds:Reference>
    </ds:SignedInfo>
    <ds:SignatureValue/>
    <ds:KeyInfo><ds:X509Data/></ds:KeyInfo>
  </ds:Signature>
  <!-- a comment -->
</t:Note>`;

  it.each<[SignatureAlgorithm]>([['rsa-sha256'], ['rsa-sha512'], ['ecdsa-sha256']])(
    'agree on what it signs with %s',
    async (algorithm) => {
      const keys = algorithm === 'ecdsa-sha256' ? curve : rsa;
      const files = [keys.privateKeyPem, keys.certificatePem, TEMPLATE(algorithm)];
      const [key, certificate, template] = files.map((content, at) => fileOf(`in-${at}`, content));
      const run = spawnSync(
        XMLSEC,
        ['--sign', '--privkey-pem', `${key},${certificate}`, ...ids(['urn:t:Note']), template ?? ''],
        { encoding: 'utf8' },
      );
      expect(run.stderr).toBe('');
      const options = {
        trusted: [keys.certificate],
        algorithms: [algorithm],
        idAttributes: ['ID'],
        inclusiveNamespaces: 'accept',
        now: Date.UTC(2026, 10, 21),
      } as const;
      expect(await verifySignature(read(run.stdout), options)).toMatchObject({ ok: true });
      expect(await verifySignature(read(run.stdout.replace('b="2"', 'b="3"')), options)).toEqual({
        ok: false,
        failure: 'digest',
      });
    },
  );
});
