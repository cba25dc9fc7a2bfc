import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSamlVerifier } from '../../../src/security/saml/verify.ts';
import type { SamlIssuer } from '../../../src/security/token/issuer.ts';
import { makeKeys, type TestKeys } from '../../xml/make-certificate.ts';
import { AUDIENCE, NOW } from '../token/signer.ts';
import {
  assertionText,
  assertionToken,
  at,
  BEARER,
  base64,
  type Parts,
  SAML_ISSUER,
  samlIssuer,
  signText,
} from './make-assertion.ts';

const MINUTE = 60_000;

let keys: TestKeys;
let stranger: TestKeys;
beforeAll(async () => {
  [keys, stranger] = await Promise.all([makeKeys(), makeKeys()]);
});

const verify = (token: string, more: Partial<SamlIssuer> = {}, now = NOW) =>
  createSamlVerifier([samlIssuer(keys, more)]).verify(token, now);

/** `accepted`, or what the refusal says. */
const outcome = async (token: string, more: Partial<SamlIssuer> = {}, now = NOW): Promise<string> => {
  const result = await verify(token, more, now);
  return result.ok ? 'accepted' : (result.failure.issues[0]?.diagnostics ?? '');
};

const outcomeOf = async (parts: Parts, now = NOW): Promise<string> =>
  outcome(await assertionToken(keys, parts), {}, now);

const conditions = (attributes: string, content?: string): Parts => ({
  conditions: `<saml:Conditions ${attributes}>${content ?? `<saml:AudienceRestriction><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction>`}</saml:Conditions>`,
});

