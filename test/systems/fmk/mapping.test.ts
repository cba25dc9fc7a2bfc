import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import type { FmkSettings } from '../../../src/systems/fmk/settings.ts';
import { encodeBase64 } from '../../../src/xml/base64.ts';
import { makeKeys } from '../../xml/make-certificate.ts';
import {
  bytes,
  derOf,
  NOW,
  OCES2_PEM,
  OCES3_PEM,
  VECTOR_FOCES_ID,
  VECTOR_HASH,
  VECTOR_HASH_256,
} from '../certificates/vectors.ts';
import {
  basic,
  CANONICAL,
  CPR,
  CVR,
  certHash,
  certificate,
  create,
  createdBy,
  FMK_ROLE,
  findings,
  focesId,
  GLN,
  KARL,
  organization,
  plain,
  planWith,
  practitioner,
  provenance,
  requestOf,
  role,
  SIGNE,
  storedOf,
  with3,
} from './samples.ts';

const NONE: readonly string[] = [];
const AUTH = 'https://autregweb.sst.dk';
const TYPE = `${CANONICAL}/CodeSystem/fmk-organisation-type`;
const typed = (code: string) => [{ coding: [{ system: TYPE, code }] }];

describe('a create with a certificate alone', () => {
  const planned = create(basic());

  it('tells FMK what the documentation shows for it', () => {
    expect(createdBy(planned)).toEqual({
      CreatedBy: {
        HealthcareProfessional: {
          Identifier: { source: 'CPR', value: SIGNE },
          Name: 'Signe Eksempel',
          Information: [],
        },
        Role: 'Apoteksansat',
        Organisation: {
          Identifier: { source: 'EAN-Lokationsnummer', value: '5790009999997' },
          Type: 'Apotek',
          Name: 'Eksempel Apotek',
          AddressLine: ['Prøvevej 1', '8000 Aarhus C'],
          TelephoneNumber: '+4586391011',
        },
      },
      FocesWhitelisting: {
        OrganisationIdentifier: { source: 'CVR', value: '12345674' },
        FocesId: VECTOR_FOCES_ID,
        CertHash: VECTOR_HASH,
      },
    });
    expect(requestOf(planned).cpr).toBe(SIGNE);
  });

  it('stores the three values and the date, and not the certificate', () => {
    const stored = storedOf(planned);
    expect(stored).toMatchObject({
      extension: [focesId(VECTOR_FOCES_ID), certHash(VECTOR_HASH)],
      identifier: [{ system: `${CANONICAL}/NamingSystem/foces-id`, value: VECTOR_FOCES_ID }],
      subject: { reference: '#apotek', identifier: { system: CVR, value: '12345674' } },
      created: '2026-03-03',
      author: { reference: '#role' },
    });
    expect(JSON.stringify(stored)).not.toContain('valueAttachment');
    expect(findings(planned)).toEqual([
      `information informational certificate-not-kept @Basic.extension('${CANONICAL}/StructureDefinition/certificate')`,
    ]);
  });
});

/** Each row: what is put in, and every finding it must cause. */
const at = (name: string) => `Basic.extension('${CANONICAL}/StructureDefinition/${name}')`;
const data = `${at('certificate')}.value.data`;

