import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { MAPPING_ISSUES, toSett } from '../../../../src/systems/helsenorge/mapping.ts';
import {
  ALL_BUT_GP,
  actor,
  BIOBANK,
  consent,
  context,
  entry,
  FNR_SYSTEM,
  findings,
  LINE,
  OMFANG,
  PVK_DEFINITION,
  PVK_PART,
  request,
  reservasjon,
  restriction,
  SEKVENSNUMMER,
  samtykke,
  type,
} from './samples.ts';

const part = (value: string) => ({ identifier: { system: PVK_PART, value } });
const rule = (code: string, display?: string) => ({
  policyRule: { coding: [{ system: PVK_DEFINITION, code, ...(display === undefined ? {} : { display }) }] },
});
const patient = (system: string, value: string) => ({ patient: { identifier: { system, value } } });
const policy = (...uris: string[]) => ({ policy: uris.map((uri) => ({ uri })) });
const { policyRule: _none, ...withoutRule } = samtykke();

/** Rule, Consent, what is found. */
type Row = readonly [rule: string, resource: Consent, ...found: readonly string[]];

const ROWS: readonly Row[] = [
  ['a plain Consent has no fault', samtykke()],
  [
    'a draft is no setting',
    samtykke({ status: 'draft' }),
    'error business-rule status-not-mappable @ Consent.status',
  ],
  [
    'a proposal is no setting',
    samtykke({ status: 'proposed' }),
    'error business-rule status-not-mappable @ Consent.status',
  ],
  [
    'treatment consents are not PVK’s',
    samtykke({
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }],
      },
    }),
    'error not-supported scope-not-supported @ Consent.scope',
  ],
  [
    'research is a supported scope',
    samtykke({
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
    }),
  ],
  [
    'the kind of setting is required',
    samtykke({ category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }] }),
    'error required type-missing @ Consent.category',
  ],
  [
    'two kinds of setting are ambiguous',
    samtykke({ category: [{ coding: [type('samtykke')] }, { coding: [type('reservasjon')] }] }),
    'error multiple-matches type-ambiguous @ Consent.category',
  ],
  [
    'other categories may stand beside the kind',
    samtykke({
      category: [
        { coding: [{ system: 'http://loinc.org', code: '59284-0' }] },
        { text: 'x' },
        { coding: [type('samtykke')] },
      ],
    }),
  ],
  [
    'an unknown kind is refused',
    samtykke({ category: [{ coding: [type('fullmakt')] }] }),
    'error code-invalid type-unknown @ Consent.category[0].coding[0]',
  ],
  [
    'the kind agrees with the definition',
    samtykke({ category: [{ coding: [type('reservasjon')] }] }),
    'error business-rule type-contradicts-definition @ Consent.category[0].coding[0]',
  ],
  ['the definition is required', withoutRule, 'error required definition-missing @ Consent.policyRule'],
  [
    'a GUID in braces is refused',
    samtykke(rule(`{${BIOBANK}}`)),
    'error value definition-malformed @ Consent.policyRule.coding[0]',
  ],
  [
    'a definition outside the catalogue is refused',
    samtykke(rule('00000000-0000-4000-8000-000000000000')),
    'error code-invalid definition-unknown @ Consent.policyRule.coding[0]',
  ],
  [
    'another name than the catalogue’s is worth a warning',
    samtykke(rule(BIOBANK, 'Noe annet')),
    'warning value definition-name-differs @ Consent.policyRule.coding[0].display',
  ],
  [
    'two definitions in policyRule are ambiguous',
    samtykke({
      policyRule: {
        coding: [
          { system: PVK_DEFINITION, code: BIOBANK },
          { system: PVK_DEFINITION, code: BIOBANK },
        ],
      },
    }),
    'error multiple-matches definition-ambiguous @ Consent.policyRule',
  ],
  ['policy.uri may name the definition instead', { ...withoutRule, ...policy(`urn:uuid:${BIOBANK}`) }],
  ['policy.uri and policyRule may say the same', samtykke(policy(`urn:uuid:${BIOBANK.toUpperCase()}`))],
  [
    'policy.uri and policyRule may not differ',
    samtykke(policy(`urn:uuid:${ALL_BUT_GP}`)),
    'error business-rule definition-contradiction @ Consent.policy[0].uri',
  ],
  [
    'any other policy is refused',
    samtykke(policy('http://example.org/policy')),
    'error not-supported policy-not-supported @ Consent.policy[0].uri',
  ],
  [
    'a policy authority is refused',
    samtykke({ policy: [{ authority: 'http://example.org', uri: `urn:uuid:${BIOBANK}` }] }),
    'error not-supported element-not-supported @ Consent.policy[0].authority',
  ],
  [
    'the part is compared with its letter case',
    samtykke({ organization: [part('nfs')] }),
    'error business-rule part-contradicts-definition @ Consent.organization[0].identifier',
  ],
  [
    'a setting belongs to one part',
    samtykke({ organization: [part('NFS'), part('RF')] }),
    'error multiple-matches part-ambiguous @ Consent.organization',
  ],
  [
    'a further organization is kept, and said not to be sent',
    samtykke({ organization: [part('NFS'), { display: 'Sykehuset' }] }),
    'warning informational organization-not-sent @ Consent.organization[1]',
  ],
  [
    'a definition whose part is not public needs it named',
    consent(ALL_BUT_GP, 'tilgangsbegrensning'),
    'error required part-missing @ Consent.organization',
  ],
  [
    'the patient’s number is required',
    samtykke({ patient: { reference: 'Patient/p1' } }),
    'error required patient-missing @ Consent.patient',
  ],
  [
    'a number in an unknown system does not count',
    samtykke(patient('http://example.org/id', LINE)),
    'error required patient-missing @ Consent.patient',
  ],
  [
    'ten digits are refused',
    samtykke(patient(FNR_SYSTEM, '1311690021')),
    'error value patient-number-malformed @ Consent.patient.identifier.value',
  ],
  [
    'spaces in the number are refused',
    samtykke(patient(FNR_SYSTEM, '131169 00216')),
    'error value patient-number-malformed @ Consent.patient.identifier.value',
  ],
  [
    'a space around the number is refused',
    samtykke(patient(FNR_SYSTEM, `${LINE} `)),
    'error value patient-number-malformed @ Consent.patient.identifier.value',
  ],
  [
    'wrong check digits are worth a warning',
    samtykke(patient(FNR_SYSTEM, '12048645510')),
    'warning value patient-check-digits @ Consent.patient.identifier.value',
  ],
  [
    'a felles hjelpenummer is refused',
    samtykke(patient('urn:oid:2.16.578.1.12.4.1.4.3', LINE)),
    'error not-supported patient-number-not-supported @ Consent.patient.identifier',
  ],
  [
    'a DUF number is refused',
    samtykke(patient('urn:oid:2.16.578.1.12.4.1.4.5', `${LINE}1`)),
    'error not-supported patient-number-not-supported @ Consent.patient.identifier',
  ],
  [
    'a CPR number is refused',
    samtykke(patient('urn:oid:1.2.208.176.1.2', '2512489996')),
    'error not-supported patient-number-not-supported @ Consent.patient.identifier',
  ],
  [
    'an identifier marked old does not count',
    samtykke({ patient: { identifier: { use: 'old', system: FNR_SYSTEM, value: LINE } } }),
    'error required patient-missing @ Consent.patient',
  ],
  [
    'an identifier whose period has ended does not count',
    samtykke({ patient: { identifier: { system: FNR_SYSTEM, value: LINE, period: { end: '2026-03-02' } } } }),
    'error required patient-missing @ Consent.patient',
  ],
  [
    'a period of the identifier includes its last day',
    samtykke({ patient: { identifier: { system: FNR_SYSTEM, value: LINE, period: { end: '2026-03-03' } } } }),
  ],
  [
    'contained Patient and identifier agree',
    samtykke({
      contained: [
        { resourceType: 'Patient', id: 'p', identifier: [{ system: FNR_SYSTEM, value: '01817500168' }] },
      ],
      patient: { reference: '#p', identifier: { system: FNR_SYSTEM, value: LINE } },
    }),
    'error business-rule patient-contradiction @ Consent.patient',
  ],
  [
    'a date without time is worth a warning',
    samtykke({ dateTime: '2026-03' }),
    'warning value date-without-instant @ Consent.dateTime',
  ],
  [
    'a date in the future is worth a warning',
    samtykke({ dateTime: '2026-03-03T08:00:01+01:00' }),
    'warning business-rule date-in-future @ Consent.dateTime',
  ],
  [
    'a moment no clock shows is refused',
    samtykke({ dateTime: '2026-03-03T08:00:60Z' }),
    'error value date-malformed @ Consent.dateTime',
  ],
  [
    'a consent permits',
    samtykke({ provision: { type: 'deny' } }),
    'error business-rule provision-type-contradicts @ Consent.provision.type',
  ],
  [
    'a reservation denies',
    reservasjon({ provision: { type: 'permit' } }),
    'error business-rule provision-type-contradicts @ Consent.provision.type',
  ],
  [
    'a restriction denies',
    restriction([actor('9000001', 'K')], { provision: { type: 'permit', actor: [actor('9000001', 'K')] } }),
    'error business-rule provision-type-contradicts @ Consent.provision.type',
  ],
  [
    'a consent names nobody',
    samtykke({ provision: { type: 'permit', actor: [actor('9000001', 'K')] } }),
    'error not-supported actor-not-supported @ Consent.provision.actor',
  ],
  [
    'a definition that needs names gets them',
    restriction([]),
    'error required actor-required @ Consent.provision.actor',
  ],
  [
    'a definition for a fixed group takes no names',
    consent(ALL_BUT_GP, 'tilgangsbegrensning', {
      organization: [part('X')],
      provision: { actor: [actor('9000001', 'K')] },
    }),
    'error business-rule actor-forbidden @ Consent.provision.actor',
  ],
  [
    'HPR numbers have at most nine digits',
    restriction([actor('9000000021', 'K')]),
    'error value actor-number-invalid @ Consent.provision.actor[0].reference.identifier',
  ],
  [
    'HPR numbers are digits',
    restriction([actor('9 000 001', 'K'), actor('KARI', 'K')]),
    'error value actor-number-invalid @ Consent.provision.actor[0].reference.identifier',
    'error value actor-number-invalid @ Consent.provision.actor[1].reference.identifier',
  ],
  [
    'HPR numbers of seven and nine digits pass',
    restriction([actor('9000001', 'K'), actor('900000002', 'O')]),
  ],
  [
    'an actor without HPR number is refused',
    restriction([{ ...actor('1'), reference: { display: 'Kari' } }]),
    'error value actor-number-invalid @ Consent.provision.actor[0].reference.identifier',
  ],
  [
    'the same HPR number twice is sent once',
    restriction([actor('9000001', 'K'), actor('09000001', 'K')]),
    'warning duplicate actor-duplicate @ Consent.provision.actor[1]',
  ],
  [
    'a person without a name is worth a warning',
    restriction([actor('9000001')]),
    'warning required actor-name-missing @ Consent.provision.actor[0].reference.display',
  ],
  [
    'an organisation is no health person',
    restriction([{ ...actor('1'), reference: { reference: 'Organization/o' } }]),
    'error not-supported actor-not-supported @ Consent.provision.actor[0].reference',
  ],
  [
    'a type alone tells a device',
    restriction([{ ...actor('1'), reference: { type: 'Device', display: 'x' } }]),
    'error not-supported actor-not-supported @ Consent.provision.actor[0].reference',
  ],
  [
    'a contained RelatedPerson is no health person',
    restriction([{ ...actor('1'), reference: { reference: '#r' } }], {
      contained: [{ resourceType: 'RelatedPerson', id: 'r', patient: {} }],
    }),
    'error not-supported actor-not-supported @ Consent.provision.actor[0].reference',
  ],
  [
    'another server is not asked',
    restriction([{ ...actor('1'), reference: { reference: 'https://example.org/fhir/Practitioner/1' } }]),
    'error not-supported actor-not-supported @ Consent.provision.actor[0].reference',
  ],
  [
    'a role as text alone is accepted',
    restriction([{ ...actor('9000001', 'K'), role: { text: 'helsepersonell' } }]),
  ],
  [
    'another role is refused',
    restriction([
      {
        ...actor('9000001', 'K'),
        role: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'PRCP' }],
        },
      },
    ]),
    'error not-supported actor-role-not-supported @ Consent.provision.actor[0].role',
  ],
  [
    'a contained Practitioner agrees with the identifier',
    restriction(
      [
        {
          ...actor('9000001', 'K'),
          reference: {
            reference: '#p',
            identifier: { system: 'http://hl7.no/fhir/NamingSystem/HPR', value: '9000001' },
            display: 'K',
          },
        },
      ],
      {
        contained: [
          {
            resourceType: 'Practitioner',
            id: 'p',
            identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9000003' }],
          },
        ],
      },
    ),
    'error business-rule actor-contradiction @ Consent.provision.actor[0].reference',
  ],
  [
    'a definition without periods takes none',
    samtykke({ provision: { period: { start: '2026-01-01' } } }),
    'error not-supported period-not-supported @ Consent.provision.period',
  ],
  [
    'a proof has one of four media types',
    samtykke({ sourceAttachment: { contentType: 'image/jpg', data: 'AAAA' } }),
    'error value proof-media-type @ Consent.source.contentType',
  ],
  [
    'a proof has a media type',
    samtykke({ sourceAttachment: { data: 'AAAA' } }),
    'error required proof-media-type-missing @ Consent.source.contentType',
  ],
  [
    'a proof has its content',
    samtykke({ sourceAttachment: { contentType: 'image/png' } }),
    'error required proof-data-missing @ Consent.source.data',
  ],
  [
    'a proof is not fetched',
    samtykke({ sourceAttachment: { contentType: 'image/png', url: 'https://example.org/a.png' } }),
    'error not-supported proof-url-not-supported @ Consent.source.url',
  ],
  [
    'a proof is base64',
    samtykke({ sourceAttachment: { contentType: 'image/png', data: 'AAA' } }),
    'error value proof-base64 @ Consent.source.data',
  ],
  [
    'a source reference is refused',
    samtykke({ sourceReference: { reference: 'Consent/1' } }),
    'error not-supported element-not-supported @ Consent.sourceReference',
  ],
  [
    'a verification is refused',
    samtykke({ verification: [{ verified: true }] }),
    'error not-supported element-not-supported @ Consent.verification',
  ],
  [
    'a modifier extension is refused',
    samtykke({ modifierExtension: [{ url: 'http://example.org/x', valueBoolean: true }] }),
    'error extension modifier-extension @ Consent.modifierExtension',
  ],
  [
    'a modifier extension inside is refused',
    samtykke({ provision: { modifierExtension: [{ url: 'http://example.org/x', valueBoolean: true }] } }),
    'error extension modifier-extension @ Consent.provision.modifierExtension',
  ],
  [
    'an extension nobody knows is refused',
    samtykke({ extension: [{ url: 'http://example.org/x', valueBoolean: true }] }),
    'error not-supported element-not-supported @ Consent.extension[0]',
  ],
  [
    'fixed metadata cannot be set',
    samtykke({ extension: [{ url: OMFANG }] }),
    'error not-supported element-not-supported @ Consent.extension[0]',
  ],
  [
    'the sequence number is the server’s',
    samtykke({ extension: [{ url: SEKVENSNUMMER, valueInteger: 3 }] }),
    'warning informational server-written @ Consent.extension[0]',
  ],
  [
    'implicit rules are refused',
    samtykke({ implicitRules: 'http://example.org/rules' }),
    'error not-supported element-not-supported @ Consent.implicitRules',
  ],
  [
    'an extension of a primitive is refused',
    { ...samtykke(), ...{ _status: { extension: [] } } },
    'error not-supported element-not-supported @ Consent.status.extension',
  ],
  [
    'a contained Device is refused',
    samtykke({ contained: [{ resourceType: 'Device', id: 'd' }] }),
    'error not-supported element-not-supported @ Consent.contained[0]',
  ],
  [
    'the patient may be the performer',
    samtykke({
      performer: [
        { reference: 'Patient/p1' },
        { identifier: { system: 'http://hl7.no/fhir/NamingSystem/FNR', value: LINE } },
      ],
    }),
  ],
  [
    'a RelatedPerson may be the performer',
    samtykke({
      performer: [{ type: 'RelatedPerson', identifier: { system: FNR_SYSTEM, value: '01817500168' } }],
    }),
  ],
  [
    'a Practitioner is no performer',
    samtykke({ performer: [{ reference: 'Practitioner/1' }] }),
    'error not-supported performer-not-supported @ Consent.performer[0]',
  ],
  [
    'another patient is no performer',
    samtykke({ performer: [{ reference: 'Patient/p2' }] }),
    'error not-supported performer-not-supported @ Consent.performer[0]',
  ],
  [
    'what the facade keeps is accepted',
    samtykke({
      id: 'c1',
      language: 'nb',
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
      identifier: [{ system: 'http://example.org/consents', value: '1' }],
      meta: { tag: [{ code: 'x' }], profile: ['http://example.org/p'], versionId: '1' },
    }),
  ],
];