describe('a SAML assertion', () => {
  it('that is good gives its claims and its end, the earliest that it names', async () => {
    expect(await verify(await assertionToken(keys))).toMatchObject({
      ok: true,
      value: {
        issuer: { issuer: SAML_ISSUER },
        // Of the subject confirmation; the conditions last longer.
        expiresAt: NOW + 10 * MINUTE,
        claims: { iss: SAML_ISSUER, sub: 'anna', aud: [AUDIENCE], exp: (NOW + 10 * MINUTE) / 1000, loa: 3 },
      },
    });
  });

  it('may be written as base64url, and without padding', async () => {
    const token = await assertionToken(keys);
    const url = token.replaceAll('+', '-').replaceAll('/', '_');
    expect(await outcome(url)).toBe('accepted');
    expect(await outcome(url.replace(/=+$/, ''))).toBe('accepted');
  });

  it('may be pretty-printed before it is signed', async () => {
    const text = assertionText().replaceAll('><', '>\n  <');
    expect(await outcome(base64(await signText(text, keys)))).toBe('accepted');
  });

  it('is refused as unauthenticated, and nothing of it is told', async () => {
    const result = await verify(await assertionToken(stranger));
    expect(result).toMatchObject({
      ok: false,
      failure: {
        kind: 'unauthenticated',
        challenge: 'Bearer error="invalid_token"',
        issues: [{ details: { code: 'ticket-invalid' }, location: ['http.Authorization'] }],
      },
    });
    expect(JSON.stringify(result)).not.toContain('anna');
  });

  it('that has ended is told to have expired', async () => {
    const token = await assertionToken(keys, conditions(`NotOnOrAfter="${at(5 * MINUTE)}"`));
    expect(await outcome(token, {}, NOW + 5 * MINUTE - 1)).toBe('accepted');
    expect(await verify(token, {}, NOW + 5 * MINUTE)).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'expired', details: { code: 'ticket-expired' } }] },
    });
  });

  it.each<[string, Parts, string]>([
    ['no conditions', { conditions: '' }, 'does not say when it ends'],
    ['no end', conditions(`NotBefore="${at(0)}"`), 'does not say when it ends'],
    ['an end that is no time', conditions('NotOnOrAfter="tomorrow"'), 'not base64 of a SAML'],
    ['an end in local time', conditions('NotOnOrAfter="2026-11-21T13:00:00+01:00"'), 'not base64 of a SAML'],
    [
      'more than 60 minutes',
      conditions(`NotBefore="${at(0)}" NotOnOrAfter="${at(60 * MINUTE + 1)}"`),
      'more than 60 minutes',
    ],
    [
      'more than 60 minutes from its issue',
      conditions(`NotOnOrAfter="${at(59 * MINUTE + 1)}"`),
      'more than 60 minutes',
    ],
    [
      'an end before its beginning',
      conditions(`NotBefore="${at(2)}" NotOnOrAfter="${at(1)}"`),
      'more than 60 minutes, or for none',
    ],
    [
      'a beginning far ahead',
      conditions(`NotBefore="${at(MINUTE + 1)}" NotOnOrAfter="${at(5 * MINUTE)}"`),
      'not valid yet',
    ],
    [
      'an issue time far ahead',
      { root: `ID="_a1" IssueInstant="${at(MINUTE + 1)}" Version="2.0"` },
      'not valid yet',
    ],
    ['no audience', { audience: '' }, 'another audience'],
    [
      'another audience',
      {
        audience:
          '<saml:AudienceRestriction><saml:Audience>https://elsewhere.example</saml:Audience></saml:AudienceRestriction>',
      },
      'another audience',
    ],
    [
      'a second restriction without us',
      {
        audience: `<saml:AudienceRestriction><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience></saml:AudienceRestriction>`,
      },
      'another audience',
    ],
    [
      'a condition that cannot be kept',
      conditions(
        `NotOnOrAfter="${at(5 * MINUTE)}"`,
        `<saml:AudienceRestriction><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse/>`,
      ),
      'cannot keep',
    ],
    [
      'two Conditions',
      { statement: `<saml:Conditions NotOnOrAfter="${at(5 * MINUTE)}"/>` },
      'not base64 of a SAML',
    ],
    ['no subject', { subject: '' }, 'no subject confirmation'],
    ['no confirmation', { confirmation: '' }, 'no subject confirmation'],
    [
      'a confirmation that is over',
      { confirmation: BEARER.replace(at(10 * MINUTE), at(0)) },
      'The token has expired.',
    ],
    [
      'a confirmation far ahead',
      { confirmation: BEARER.replace('Recipient', `NotBefore="${at(2 * MINUTE)}" Recipient`) },
      'no subject confirmation',
    ],
    [
      'a confirmation of another kind',
      { confirmation: BEARER.replace('cm:bearer', 'cm:sender-vouches') },
      'no subject confirmation',
    ],
    [
      'a holder of key without a key',
      { confirmation: BEARER.replace('cm:bearer', 'cm:holder-of-key') },
      'no subject confirmation',
    ],
    ['no name of the subject', { nameId: '' }, 'names no subject'],
    ['an encrypted name', { nameId: '<saml:EncryptedID/>' }, 'names no subject'],
    [
      'a session that is over',
      { statement: `<saml:AuthnStatement SessionNotOnOrAfter="${at(0)}"/>` },
      'The token has expired.',
    ],
    ['another issuer', { issuer: '<saml:Issuer>https://idp.example/saml/</saml:Issuer>' }, 'does not accept'],
    ['no issuer', { issuer: '' }, 'does not accept'],
    ['two issuers', { statement: `<saml:Issuer>${SAML_ISSUER}</saml:Issuer>` }, 'not base64 of a SAML'],
    ['another version', { root: `ID="_a1" IssueInstant="${at(0)}" Version="1.1"` }, 'not base64 of a SAML'],
    ['no time of issue', { root: 'ID="_a1" Version="2.0"' }, 'not base64 of a SAML'],
    ['an attribute without a name', { attributes: { '': 'x' } }, 'not base64 of a SAML'],
  ])('with %s is refused', async (_, parts, reason) => {
    expect(await outcomeOf(parts)).toContain(reason);
  });

  it.each<[string, Parts]>([
    ['60 minutes', conditions(`NotBefore="${at(0)}" NotOnOrAfter="${at(60 * MINUTE)}"`)],
    ['60 minutes from its issue', conditions(`NotOnOrAfter="${at(59 * MINUTE)}"`)],
    [
      'a beginning within a minute ahead',
      conditions(`NotBefore="${at(MINUTE)}" NotOnOrAfter="${at(5 * MINUTE)}"`),
    ],
    ['whole seconds', conditions(`NotOnOrAfter="${at(5 * MINUTE).replace('.000', '')}"`)],
    [
      'us among other audiences',
      {
        audience: `<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction>`,
      },
    ],
    [
      'a restriction for those who pass it on',
      {
        audience: `<saml:AudienceRestriction><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction><saml:ProxyRestriction Count="0"/>`,
      },
    ],
    [
      'a confirmation without an end',
      { confirmation: '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>' },
    ],
    ['one good confirmation of two', { confirmation: `${BEARER.replace(at(10 * MINUTE), at(0))}${BEARER}` }],
    ['no statements', { statement: '', attributes: {} }],
  ])('with %s is accepted', async (_, parts) => {
    expect(await outcomeOf(parts)).toBe('accepted');
  });

  it('that its holder must have a key for says so as cnf', async () => {
    const der = Buffer.from(stranger.certificate.der);
    const confirmation = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"><saml:SubjectConfirmationData><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${der.toString('base64')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></saml:SubjectConfirmationData></saml:SubjectConfirmation>`;
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', der)).toString('base64url');
    expect(await verify(await assertionToken(keys, { confirmation }))).toMatchObject({
      ok: true,
      value: { claims: { cnf: { 'x5t#S256': hash } } },
    });
    const either = await verify(await assertionToken(keys, { confirmation: confirmation + BEARER }));
    expect(either.ok && either.value.claims['cnf']).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['base64 of text', base64('hello')],
    ['other XML', base64('<a/>')],
    ['an assertion of SAML 1', base64('<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/>')],
    ['bytes that are not UTF-8', Buffer.from('<a>å</a>', 'latin1').toString('base64')],
    ['a doctype', base64(`<!DOCTYPE x>${assertionText()}`)],
    ['a comment', base64(`${assertionText()}<!-- x -->`)],
    ['more than 32 KB', base64(assertionText().padEnd(30_000))],
    ['base64 with white space', `${base64(assertionText())} `],
  ])('that is %s is refused', async (_, token) => {
    expect(await outcome(token)).toBe('The bearer token is not base64 of a SAML 2.0 assertion.');
  });

  it('is wanted bare: a Response or an encrypted one is told what to do', async () => {
    const assertion = await signText(assertionText(), keys);
    const response = `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">${assertion}</p:Response>`;
    expect(await outcome(base64(response))).toContain('the Assertion in it');
    const encrypted = '<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>';
    expect(await outcome(base64(encrypted))).toContain('decrypted');
  });

  it('is refused or accepted, whatever bytes it is made of, but never breaks the server', async () => {
    const good = await signText(assertionText(), keys);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.string({ maxLength: 3 }),
        fc.nat(3),
        async (where, put, cut) => {
          const text = good.slice(0, where) + put + good.slice(where + cut);
          const result = await verify(base64(text));
          // Some changes say the same: white space between attributes, in KeyInfo's base64.
          if (result.ok) expect(result.value.claims).toMatchObject({ sub: 'anna', loa: 3 });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the signature of an assertion', () => {
  it('is needed', async () => {
    expect(await outcome(base64(assertionText()))).toContain('not signed');
  });

  it('must be of a configured certificate, whatever certificate the assertion shows', async () => {
    expect(await outcome(await assertionToken(stranger))).toContain('not among the certificates');
    const impostor = { ...stranger, certificate: keys.certificate };
    expect(await outcome(await assertionToken(impostor))).toBe('The signature of the assertion is wrong.');
  });

  it('of another issuer is refused', async () => {
    const other = { issuer: 'https://other.example', certificates: [stranger.certificate] };
    const verifier = createSamlVerifier([samlIssuer(keys), samlIssuer(stranger, other)]);
    expect(await verifier.verify(await assertionToken(stranger), NOW)).toMatchObject({ ok: false });
    const own = await assertionToken(stranger, {
      issuer: '<saml:Issuer>https://other.example</saml:Issuer>',
    });
    expect(await verifier.verify(own, NOW)).toMatchObject({ ok: true });
  });

  it('may be of any of several certificates, so that keys can be changed', async () => {
    const certificates = [stranger.certificate, keys.certificate];
    expect(await outcome(await assertionToken(keys), { certificates })).toBe('accepted');
  });

  it('is refused once its certificate has ended', async () => {
    const ended = await makeKeys({ notAfter: NOW - 1 });
    const token = await assertionToken(ended);
    expect(await outcome(token, { certificates: [ended.certificate] })).toContain('not among');
  });

  it('covers every character of what is said', async () => {
    const good = await signText(assertionText(), keys);
    for (const [part, by] of [
      ['>anna<', '>eve<'],
      ['loa3<', 'loa4<'],
      ['>SJ<', '>LK<'],
      [at(20 * MINUTE), at(50 * MINUTE)],
      [AUDIENCE, 'https://else.example'],
    ] as const) {
      expect(good).toContain(part);
      expect(await outcome(base64(good.replace(part, by)))).toBe(
        'The assertion was changed after it was signed.',
      );
    }
  });

  it('of an assertion wrapped in a forged one is refused', async () => {
    const good = await signText(assertionText(), keys);
    const [, signature = ''] = /(<ds:Signature .*<\/ds:Signature>)/.exec(good) ?? [];
    const inner = good.replace(signature, '');
    const evil = (content: string, id = '_evil') =>
      base64(
        assertionText({ nameId: '<saml:NameID>eve</saml:NameID>', statement: content }).replace('_a1', id),
      );
    expect(signature).not.toBe('');
    expect(await outcome(evil(`<saml:Advice>${good}</saml:Advice>`))).toContain(
      'more than its own signature',
    );
    expect(await outcome(evil(`${signature}<saml:Advice>${inner}</saml:Advice>`))).toContain('by its ID');
    expect(await outcome(evil(`${signature}<saml:Advice>${inner}</saml:Advice>`, '_a1'))).toContain(
      'not unique',
    );
  });

  it('with SHA-1 is refused', async () => {
    const old = await makeKeys({ hash: 'SHA-1' });
    const token = base64(await signText(assertionText(), old, 'rsa-sha1'));
    expect(await outcome(token, { certificates: [old.certificate] })).toContain('algorithm');
  });
});
