import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_HEADER_LIMITS } from '../../../src/headers/sizes.ts';
import { parseTokenIssuers } from '../../../src/security/token/configuration.ts';
import { type AcceptedIssuer, headerLimitsFor, isSamlIssuer } from '../../../src/security/token/issuer.ts';
import { createTokenVerifier } from '../../../src/security/token/verify.ts';
import { encodeBase64 } from '../../../src/xml/base64.ts';
import { makeKeys, type TestKeys } from '../../xml/make-certificate.ts';
import { assertionToken, BEARER, NURSE, SAML_ISSUER, samlIssuer } from '../saml/make-assertion.ts';
import { AUDIENCE, issuerOf, makeSigner, NOW, type Signer, sha256 } from './signer.ts';

let keys: TestKeys;
let signer: Signer;
beforeAll(async () => {
  [keys, signer] = await Promise.all([makeKeys(), makeSigner()]);
});

const jwtIssuer = () => issuerOf({ set: { keys: [signer.jwk] } });

const verifierOf = (issuers: readonly AcceptedIssuer[], clock = () => NOW) =>
  createTokenVerifier({
    issuers,
    fetch: () => Promise.reject(new Error('no fetch expected')),
    clock,
    sha256,
  });

describe('a SAML assertion as a bearer token', () => {
  it('makes a caller like a JWT’s', async () => {
    const verifier = verifierOf([jwtIssuer(), samlIssuer(keys)]);
    expect(await verifier.verify(`Bearer ${await assertionToken(keys)}`)).toMatchObject({
      ok: true,
      value: { issuer: SAML_ISSUER, caller: { ok: true, value: { caller: { role: 'nurse', loa: 3 } } } },
    });
    expect(await verifier.verify(`Bearer ${await signer.sign()}`)).toMatchObject({ ok: true });
  });

  it('is remembered, and may be used until its end', async () => {
    let now = NOW;
    const verifier = verifierOf([samlIssuer(keys)], () => now);
    const authorization = `Bearer ${await assertionToken(keys)}`;
    const [first, second] = [await verifier.verify(authorization), await verifier.verify(authorization)];
    expect(first.ok && second.ok && first.value === second.value).toBe(true);
    now = NOW + 10 * 60_000;
    expect(await verifier.verify(authorization)).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'expired' }] },
    });
  });

  it('that is genuine and gives no role makes nobody', async () => {
    const verifier = verifierOf([samlIssuer(keys)]);
    const token = await assertionToken(keys, { attributes: {} });
    expect(await verifier.verify(`Bearer ${token}`)).toMatchObject({
      ok: true,
      value: { caller: { ok: false, failure: { kind: 'forbidden' } } },
    });
  });

  it('for a holder of key needs the TLS certificate it names', async () => {
    const { der } = keys.certificate;
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', der)).toString('base64url');
    const keyInfo = `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${encodeBase64(der)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
    const confirmation = BEARER.replace('cm:bearer', 'cm:holder-of-key').replace(
      '/></saml',
      `>${keyInfo}</saml:SubjectConfirmationData></saml`,
    );
    const verifier = verifierOf([samlIssuer(keys)]);
    const authorization = `Bearer ${await assertionToken(keys, { confirmation })}`;
    const call = { method: 'GET', url: 'https://facade.example/fhir', proof: null };
    expect(await verifier.verify(authorization, { ...call, clientCertificate: hash })).toMatchObject({
      ok: true,
    });
    expect(await verifier.verify(authorization, call)).toMatchObject({ ok: false });
    expect(await verifier.verify(authorization)).toMatchObject({ ok: false });
  });

  it('is no token where no SAML issuer is configured', async () => {
    expect(await verifierOf([jwtIssuer()]).verify(`Bearer ${await assertionToken(keys)}`)).toMatchObject({
      ok: false,
      failure: { issues: [{ diagnostics: 'The bearer token is not a signed JWT.' }] },
    });
  });

  it('takes a JWT of a SAML issuer for no better than a stranger’s', async () => {
    const token = await signer.sign({ iss: SAML_ISSUER });
    expect(await verifierOf([samlIssuer(keys)]).verify(`Bearer ${token}`)).toMatchObject({ ok: false });
  });
});

describe('header sizes', () => {
  it('are the usual ones without SAML, and 32 and 64 KB with it', () => {
    expect(headerLimitsFor([jwtIssuer()])).toBeUndefined();
    const limits = headerLimitsFor([jwtIssuer(), samlIssuer(keys)]);
    expect(limits).toEqual({ ...DEFAULT_HEADER_LIMITS, total: 64 * 1024, authorization: 32 * 1024 });
  });
});

describe('TOKEN_ISSUERS with SAML', () => {
  const entry = () => ({ issuer: SAML_ISSUER, audience: AUDIENCE, certificates: [keys.certificatePem] });
  const parse = (...issuers: readonly unknown[]) => parseTokenIssuers(JSON.stringify(issuers));
  const sentence = (...issuers: readonly unknown[]): string => {
    const result = parse(...issuers);
    return result.ok ? 'accepted' : result.failure;
  };

  it('reads certificates, and verifies with them', async () => {
    const issuers = parse(entry());
    if (!issuers.ok) throw new Error(issuers.failure);
    expect(issuers.value.map(isSamlIssuer)).toEqual([true]);
    const verified = await verifierOf(issuers.value).verify(`Bearer ${await assertionToken(keys)}`);
    expect(verified).toMatchObject({ ok: true, value: { caller: { ok: true } } });
  });

  it('takes one certificate as a text, algorithms, and a mapping that starts from Sambi’s', () => {
    const result = parse({
      ...entry(),
      certificates: keys.certificatePem,
      algorithms: 'rsa-sha512',
      claims: { subject: 'urn:id', withoutScope: 'none' },
    });
    const [issuer] = result.ok ? result.value : [];
    expect(issuer).toMatchObject({
      algorithms: ['rsa-sha512'],
      claims: { subject: 'urn:id', withoutScope: 'none', role: { derive: 'nll' }, loa: 'loa' },
    });
    expect(issuer?.claims.organization[0]?.claim).toBe(Object.keys(NURSE)[0]);
  });

  it('takes every algorithm but SHA-1 unless told', () => {
    const result = parse(entry());
    expect(result.ok && result.value[0]?.algorithms).toEqual([
      'rsa-sha256',
      'rsa-sha384',
      'rsa-sha512',
      'ecdsa-sha256',
      'ecdsa-sha384',
    ]);
  });

  it('may list an issuer once for each kind of token', () => {
    const jwt = { issuer: SAML_ISSUER, audience: AUDIENCE, jwksUrl: 'https://idp.example/jwks' };
    expect(sentence(entry(), jwt)).toBe('accepted');
    expect(sentence(entry(), entry())).toBe('TOKEN_ISSUERS[1].issuer is listed already.');
  });

  it('refuses what it cannot use, in one sentence that names the member', async () => {
    const weak = await makeKeys({ bits: 1024 });
    const cases: readonly (readonly [unknown, string])[] = [
      [{ ...entry(), certificates: [] }, 'TOKEN_ISSUERS[0].certificates must be a text or a list of texts.'],
      [
        { ...entry(), certificates: ['x'] },
        'TOKEN_ISSUERS[0].certificates[0] is not one X.509 certificate in PEM.',
      ],
      [
        { ...entry(), certificates: [keys.certificatePem, keys.privateKeyPem] },
        'TOKEN_ISSUERS[0].certificates[1] is not one X.509 certificate in PEM.',
      ],
      [
        { ...entry(), certificates: [weak.certificatePem] },
        'TOKEN_ISSUERS[0].certificates[0] must have an RSA key of at least 2048 bits, or an EC key.',
      ],
      [
        { ...entry(), algorithms: ['rsa-sha1'] },
        'TOKEN_ISSUERS[0].algorithms may hold only rsa-sha256, rsa-sha384, rsa-sha512, ecdsa-sha256, ecdsa-sha384 for SAML.',
      ],
      [
        { ...entry(), jwksUrl: 'https://idp.example/jwks' },
        'TOKEN_ISSUERS[0].jwksUrl is not known; the members are issuer, audience, certificates, algorithms, claims.',
      ],
      [{ ...entry(), audience: undefined }, 'TOKEN_ISSUERS[0].audience is missing.'],
      [
        { ...entry(), issuer: 'https://nordic-fhir-facade.dev/sandbox' },
        "TOKEN_ISSUERS[0].issuer is the sandbox's, which is never accepted there.",
      ],
    ];
    for (const [value, text] of cases) expect(sentence(value)).toBe(text);
  });
});