describe('a Consent that PVK cannot take is refused by name', () => {
  it.each(ROWS.map(([rule, resource, ...found]) => ({ rule, resource, found })))(
    '$rule',
    ({ resource, found }) => {
      expect(findings(resource)).toEqual(found);
    },
  );

  it.each(['action', 'securityLabel', 'purpose', 'class', 'code', 'dataPeriod', 'data', 'provision'])(
    'provision.%s is refused',
    (element) => {
      const resource = samtykke({ provision: { type: 'permit', ...{ [element]: [{ text: 'x' }] } } });
      expect(findings(resource)).toEqual([
        `error not-supported element-not-supported @ Consent.provision.${element}`,
      ]);
    },
  );

  it('all faults of one Consent are told at once', () => {
    const resource = samtykke({
      status: 'draft',
      category: [],
      patient: { reference: 'Patient/p1' },
      provision: { type: 'permit', actor: [actor('x')], purpose: [{ code: 'TREAT' }], provision: [{}] },
      sourceAttachment: { contentType: 'text/plain', data: '?' },
    });
    const elements = findings(resource).map((line) => line.split(' @ ')[1]);
    expect(elements).toEqual([
      'Consent.provision.purpose',
      'Consent.provision.provision',
      'Consent.status',
      'Consent.category',
      'Consent.patient',
      'Consent.provision.actor[0].reference.identifier',
      'Consent.source.contentType',
      'Consent.source.data',
    ]);
  });

  it.each([
    ['names', { provision: { type: 'deny', actor: [actor('9000001', 'K')] } }, 'Consent.provision.actor'],
    ['a period', { provision: { period: { start: '2026-01-01' } } }, 'Consent.provision.period'],
    ['a proof', { sourceAttachment: { contentType: 'image/png', data: 'AAAA' } }, 'Consent.source'],
  ] as const)('a withdrawal has no %s', (_what, change, element) => {
    for (const status of ['inactive', 'rejected', 'entered-in-error'] as const) {
      const resource = restriction([], {
        status,
        ...structuredClone<Partial<Consent>>(change as Partial<Consent>),
      });
      expect(findings(resource)).toEqual([`error business-rule withdrawal-with-content @ ${element}`]);
    }
  });

  it('a proof of 4 MiB is sent, one byte more is refused', () => {
    const proof = (bytes: number) =>
      samtykke({
        sourceAttachment: { contentType: 'image/png', data: Buffer.alloc(bytes).toString('base64') },
      });
    expect(findings(proof(4_194_304))).toEqual([]);
    expect(findings(proof(4_194_305))).toEqual(['error too-long proof-too-long @ Consent.source.data']);
  });

  it('image/jpg gets a hint at image/jpeg', () => {
    const result = toSett(
      samtykke({ sourceAttachment: { contentType: 'image/jpg', data: 'AAAA' } }),
      context(),
    );
    expect(!result.ok && result.failure[0]?.diagnostics).toContain('image/jpeg.');
  });

  it('a definition may forbid a proof', () => {
    const given = context({}, [entry(BIOBANK, { proof: 'forbidden' })]);
    const resource = samtykke({ sourceAttachment: { contentType: 'image/png', data: 'AAAA' } });
    expect(findings(resource, given)).toEqual(['error business-rule proof-forbidden @ Consent.source']);
  });

  it('settings turn warnings into refusals', () => {
    const given = context({
      checkDigits: 'refuse',
      dateWithoutInstant: 'refuse',
      actorWithoutName: 'refuse',
    });
    const resource = restriction([actor('9000001')], {
      dateTime: '2026',
      patient: { identifier: { system: FNR_SYSTEM, value: '12048645510' } },
    });
    expect(findings(resource, given).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'error value patient-check-digits',
      'error value date-without-instant',
      'error required actor-name-missing',
    ]);
  });

  it('no finding repeats a number or a name', () => {
    for (const [, resource] of ROWS) {
      const result = toSett(resource, context());
      const text = JSON.stringify(result.ok ? result.value.issues : result.failure);
      expect(text).not.toMatch(/\d{6}/);
      expect(text).not.toContain('Kari');
    }
  });

  it('every finding in the table is a lower-case code', () => {
    for (const name of Object.keys(MAPPING_ISSUES)) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});

describe('what is sent', () => {
  it.each([
    ['active', true],
    ['inactive', false],
    ['rejected', false],
    ['entered-in-error', false],
  ] as const)('status %s is aktiv %s', (status, aktiv) => {
    expect(request(samtykke({ status })).aktiv).toBe(aktiv);
  });

  it('a GUID in upper case is lowered and the catalogue’s name and part are sent', () => {
    expect(request(samtykke(rule(BIOBANK.toUpperCase(), 'Noe annet')))).toEqual({
      innbyggerFnr: LINE,
      definisjonGuid: BIOBANK,
      definisjonNavn: 'Samtykke til oppbevaring av biomateriale',
      partKode: 'NFS',
      typePi: 'samtykke',
      aktiv: true,
    });
  });

  it.each([
    ['urn:oid:2.16.578.1.12.4.1.4.2', '41817500151'],
    ['http://hl7.no/fhir/NamingSystem/DNR', '41817500151'],
    [FNR_SYSTEM, '41817500151'],
    ['http://hl7.no/fhir/NamingSystem/FNR', '01417500185'],
    [FNR_SYSTEM, '01817500184'],
  ])('the number %s %s is taken without a warning', (system, value) => {
    expect(findings(samtykke(patient(system, value)))).toEqual([]);
    expect(request(samtykke(patient(system, value))).innbyggerFnr).toBe(value);
  });

  it('a contained Patient gives the number', () => {
    const resource = samtykke({
      contained: [{ resourceType: 'Patient', id: 'p', identifier: [{ system: FNR_SYSTEM, value: LINE }] }],
      patient: { reference: '#p' },
    });
    expect(request(resource).innbyggerFnr).toBe(LINE);
  });

  it.each([
    ['2026-03-03T08:00:00+01:00', '2026-03-03T07:00:00Z'],
    ['2023-12-07T08:05:39.987Z', '2023-12-07T08:05:39Z'],
    ['2024-02-29T23:30:00-02:00', '2024-03-01T01:30:00Z'],
  ])('dateTime %s is tidspunkt %s', (dateTime, tidspunkt) => {
    expect(request(samtykke({ dateTime })).tidspunkt).toBe(tidspunkt);
  });

  it('a date without time sends no tidspunkt', () => {
    expect(request(samtykke({ dateTime: '2026-03-03' }))).not.toHaveProperty('tidspunkt');
  });

  it('a contained PractitionerRole is followed to its Practitioner', () => {
    const resource = restriction([{ ...actor('1'), reference: { reference: '#role' } }], {
      contained: [
        { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: '#who' } },
        {
          resourceType: 'Practitioner',
          id: 'who',
          identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9000001' }],
          name: [{ given: ['Kari'], family: 'Eksempel' }],
        },
      ],
    });
    expect(request(resource).TbInnbyggerMetadata?.detaljertAngivelse.navngittHelseperson).toEqual([
      { nummer: '9000001', navn: 'Kari Eksempel' },
    ]);
  });

  it('leading zeros of an HPR number are sent as given', () => {
    expect(request(restriction([actor('0900001', 'K')])).TbInnbyggerMetadata).toEqual({
      detaljertAngivelse: { navngittHelseperson: [{ nummer: '0900001', navn: 'K' }] },
    });
  });

  it('white space that R4 allows in base64 is not sent', () => {
    const resource = samtykke({
      sourceAttachment: { contentType: 'application/PDF', data: 'JVBE\r\nRi0x ' },
    });
    expect(request(resource)).toMatchObject({
      signertBevisMimeType: 'application/pdf',
      signertBevisInnhold: 'JVBERi0x',
    });
  });
});