const refusals: [string, Basic, readonly string[], Partial<FmkSettings>?][] = [
  // FocesId and CertHash
  [
    'no FocesId',
    plain({ extension: [certHash(VECTOR_HASH)] }),
    [`required foces-id-missing @${at('foces-id')}`],
  ],
  [
    'a FocesId that is a whole DN',
    plain({ extension: [focesId(`SERIALNUMBER=UI:DK-O:G:${VECTOR_FOCES_ID}, C=DK`), certHash(VECTOR_HASH)] }),
    [`value foces-id-malformed @${at('foces-id')}`],
  ],
  [
    "an employee's FocesId",
    plain({ extension: [focesId('CVR:12345674-RID:50000001'), certHash(VECTOR_HASH)] }),
    [`business-rule foces-id-employee @${at('foces-id')}`],
  ],
  [
    'a FocesId of 101 characters',
    plain({ extension: [focesId('a'.repeat(101)), certHash(VECTOR_HASH)] }),
    [`too-long foces-id-too-long @${at('foces-id')}`],
  ],
  [
    'a UUID where 10 characters are the limit',
    plain(),
    [`too-long foces-id-too-long @${at('foces-id')}`],
    { version: '1.6.0-published' },
  ],
  [
    'a FocesId with the prefix of another CVR',
    plain({ extension: [focesId('CVR:12345666-FID:18900001'), certHash(VECTOR_HASH)] }),
    ['business-rule cvr-contradiction @Basic.contained[2].identifier[1].value'],
  ],
  [
    'a hash of 39 digits',
    plain({ extension: [focesId(VECTOR_FOCES_ID), certHash(VECTOR_HASH.slice(1))] }),
    [`value cert-hash-malformed @${at('cert-hash')}`],
  ],
  [
    'two of one extension',
    plain({ extension: [focesId(VECTOR_FOCES_ID), focesId('18900001'), certHash(VECTOR_HASH)] }),
    [`multiple-matches extension-repeated @${at('foces-id')}`],
  ],
  // certificate
  [
    'certificate and hash that disagree',
    basic({ extension: [certificate(), certHash('0'.repeat(40))] }),
    [
      `information informational certificate-not-kept @${at('certificate')}`,
      `business-rule cert-hash-contradiction @${at('cert-hash')}`,
    ],
  ],
  [
    'certificate and FocesId that disagree',
    basic({ extension: [certificate(), focesId('18900001')] }),
    [
      `information informational certificate-not-kept @${at('certificate')}`,
      `business-rule foces-id-contradiction @${at('foces-id')}`,
    ],
  ],
  [
    'a certificate of another organisation',
    basic({
      contained: [
        role(),
        practitioner(),
        organization({
          identifier: [
            { system: GLN, value: '5790009999997' },
            { system: CVR, value: '12345666' },
          ],
        }),
      ],
    }),
    [
      `information informational certificate-not-kept @${at('certificate')}`,
      'business-rule cvr-contradiction @Basic.contained[2].identifier[1].value',
    ],
  ],
  [
    'a chain',
    basic({ extension: [certificate(encodeBase64(bytes(OCES3_PEM + OCES2_PEM)), 'application/x-pem-file')] }),
    [`multiple-matches several-certificates @${data}`],
  ],
  [
    'an attachment of another kind',
    basic({ extension: [certificate(undefined, 'image/png')] }),
    [
      `value certificate-media-type @${at('certificate')}.value.contentType`,
      `information informational certificate-not-kept @${at('certificate')}`,
    ],
  ],
  [
    'a certificate by URL',
    basic({
      extension: [
        {
          url: `${CANONICAL}/StructureDefinition/certificate`,
          valueAttachment: { url: 'https://x.example/c.pem' },
        },
        focesId(VECTOR_FOCES_ID),
        certHash(VECTOR_HASH),
      ],
    }),
    [`not-supported certificate-url @${at('certificate')}.value.url`],
  ],
  // subject
  [
    'an organisation without CVR',
    plain({
      contained: [
        role(),
        practitioner(),
        organization({ identifier: [{ system: GLN, value: '5790009999997' }] }),
      ],
    }),
    ['required cvr-missing @Basic.subject'],
  ],
  [
    'a subject known by SOR',
    plain({ subject: { identifier: { system: 'urn:oid:1.2.208.176.1.1', value: '9999991000016000' } } }),
    ['business-rule cvr-only @Basic.subject.identifier.system'],
  ],
  [
    'a CVR of seven digits',
    plain({ subject: { identifier: { system: CVR, value: '1234567' } } }),
    ['value cvr-malformed @Basic.subject.identifier.value'],
  ],
  [
    'a subject that is a patient',
    plain({ subject: { type: 'Patient', identifier: { system: CPR, value: SIGNE } } }),
    ['not-supported reference-not-supported @Basic.subject'],
  ],
  [
    'a subject on another server',
    plain({ subject: { reference: 'https://other.example/fhir/Organization/1' } }),
    ['not-supported reference-not-supported @Basic.subject.reference'],
  ],
  [
    'a subject that the directory does not have',
    plain({ subject: { reference: 'Organization/nowhere' } }),
    ['not-found reference-unknown @Basic.subject.reference'],
  ],
  [
    'an inactive organisation',
    plain({ contained: [role(), practitioner(), organization({ active: false })] }),
    [
      'business-rule organization-inactive @Basic.subject',
      'business-rule organization-inactive @Basic.contained[0].organization',
    ],
  ],
  // creator
  [
    'no creator at all',
    (({ author: _, ...rest }) => rest)(plain()),
    ['required creator-missing @Basic.author'],
  ],
  [
    'an organisation as creator',
    plain({ author: { reference: '#apotek' } }),
    ['business-rule creator-not-a-person @Basic.author'],
  ],
  [
    'a device as creator',
    plain({ author: { type: 'Device', identifier: { system: 'urn:x', value: '1' } } }),
    ['business-rule creator-not-a-person @Basic.author'],
  ],
  [
    'a patient as creator',
    plain({ author: { type: 'Patient', identifier: { system: CPR, value: SIGNE } } }),
    ['not-supported creator-not-supported @Basic.author'],
  ],
  [
    'the role System',
    with3({}, { code: [{ text: 'System' }] }),
    ['business-rule creator-not-a-person @Basic.contained[0].code'],
  ],
  ['no role', with3({}, { code: [] }), ['required role-missing @Basic.contained[0].code']],
  [
    'two roles',
    with3({}, { code: [{ text: 'Apoteker' }, { text: 'Farmaceut' }] }),
    ['multiple-matches role-ambiguous @Basic.contained[0].code'],
  ],
  [
    'a role outside the list, by setting',
    with3({}, { code: [{ text: 'apoteksansat' }] }),
    ['code-invalid role-unknown @Basic.contained[0].code'],
    { unknownRole: 'refuse' },
  ],
  [
    'a creator without a number',
    with3({ identifier: [] }),
    ['required creator-identifier-missing @Basic.contained[1].identifier'],
  ],
  [
    'a creator with a Norwegian HPR number',
    with3({ identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9000001' }] }),
    ['not-supported creator-identifier-not-supported @Basic.contained[1].identifier[0]'],
  ],
  [
    'a CPR of 31 February',
    with3({ identifier: [{ system: CPR, value: '3102801234' }] }),
    ['value creator-identifier-malformed @Basic.contained[1].identifier[0].value'],
  ],
  [
    'a creator without a name',
    with3({ name: [] }),
    ['required creator-name-missing @Basic.contained[1].name'],
  ],
  [
    'a name of 201 characters',
    with3({ name: [{ text: 'x'.repeat(201) }] }),
    ['too-long creator-name-too-long @Basic.contained[1].name'],
  ],
  [
    'six specialities',
    with3({
      qualification: Array.from('abcdef', (code) => ({ code: { coding: [{ system: 'urn:x', code }] } })),
    }),
    ['too-long creator-specialities @Basic.contained[1].qualification'],
  ],
  // organisation of the creator
  [
    'no organisation of the creator',
    with3({}, { organization: {} }),
    ['required organization-missing @Basic.contained[0].organization'],
  ],
  [
    'a GLN with a wrong check digit',
    with3(
      {},
      {},
      {
        identifier: [
          { system: GLN, value: '5790009999998' },
          { system: CVR, value: '12345674' },
        ],
      },
    ),
    // Not that it is known by CVR alone, too: it was to be known by the GLN.
    ['value organization-identifier-malformed @Basic.contained[2].identifier[0].value'],
  ],
  [
    'a creator of an organisation with CVR alone',
    with3({}, {}, { identifier: [{ system: CVR, value: '12345674' }] }),
    ['business-rule organization-type-cvr @Basic.contained[2].type'],
  ],
  [
    'a SOR organisation without a type',
    with3(
      {},
      {
        organization: {
          identifier: { system: 'urn:oid:1.2.208.176.1.1', value: '9999991000016000' },
          display: 'X',
        },
      },
    ),
    ['required organization-type-missing @Basic.contained[0].organization.type'],
  ],
  [
    'Lægepraksis as a type',
    with3({}, {}, { type: typed('Lægepraksis') }),
    ['value organization-type-invalid @Basic.contained[2].type'],
  ],
  [
    'a pharmacy without a GLN',
    with3(
      {},
      {},
      {
        identifier: [
          { system: 'urn:oid:1.2.208.176.1.1', value: '9999991000016000' },
          { system: CVR, value: '12345674' },
        ],
        type: typed('Apotek'),
      },
    ),
    ['business-rule organization-type-identifier @Basic.contained[2].identifier'],
  ],
  [
    'an organisation without a name',
    with3({}, {}, { name: ' ' }),
    ['required organization-name-missing @Basic.contained[2].name'],
  ],
  [
    'six address lines',
    with3({}, {}, { address: [{ line: ['1', '2', '3', '4', '5'], city: 'Aarhus' }] }),
    ['too-long address-lines @Basic.contained[2].address[0].line'],
  ],
  [
    'a line of 101 characters',
    with3({}, {}, { address: [{ line: ['x'.repeat(101)] }] }),
    ['too-long address-line-too-long @Basic.contained[2].address[0].line'],
  ],
  [
    'a telephone number with an extension',
    with3({}, {}, { telecom: [{ system: 'phone', value: '86391011 lok. 12' }] }),
    ['value phone-malformed @Basic.contained[2].telecom[0].value'],
  ],
  [
    'an e-mail address of five characters',
    with3({}, {}, { telecom: [{ system: 'email', value: 'a@b.d' }] }),
    ['value email-malformed @Basic.contained[2].telecom[0].value'],
  ],
  // elements
  [
    'a modifier extension, wherever it is',
    with3({ modifierExtension: [{ url: 'urn:x', valueBoolean: true }] }),
    ['extension modifier-extension @Basic.contained[1].modifierExtension'],
  ],
  [
    'an unknown extension',
    plain({
      extension: [focesId(VECTOR_FOCES_ID), certHash(VECTOR_HASH), { url: 'urn:x', valueString: 'x' }],
    }),
    ['not-supported extension-not-supported @Basic.extension[2]'],
  ],
  [
    'implicit rules',
    plain({ implicitRules: 'urn:x' }),
    ['not-supported element-not-supported @Basic.implicitRules'],
  ],
  [
    'another kind of Basic',
    plain({
      code: { coding: [{ system: `${CANONICAL}/CodeSystem/basic-kind`, code: 'treatment-relation' }] },
    }),
    ['code-invalid kind-missing @Basic.code'],
  ],
];

describe('a create is refused for', () => {
  it.each(refusals)('%s', (_, resource, expected, settings = {}) => {
    const planned = create(resource, settings);
    expect(findings(planned)).toEqual(expected);
    expect(planned).toMatchObject({ ok: false, failure: { kind: 'unprocessable' } });
  });

  it('a private key in the certificate, and nothing of it is repeated', async () => {
    const { privateKeyPem } = await makeKeys({ kind: 'EC' });
    const planned = create(basic({ extension: [certificate(encodeBase64(bytes(privateKeyPem)))] }));
    expect(findings(planned)).toEqual([`security private-key @${data}`]);
  });

  it('the certificate of an employee', () => {
    const planned = create(plain({ extension: [focesId(`UI:DK-E:G:${VECTOR_FOCES_ID}`)] }));
    expect(findings(planned)[0]).toBe(`business-rule foces-id-employee @${at('foces-id')}`);
  });

  it('every fault at once', () => {
    const planned = create(with3({ name: [], identifier: [] }, { code: [] }, { name: '' }));
    expect(findings(planned)).toHaveLength(4);
  });

  it('whatever reason, without repeating the number of a person', () => {
    const planned = create(with3({ identifier: [{ system: CPR, value: '3102801234' }] }));
    expect(JSON.stringify(planned)).not.toContain('3102801234');
  });
});

describe('a create is accepted with', () => {
  const accepted: [string, Basic, readonly string[], Partial<FmkSettings>?][] = [
    [
      'a CVR that fails modulus 11',
      plain({ subject: { identifier: { system: CVR, value: '96908409' } } }),
      ['warning value cvr-check-digit @Basic.subject.identifier.value'],
    ],
    [
      'no hash, with a warning',
      plain({ extension: [focesId(VECTOR_FOCES_ID)] }),
      [`warning incomplete cert-hash-missing @${at('cert-hash')}`],
    ],
    [
      'a hash of the size of SHA-256',
      basic({ extension: [certificate(), certHash(VECTOR_HASH_256)] }),
      [
        `information informational certificate-not-kept @${at('certificate')}`,
        `warning value cert-hash-sha256 @${at('cert-hash')}`,
      ],
    ],
    [
      'a role in lower case',
      with3({}, { code: [{ text: 'apoteksansat' }] }),
      ['warning code-invalid role-unknown @Basic.contained[0].code'],
    ],
    [
      'a role that 1.4.6 does not have',
      plain(),
      ['warning code-invalid role-unknown @Basic.contained[0].code'],
      {
        version: '1.4.6-E6',
      },
    ],
    [
      'an OCES2 id within 10 characters',
      plain({ extension: [focesId('18900001'), certHash(VECTOR_HASH)] }),
      NONE,
      {
        version: '1.6.0-published',
      },
    ],
    [
      'a date of creation, which the server replaces',
      plain({ created: '2020-01-01' }),
      ['warning informational created-ignored @Basic.created'],
    ],
  ];

  it.each(accepted)('%s', (_, resource, expected, settings = {}) => {
    const planned = create(resource, settings);
    expect(planned.ok).toBe(true);
    expect(findings(planned)).toEqual(expected);
  });

  it('an expired certificate, with a warning', () => {
    const planned = planWith({}, Date.UTC(2050, 0, 1))({ interaction: 'create', resource: basic() });
    expect(findings(planned)).toContain(`warning expired expired @${data}`);
    expect(planned.ok).toBe(true);
  });

  it.each([
    ['UI:DK-O:G:7B0C1A52-4F5E-4D0E-9A61-0D3F5C2B8E11', VECTOR_FOCES_ID],
    [` UI:DK-O:G: ${VECTOR_FOCES_ID} `, VECTOR_FOCES_ID],
    [`CVR:12345674-UID:UI:DK-O:G:${VECTOR_FOCES_ID}`, VECTOR_FOCES_ID],
    ['FID:18900001', '18900001'],
    ['CVR:12345674-FID:18900001', '18900001'],
  ])('FocesId %s, sent as %s', (given, sent) => {
    const planned = create(plain({ extension: [focesId(given), certHash(VECTOR_HASH)] }));
    expect(createdBy(planned).FocesWhitelisting.FocesId).toBe(sent);
  });

  it.each([
    VECTOR_HASH.toLowerCase(),
    VECTOR_HASH.replace(/(..)(?!$)/g, '$1:'),
    VECTOR_HASH.replace(/(..)(?!$)/g, '$1 '),
    'finQ6wOPoPLlrk2joF10Qm+iG3Q=',
  ])('CertHash %s, sent in upper-case digits', (given) => {
    const planned = create(plain({ extension: [focesId(VECTOR_FOCES_ID), certHash(given)] }));
    expect(createdBy(planned).FocesWhitelisting.CertHash).toBe(VECTOR_HASH);
  });

  it.each([
    ['+45 86 39 10 11', '+4586391011'],
    ['(86) 391011', '86391011'],
    ['0045-86391011', '+4586391011'],
  ])('telephone %s, sent as %s', (value, sent) => {
    const planned = create(with3({}, {}, { telecom: [{ system: 'phone', value }] }));
    expect(createdBy(planned).CreatedBy.Organisation?.TelephoneNumber).toBe(sent);
  });

  it('empty lines left out, and too many joined where the setting says so', () => {
    const line = ['A', ' ', 'B', 'C', 'D'];
    const where = { address: [{ line, postalCode: '8000', city: 'Aarhus' }] };
    const lines = (settings: Partial<FmkSettings>) =>
      createdBy(create(with3({}, {}, where), settings)).CreatedBy.Organisation?.AddressLine;
    expect(lines({})).toEqual(['A', 'B', 'C', 'D', '8000 Aarhus']);
    const six = { address: [{ line: [...line, 'E'], postalCode: '8000', city: 'Aarhus' }] };
    const joined = createdBy(create(with3({}, {}, six), { addressLines: 'join' }));
    expect(joined.CreatedBy.Organisation?.AddressLine).toEqual(['A', 'B', 'C', 'D', 'E, 8000 Aarhus']);
  });

  it.each([
    ['GLN before all', [GLN, '5790001381615', CVR, '12345674'], 'EAN-Lokationsnummer', 'Apotek'],
    ['ydernummer', ['urn:oid:1.2.208.176.1.4', '066001', CVR, '12345674'], 'Yder', 'Yder'],
    ['SKS', [`${CANONICAL}/NamingSystem/dk-sks-org`, '1301', CVR, '12345674'], 'SKS', 'Sygehus'],
    [
      'kommunekode',
      ['http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes', '0751', CVR, '12345674'],
      'Kommunekode',
      'Kommune',
    ],
  ])('an organisation known by %s', (_, [a = '', b = '', c = '', d = ''], source, type) => {
    const identifier = [
      { system: c, value: d },
      { system: a, value: b },
    ];
    const { Organisation } = createdBy(create(with3({}, {}, { identifier }))).CreatedBy;
    expect(Organisation?.Identifier).toEqual({ source, value: b });
    expect(Organisation?.Type).toBe(type);
  });

  it('the authorisation id rather than the CPR of whoever has both', () => {
    const identifier = [
      { system: CPR, value: SIGNE },
      { system: AUTH, value: '3F2K8' },
    ];
    const request = requestOf(create(with3({ identifier })));
    expect(request.cpr).toBe(SIGNE);
    expect(createdBy(create(with3({ identifier }))).CreatedBy.HealthcareProfessional?.Identifier).toEqual({
      source: 'Autorisation',
      value: '3F2K8',
    });
  });

  it('old identifiers and those whose period is over left aside', () => {
    const identifier = [
      { system: AUTH, value: '11111', use: 'old' as const },
      { system: AUTH, value: '22222', period: { end: '2020-01-01' } },
      { system: CPR, value: '260978-2859' },
    ];
    const by = createdBy(create(with3({ identifier }))).CreatedBy;
    expect(by.HealthcareProfessional?.Identifier).toEqual({ source: 'CPR', value: SIGNE });
  });

  it('specialities, but not a profession of the Swedish headers', () => {
    const coded = (system: string, code: string) => ({ code: { coding: [{ system, code }] } });
    const qualification = [
      coded('urn:x', '4012'),
      coded('http://electronichealth.se/fhir/CodeSystem/profession-code', 'LK'),
    ];
    const by = createdBy(create(with3({ qualification }))).CreatedBy;
    expect(by.HealthcareProfessional?.Information).toEqual([{ type: 'SpecialityCode', value: '4012' }]);
  });

  it('organisations of the directory in place of contained ones', () => {
    const stored = organization();
    const resource = plain({
      contained: [role({ organization: { reference: 'Organization/a1' } }), practitioner()],
      subject: { reference: 'Organization/a1' },
    });
    const given = {
      organization: (reference: string) => (reference === 'Organization/a1' ? stored : undefined),
    };
    const planned = create(resource, {}, given);
    expect(createdBy(planned).CreatedBy.Organisation?.Name).toBe('Eksempel Apotek');
    expect(storedOf(planned).subject).toMatchObject({
      reference: 'Organization/a1',
      identifier: { system: CVR, value: '12345674' },
    });
  });

  it('the agent of X-Provenance in place of an author', () => {
    const { author: _, ...resource } = plain();
    const planned = create(resource, {}, { provenance: provenance() });
    expect(createdBy(planned).CreatedBy.Role).toBe('Apoteksansat');
    expect(requestOf(planned).cpr).toBe(SIGNE);
  });

  it('an author and an agent who are the same person, and not if they are two', () => {
    expect(create(plain(), {}, { provenance: provenance() }).ok).toBe(true);
    const other = provenance({
      contained: [practitioner({ identifier: [{ system: CPR, value: KARL }] }), organization()],
    });
    expect(findings(create(plain(), {}, { provenance: other }))).toEqual([
      'business-rule creator-contradiction @Basic.author',
    ]);
  });

  it('the parts of a person that a logical reference tells', () => {
    const planned = create(
      plain({
        contained: [
          role({
            practitioner: { identifier: { system: CPR, value: SIGNE }, display: 'Signe Eksempel' },
            organization: { identifier: { system: GLN, value: '5790009999997' }, display: 'Eksempel Apotek' },
          }),
        ],
        subject: { identifier: { system: 'urn:oid:1.3.198', value: '12345674' } },
      }),
    );
    expect(createdBy(planned).CreatedBy).toMatchObject({
      HealthcareProfessional: { Name: 'Signe Eksempel' },
      Organisation: { Type: 'Apotek', Name: 'Eksempel Apotek', AddressLine: [] },
    });
    expect(storedOf(planned).subject?.identifier).toEqual({ system: CVR, value: '12345674' });
  });
});

describe('an update', () => {
  const current = storedOf(create(plain()));
  const update = (resource: Basic) => planWith()({ interaction: 'update', resource, current });

  it('of what the facade keeps sends nothing', () => {
    const planned = update({
      ...current,
      identifier: [...(current.identifier ?? []), { system: 'urn:x', value: '1' }],
    });
    expect(planned).toMatchObject({ ok: true });
    expect(planned.ok && planned.value.request).toBeUndefined();
    expect(storedOf(planned)).toMatchObject({ created: '2026-03-03' });
  });

  it('in another spelling of the same values changes none of them', () => {
    const resource = {
      ...current,
      extension: [focesId(`UI:DK-O:G:${VECTOR_FOCES_ID}`), certHash(VECTOR_HASH.toLowerCase())],
    };
    expect(storedOf(update(resource)).extension).toEqual(current.extension);
  });

  it("keeps the spelling of FMK's own entry, by which it will be deleted", () => {
    const upper = { ...current, extension: [focesId(VECTOR_FOCES_ID.toUpperCase()), certHash(VECTOR_HASH)] };
    const planned = planWith()({ interaction: 'update', resource: current, current: upper });
    expect(storedOf(planned).extension).toEqual(upper.extension);
  });

  it.each([
    ['CVR', { subject: { identifier: { system: CVR, value: '12345666' } } }],
    ['FocesId', { extension: [focesId('18900001'), certHash(VECTOR_HASH)], identifier: [] }],
    ['CertHash', { extension: [focesId(VECTOR_FOCES_ID), certHash('0'.repeat(40))] }],
    ['CertHash, taken away', { extension: [focesId(VECTOR_FOCES_ID)] }],
  ])('of %s is refused, with the way to do it', (_, change) => {
    const planned = update({ ...current, ...change });
    expect(findings(planned)).toContain('not-supported whitelisting-changed @Basic');
    expect(JSON.stringify(planned)).toContain('Delete this one, then create another');
  });
});

describe('a delete', () => {
  const current = storedOf(create(plain()));
  const remove = (given?: Parameters<ReturnType<typeof planWith>>[1], stored = current) =>
    planWith()({ interaction: 'delete', current: stored }, given);

  it('names the author among several agents, whichever of them stands first', () => {
    const typed = (code: string) => ({
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code }],
    });
    const enterer = practitioner({ id: 'enterer', identifier: [{ system: CPR, value: KARL }] });
    const [author] = provenance().agent;
    if (author === undefined) throw new Error('the sample has an agent');
    const who = provenance({
      contained: [enterer, practitioner(), organization()],
      agent: [
        { ...author, type: typed('enterer'), who: { reference: '#enterer' } },
        { ...author, type: typed('author') },
      ],
    });
    expect(requestOf(remove({ provenance: who }))).toMatchObject({ cpr: SIGNE });
  });

  it('names whoever X-Provenance names, though another one created it', () => {
    const who = provenance({
      contained: [
        practitioner({
          identifier: [{ system: CPR, value: KARL }],
          name: [{ given: ['Karl'], family: 'Karlsen' }],
        }),
        organization(),
      ],
    });
    const request = requestOf(remove({ provenance: who }));
    expect(request).toMatchObject({
      operation: 'Delete',
      cpr: KARL,
      message: {
        ModifiedBy: { HealthcareProfessional: { Name: 'Karl Karlsen' } },
        FocesWhitelisting: { FocesId: VECTOR_FOCES_ID, CertHash: VECTOR_HASH },
      },
    });
  });

  it('without X-Provenance is malformed', () => {
    const planned = remove();
    expect(planned).toMatchObject({ ok: false, failure: { kind: 'malformed' } });
    expect(findings(planned)).toEqual(['required creator-missing @Provenance.agent']);
  });

  it('sends the id as FMK has it, not as this server would write it', () => {
    const upper = VECTOR_FOCES_ID.toUpperCase();
    const stored = { ...current, extension: [focesId(upper)] };
    expect(requestOf(remove({ provenance: provenance() }, stored))).toMatchObject({
      message: { FocesWhitelisting: { FocesId: upper } },
    });
  });

  it('of an agent without a role is refused', () => {
    const who = provenance({
      agent: [{ who: { reference: '#person' }, onBehalfOf: { reference: '#apotek' } }],
    });
    expect(findings(remove({ provenance: who }))).toEqual([
      'required role-missing @Provenance.agent[0].role',
    ]);
  });

  it('takes the role from a PractitionerRole, too', () => {
    const who = provenance({
      contained: [
        role({ code: [{ coding: [{ system: FMK_ROLE, code: 'Apoteker' }] }] }),
        practitioner(),
        organization(),
      ],
      agent: [{ who: { reference: '#role' } }],
    });
    expect(requestOf(remove({ provenance: who }))).toMatchObject({
      message: { ModifiedBy: { Role: 'Apoteker' } },
    });
  });
});

it('the certificate as DER and as PEM means the same', () => {
  const pem = certificate(encodeBase64(bytes(OCES3_PEM)), 'application/x-pem-file');
  const der = certificate(encodeBase64(derOf(OCES3_PEM)));
  const sent = (extension: ReturnType<typeof certificate>) =>
    createdBy(create(basic({ extension: [extension] })));
  expect(sent(pem)).toEqual(sent(der));
  expect(NOW).toBeLessThan(Date.UTC(2045, 0, 1));
});
