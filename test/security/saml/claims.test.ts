import { beforeAll, describe, expect, it } from 'vitest';
import { mapClaims } from '../../../src/security/claims.ts';
import { SAMBI_CLAIMS } from '../../../src/security/saml/sambi.ts';
import { createSamlVerifier } from '../../../src/security/saml/verify.ts';
import type { Claims } from '../../../src/security/token/claim-reader.ts';
import { makeKeys, type TestKeys } from '../../xml/make-certificate.ts';
import { NOW } from '../token/signer.ts';
import {
  assertionToken,
  NURSE,
  type Parts,
  PERSONNUMMER,
  PRIVATE_PERSON,
  SAML_ISSUER,
  samlIssuer,
} from './make-assertion.ts';

const SAMBI = 'http://sambi.se/attributes/1/';

let keys: TestKeys;
beforeAll(async () => {
  keys = await makeKeys();
});

const claimsOf = async (parts: Parts): Promise<Claims> => {
  const verified = await createSamlVerifier([samlIssuer(keys)]).verify(
    await assertionToken(keys, parts),
    NOW,
  );
  if (!verified.ok) throw new Error(verified.failure.issues[0]?.diagnostics);
  return verified.value.claims;
};

const callerOf = async (parts: Parts) => {
  const mapped = mapClaims(SAMBI_CLAIMS, SAML_ISSUER, await claimsOf(parts), NOW);
  return mapped.ok ? mapped.value.caller : mapped.failure.kind;
};

describe('the attributes of an assertion', () => {
  it('make a nurse with a care provider', async () => {
    expect(await callerOf({ attributes: NURSE })).toEqual({
      issuer: SAML_ISSUER,
      clientId: SAML_ISSUER,
      subject: 'anna',
      role: 'nurse',
      kind: 'care',
      represents: [],
      scopes: expect.arrayContaining([{ context: 'user', type: 'Consent', actions: 'cruds' }]),
      organization: { identifier: { system: 'urn:oid:2.5.4.97', value: '0123456789' } },
      loa: 3,
      expiresAt: NOW,
    });
  });

  it('make a prescriber with a prescription code', async () => {
    const attributes = { ...NURSE, [`${SAMBI}personalPrescriptionCode`]: '9000027' };
    expect(await callerOf({ attributes })).toMatchObject({
      role: 'prescriber',
      person: { system: 'http://electronichealth.se/identifier/forskrivarkod', value: '9000027' },
    });
  });

  it('make pharmacy staff, and a pharmacist by licence', async () => {
    const pharmacy = { [`${SAMBI}pharmacyIdentifier`]: '7300009000017' };
    expect(await callerOf({ attributes: pharmacy })).toMatchObject({
      role: 'pharmacy-staff',
      kind: 'pharmacy',
      organization: {
        identifier: { system: 'http://electronichealth.se/identifier/gln', value: '7300009000017' },
      },
    });
    const licensed = { ...pharmacy, [`${SAMBI}healthcareProfessionalLicense`]: ['AP'] };
    expect(await callerOf({ attributes: licensed })).toMatchObject({ role: 'pharmacist' });
  });

  it('make a private person', async () => {
    expect(await callerOf({ attributes: PRIVATE_PERSON })).toMatchObject({
      role: 'citizen',
      kind: 'mediated',
      person: { system: 'http://electronichealth.se/identifier/personnummer', value: PERSONNUMMER },
    });
  });

  it('that give no role open nothing', async () => {
    expect(await callerOf({ attributes: {} })).toBe('forbidden');
  });

  it('keep all their values, also from several statements', async () => {
    const statement = `<saml:AttributeStatement><saml:Attribute Name="x"><saml:AttributeValue>1</saml:AttributeValue><saml:AttributeValue><saml:NameID>2</saml:NameID></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`;
    expect(await claimsOf({ statement, attributes: { x: ['3', '4'], y: ' 5 ' } })).toMatchObject({
      x: ['1', '3', '4'],
      y: '5',
    });
  });

  it('cannot pass for what the assertion itself says', async () => {
    const claims = await claimsOf({
      attributes: { sub: 'eve', exp: '0', cnf: 'x', iss: 'y', __proto__x: 'z' },
    });
    expect(claims).toMatchObject({ sub: 'anna', iss: SAML_ISSUER });
    expect(typeof claims['exp']).toBe('number');
  });

  it('may be named like a member of every object', async () => {
    const claims = await claimsOf({
      attributes: Object.fromEntries([
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]),
    });
    expect(Object.keys(claims)).toEqual(expect.arrayContaining(['__proto__', 'constructor']));
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
  });
});

describe('the subject of an assertion', () => {
  const transient =
    '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">_x1</saml:NameID>';

  it('is the employee where NameID is made up for each assertion', async () => {
    expect(await callerOf({ nameId: transient })).toMatchObject({ subject: 'SE2321000016-1234' });
    expect(await callerOf({ nameId: transient, attributes: PRIVATE_PERSON })).toMatchObject({
      subject: '_x1',
    });
  });
});

describe('the level of assurance', () => {
  const context = (uri: string) =>
    `<saml:AuthnStatement><saml:AuthnContext><saml:AuthnContextClassRef>${uri}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`;
  const LOA = 'urn:sambi:names:attribute:levelOfAssurance';

  it.each<[string, Parts, number | undefined]>([
    ['is of the attribute', { attributes: { [LOA]: 'http://id.sambi.se/loa/loa2' } }, 2],
    [
      'is of the authentication context',
      { attributes: {}, statement: context('http://id.elegnamnden.se/loa/1.0/loa3') },
      3,
    ],
    [
      'is of the attribute before the context',
      {
        attributes: { [LOA]: 'http://id.sambi.se/loa/loa2' },
        statement: context('http://id.sambi.se/loa/loa3'),
      },
      2,
    ],
    [
      'is the lowest of several',
      { attributes: { [LOA]: ['http://id.sambi.se/loa/loa3', 'http://id.sambi.se/loa/loa2'] } },
      2,
    ],
    [
      'is not that of an uncertified issuer',
      { attributes: {}, statement: context('http://id.swedenconnect.se/loa/1.0/uncertified-loa3') },
      undefined,
    ],
    ['is none where nothing says one', { attributes: {} }, undefined],
  ])('%s', async (_, parts, level) => {
    expect((await claimsOf(parts))['loa']).toBe(level);
  });
});