describe('the citizen’s time limits', () => {
  const limits = {
    objects: { samtykke: 'saInnbyggerMetadata' },
    list: 'perioder',
    from: 'fraDato',
    to: 'tilDato',
    ends: 'both',
  } as const;
  const given = context({ timeLimits: limits }, [entry(BIOBANK, { periods: 'one' })]);
  const during = (start?: string, end?: string) =>
    samtykke({
      provision: {
        type: 'permit',
        period: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) },
      },
    });

  it('are sent under the configured names', () => {
    expect(request(during('2026-01-01', '2026-12-31'), given)).toMatchObject({
      saInnbyggerMetadata: { perioder: [{ fraDato: '2026-01-01', tilDato: '2026-12-31' }] },
    });
  });

  it('are refused while the names are not configured', () => {
    const unnamed = context({}, [entry(BIOBANK, { periods: 'one' })]);
    expect(findings(during('2026-01-01', '2026-12-31'), unnamed)).toEqual([
      'error not-supported period-not-supported @ Consent.provision.period',
    ]);
  });

  it('need both ends where the configuration says so', () => {
    const element = 'error required period-incomplete @ Consent.provision.period';
    expect(findings(during('2026-01-01'), given)).toEqual([element]);
    const open = context({ timeLimits: { ...limits, ends: 'any' } }, [entry(BIOBANK, { periods: 'one' })]);
    expect(findings(during('2026-01-01'), open)).toEqual([]);
    expect(findings(during(), open)).toEqual([element]);
  });

  it('end no earlier than they start, at whatever precision', () => {
    const element = 'error value period-order @ Consent.provision.period';
    expect(findings(during('2026-05-02', '2026-05-01'), given)).toEqual([element]);
    expect(findings(during('2026-05-02', '2026-05'), given)).toEqual([]);
    expect(findings(during('2026-05-02', '2026-05-02'), given)).toEqual([]);
    expect(findings(during('2026-05-02', '2026'), given)).toEqual([]);
    expect(findings(during('2026-05-02', '2025'), given)).toEqual([element]);
  });
});
