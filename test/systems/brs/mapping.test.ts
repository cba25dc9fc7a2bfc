import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import {
  BRS_MAPPING_ISSUES,
  createPlan,
  INPUT,
  toQuestion,
  whoIsAskedAbout,
  withAnswer,
} from '../../../src/systems/brs/mapping.ts';
import { questionFromJson } from '../../../src/systems/brs/question.ts';
import { BRS_DEFAULTS, type BrsSettings } from '../../../src/systems/brs/settings.ts';
import { basic, CLINICIAN, CPR, FIELDS, PATIENT, REFERENCE, RELATION, result, YDER } from './samples.ts';

const NOW = Date.parse('2026-03-03T07:00:06Z');
const SETTINGS: BrsSettings = {
  ...BRS_DEFAULTS,
  url: 'https://brs.invalid',
  notificationUrl: '',
  cvr: '12345674',
};
const map = (resource: Basic, settings: Partial<BrsSettings> = {}) =>
  toQuestion(resource, {
    settings: { ...SETTINGS, ...settings },
    now: NOW,
    newReference: () => 'made-here',
  });

const question = (resource: Basic, settings: Partial<BrsSettings> = {}) => {
  const mapped = map(resource, settings);
  if (!mapped.ok) throw new Error(JSON.stringify(mapped.failure));
  return mapped.value.question;
};

/** `code expression` of each finding. */
const told = (resource: Basic, settings: Partial<BrsSettings> = {}) => {
  const mapped = map(resource, settings);
  const issues = mapped.ok ? mapped.value.issues : mapped.failure;
  return issues.map(
    ({ severity, code, details, expression }) =>
      `${severity === 'error' ? '' : `${severity} `}${code} ${details?.code} ${expression?.[0]}`,
  );
};

describe('the question of a Basic', () => {
  it('is that of the domain page', () => {
    expect(map(basic())).toEqual({
      ok: true,
      value: {
        issues: [],
        question: {
          organisation: { kind: 'yder', value: '012345' },
          patientCpr: PATIENT,
          healthProfessionalCpr: CLINICIAN,
          start: '2026-03-03T08:00:00+01:00',
          end: '2026-03-03T16:00:00+01:00',
          minimum: 'B',
          accepted: ['A+', 'A', 'B+', 'B'],
          timeLimit: '2026-06-01T08:00:00+02:00',
          externalReferenceId: 'facade-000001',
          queryableCvr: '12345674',
          followup: true,
          authorisationIdentifier: 'BCD12',
          includeAllRelations: true,
        },
      },
    });
  });

  it('has the facade’s own reference and CVR, no authorisation and no follow-up, when none is given', () => {
    const bare = basic(
      { queryableCvr: undefined, authorisation: undefined, followup: undefined, includeAll: undefined },
      { identifier: [] },
    );
    expect(question(bare)).toMatchObject({
      externalReferenceId: 'made-here',
      queryableCvr: '12345674',
      authorisationIdentifier: '',
      followup: false,
      includeAllRelations: false,
    });
  });

  it('takes the clinician from the author, contained or by identifier, with the authorisation', () => {
    const author: Partial<Basic> = {
      contained: [
        {
          resourceType: 'Practitioner',
          id: 'p',
          identifier: [
            { system: CPR, value: '260978-2859' },
            { system: 'https://autregweb.sst.dk', value: 'XYZ99' },
          ],
        },
      ],
      author: { reference: '#p' },
    };
    const resource = basic({ healthProfessional: undefined, authorisation: undefined }, author);
    expect(question(resource)).toMatchObject({
      healthProfessionalCpr: CLINICIAN,
      authorisationIdentifier: 'XYZ99',
    });
  });

  it('keeps instants across the change to summer time, in Danish time', () => {
    const period = { start: '2026-03-29T00:30:00Z', end: '2026-03-29T01:30:00.250Z' };
    expect(question(basic({ interval: { url: INPUT.interval, valuePeriod: period } }))).toMatchObject({
      start: '2026-03-29T01:30:00+01:00',
      end: '2026-03-29T03:30:00+02:00',
    });
  });

  it('tells the organisation by SOR before ydernummer, SKS and GLN; the caller’s own choice goes before', () => {
    const contained = [
      {
        resourceType: 'Organization' as const,
        id: 'o',
        identifier: [
          { system: 'http://www.gs1.org/gln', value: '5790009999997' },
          { system: YDER, value: '12345' },
          { system: 'urn:oid:1.2.208.176.1.1', value: '999999991000016005' },
        ],
      },
    ];
    const named = { url: INPUT.organisation, valueReference: { reference: '#o' } };
    expect(question(basic({ organisation: named }, { contained })).organisation).toEqual({
      kind: 'sor',
      value: '999999991000016005',
    });
    const chosen = {
      url: INPUT.organisation,
      valueReference: { reference: '#o', identifier: { system: YDER, value: '12345' } },
    };
    expect(question(basic({ organisation: chosen }, { contained })).organisation).toEqual({
      kind: 'yder',
      value: '12345',
    });
  });

  it('expands a minimum for v1, and says a list without holes as a minimum to v2', () => {
    const list = ['A', 'A+'].map((code) => ({
      url: INPUT.acceptable,
      valueCoding: { system: RELATION, code },
    }));
    const resource = basic({ minimum: undefined });
    const listed = { ...resource, extension: [...(resource.extension ?? []), ...list] };
    expect(question(listed).minimum).toBe('A');
    expect(question(basic({ includeAll: undefined }), { generation: 'v1' }).accepted).toEqual([
      'A+',
      'A',
      'B+',
      'B',
    ]);
  });
});

const withList = (...codes: readonly string[]): Basic => {
  const resource = basic({ minimum: undefined });
  const list = codes.map((code) => ({ url: INPUT.acceptable, valueCoding: { system: RELATION, code } }));
  return { ...resource, extension: [...(resource.extension ?? []), ...list] };
};
const organisation = (system: string, value: string) => ({
  organisation: { url: INPUT.organisation, valueReference: { identifier: { system, value } } },
});
const patient = (system: string, value: string): Partial<Basic> => ({
  subject: { identifier: { system, value } },
});
const interval = (valuePeriod: { start?: string; end?: string }) => ({
  interval: { url: INPUT.interval, valuePeriod },
});
const minimum = (code: string) => ({
  minimum: { url: INPUT.minimum, valueCoding: { system: RELATION, code } },
});

describe('a Basic is refused, each fault by its path', () => {
  type Case = readonly [string, Basic, readonly string[], Partial<BrsSettings>?];
  const CASES: readonly Case[] = [
    ['another kind', basic({}, { code: { text: 'x' } }), ['code-invalid kind-missing Basic.code']],
    ['no patient', basic({}, { subject: {} }), ['required patient-missing Basic.subject']],
    [
      'letters in a CPR',
      basic({}, patient(CPR, '251248TT96')),
      ['value patient-number-malformed Basic.subject'],
    ],
    ['31 February', basic({}, patient(CPR, '3102801234')), ['value patient-number-malformed Basic.subject']],
    ['all zeros', basic({}, patient(CPR, '0000000000')), ['value patient-number-malformed Basic.subject']],
    [
      'an X-eCPR',
      basic({}, patient('urn:oid:1.2.208.176.1.6.1.1', '2512487AB3')),
      ['not-supported patient-number-not-supported Basic.subject'],
    ],
    [
      'two numbers',
      basic(
        {},
        {
          contained: [
            { resourceType: 'Patient', id: 'p', identifier: [{ system: CPR, value: '2401010001' }] },
          ],
          subject: { reference: '#p', identifier: { system: CPR, value: PATIENT } },
        },
      ),
      ['business-rule patient-contradiction Basic.subject'],
    ],
    [
      'no clinician',
      basic({ healthProfessional: undefined }),
      ['required professional-missing Basic.author'],
    ],
    [
      'two clinicians',
      basic({}, { author: { identifier: { system: CPR, value: '2401010001' } } }),
      ['business-rule professional-contradiction Basic.extension[1]'],
    ],
    [
      'no organisation',
      basic({ organisation: undefined }),
      ['required organisation-missing Basic.extension'],
    ],
    [
      'an organisation BRS cannot know',
      basic(organisation('http://cvr.dk', '12345674')),
      ['not-supported organisation-not-mappable Basic.extension[0]'],
    ],
    [
      'an organisation by reference only',
      basic({ organisation: { url: INPUT.organisation, valueReference: { reference: 'Organization/1' } } }),
      ['not-supported organisation-reference Basic.extension[0]'],
    ],
    [
      'a wrong check digit of a GLN',
      basic(organisation('http://www.gs1.org/gln', '5790009999998')),
      ['value organisation-malformed Basic.extension[0].value.identifier'],
    ],
    [
      'an SKS code of five characters',
      basic(organisation('https://nordic-fhir-facade.dev/fhir/NamingSystem/dk-sks-org', '13010')),
      ['value organisation-malformed Basic.extension[0].value.identifier'],
    ],
    [
      'a list of SKS codes that are not within each other',
      basic(organisation('https://nordic-fhir-facade.dev/fhir/NamingSystem/dk-sks-org', '1301,1401011')),
      ['value organisation-malformed Basic.extension[0].value.identifier'],
    ],
    [
      'a closed organisation',
      basic(
        { organisation: { url: INPUT.organisation, valueReference: { reference: '#o' } } },
        { contained: [{ resourceType: 'Organization', id: 'o', active: false }] },
      ),
      ['business-rule organisation-inactive Basic.extension[0]'],
    ],
    ['no interval', basic({ interval: undefined }), ['required interval-missing Basic.extension']],
    [
      'half an interval',
      basic(interval({ start: '2026-03-03T08:00:00+01:00' })),
      ['required interval-incomplete Basic.extension[2].value'],
    ],
    [
      'days for instants',
      basic(interval({ start: '2026-03-03', end: '2026-03-04' })),
      ['value interval-not-instants Basic.extension[2].value'],
    ],
    [
      'an interval reversed',
      basic(interval({ start: '2026-03-03T16:00:00+01:00', end: '2026-03-03T08:00:00+01:00' })),
      ['value interval-reversed Basic.extension[2].value'],
    ],
    ['no category', basic({ minimum: undefined }), ['required relation-missing Basic.extension']],
    ['an unknown category', basic(minimum('F')), ['code-invalid relation-unknown Basic.extension[3].value']],
    [
      'B+ where it is not known',
      basic(minimum('B+')),
      ['not-supported relation-not-offered Basic.extension[3].value'],
      { bPlus: false },
    ],
    ['a list with a hole', withList('A', 'C'), ['not-supported relation-hole Basic.extension']],
    ['ANY in a list', withList('A+', 'ANY'), ['code-invalid relation-unknown Basic.extension[9].value']],
    ['no deadline', basic({ timeLimit: undefined }), ['required time-limit-missing Basic.extension']],
    [
      'a day for a deadline',
      basic({ timeLimit: { url: INPUT.timeLimit, valueDateTime: '2026-06-01' } }),
      ['value time-limit-not-instant Basic.extension[4]'],
    ],
    [
      'a reference of 51 characters',
      basic({}, { identifier: [{ system: REFERENCE, value: 'x'.repeat(51) }] }),
      ['too-long external-reference-too-long Basic.identifier[0].value'],
    ],
    [
      'two references',
      basic({}, { identifier: ['a', 'b'].map((value) => ({ system: REFERENCE, value })) }),
      ['multiple-matches external-reference-ambiguous Basic.identifier[1]'],
    ],
    [
      'a CVR number of seven digits',
      basic({
        queryableCvr: {
          url: INPUT.queryableCvr,
          valueIdentifier: { system: 'http://cvr.dk', value: '1234567' },
        },
      }),
      ['value queryable-cvr-malformed Basic.extension[5]'],
    ],
    [
      'no follow-up, of v1',
      basic({ followup: { url: INPUT.followup, valueBoolean: false }, includeAll: undefined }),
      ['not-supported followup-form-unknown Basic.extension[6]'],
      { generation: 'v1' },
    ],
    [
      'all sources, of v1',
      basic(),
      ['not-supported sources-not-offered Basic.extension[8]'],
      { generation: 'v1' },
    ],
    [
      'two authorisations',
      basic({}, { author: { identifier: { system: 'https://autregweb.sst.dk', value: 'XYZ99' } } }),
      ['business-rule authorisation-contradiction Basic.extension[7]'],
    ],
    [
      'an extension twice',
      basic({ authorisation: FIELDS.followup }),
      ['multiple-matches extension-repeated Basic.extension[7]'],
    ],
    [
      'a value of another type',
      basic({ followup: { url: INPUT.followup, valueString: 'yes' } }),
      ['value extension-value Basic.extension[6]'],
    ],
    [
      'an unknown extension',
      basic({ authorisation: { url: 'urn:mine', valueString: 'x' } }),
      ['extension extension-unknown Basic.extension[7]'],
    ],
    [
      'a result',
      basic({
        authorisation: {
          url: 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/sufficient-relation',
          valueBoolean: true,
        },
      }),
      ['business-rule server-set Basic.extension[7]'],
    ],
    [
      'a modifier extension',
      basic({}, { modifierExtension: [{ url: 'urn:not', valueBoolean: true }] }),
      ['extension modifier-extension Basic.modifierExtension'],
    ],
    [
      'implicit rules',
      basic({}, { implicitRules: 'urn:x' }),
      ['not-supported element-not-supported Basic.implicitRules'],
    ],
  ];

  it.each(CASES.map(([what, resource, expected, settings = {}]) => ({ what, resource, expected, settings })))(
    '$what',
    ({ resource, expected, settings }) => {
      expect(told(resource, settings)).toEqual(expected);
    },
  );

  it('with every fault at once, and no number in any of them', () => {
    const all = basic(
      { ...interval({ start: '2026-03-03' }), ...minimum('F'), timeLimit: undefined },
      patient(CPR, '251248999X'),
    );
    expect(told(all)).toHaveLength(4);
    expect(JSON.stringify(map(all))).not.toContain('251248');
  });
});

describe('a Basic is taken with a warning', () => {
  it.each([
    [
      'a deadline in the past',
      basic({ timeLimit: { url: INPUT.timeLimit, valueDateTime: '2016-01-01T16:16:31+01:00' } }),
      ['warning business-rule time-limit-past Basic.extension[4]'],
    ],
    [
      'a CVR number that is not ours, with a wrong check digit',
      basic({
        queryableCvr: {
          url: INPUT.queryableCvr,
          valueIdentifier: { system: 'urn:oid:1.3.184', value: '12345678' },
        },
      }),
      [
        'warning value queryable-cvr-check-digit Basic.extension[5]',
        'warning business-rule queryable-cvr-not-ours Basic.extension[5]',
      ],
    ],
    [
      'a date of its own',
      basic({}, { created: '2020-01-01' }),
      ['warning informational server-written Basic.created'],
    ],
  ] as const)('%s', (_what, resource, expected) => {
    expect(told(resource)).toEqual(expected);
  });
});

const ANSWER = {
  sufficientRelation: false,
  actualRelations: ['D'],
  bySource: [
    { source: 'SSR', relation: 'D' },
    { source: 'HENVISNING_SOR', relation: 'E' },
  ],
  followupOrdered: true,
  uniqueReferenceId: '9a7e2c14-0f3b-4d58-8b6a-1c2d3e4f5a60',
  externalReferenceId: 'facade-000001',
};

describe('the answer in a Basic', () => {
  const answered = (answer: typeof ANSWER) => withAnswer(basic(), question(basic()), answer, NOW);

  it('stands there as on the domain page: after the question, sources by name', () => {
    const { resource, issues } = answered(ANSWER);
    expect(issues).toEqual([]);
    expect(resource.extension?.slice(9).map(({ url }) => url.split('/').at(-1))).toEqual([
      'evaluated-at',
      'sufficient-relation',
      'actual-relation',
      'relation-by-source',
      'relation-by-source',
      'followup-ordered',
      'followup-state',
      'organisation-identifier-used',
    ]);
    expect(result(resource, 'evaluated-at')).toMatchObject({ valueInstant: '2026-03-03T07:00:06Z' });
    expect(result(resource, 'followup-state')).toMatchObject({ valueCoding: { code: 'ordered' } });
    expect(result(resource, 'relation-by-source')?.extension?.[0]?.valueCoding?.code).toBe('HENVISNING_SOR');
    expect(result(resource, 'organisation-identifier-used')?.valueIdentifier).toEqual({
      system: YDER,
      value: '012345',
    });
    expect(resource.identifier?.map(({ value }) => value)).toEqual([
      'facade-000001',
      ANSWER.uniqueReferenceId,
    ]);
    expect(resource.created).toBe('2026-03-03');
  });

  it('says in words that it is evidence and not consent', () => {
    expect(answered({ ...ANSWER, sufficientRelation: true }).resource.text?.div).toContain(
      'evidence, not consent',
    );
  });

  it('keeps what is not documented, with a warning each', () => {
    const odd = {
      ...ANSWER,
      actualRelations: ['F'],
      bySource: [{ source: 'NYT', relation: 'E' }],
      externalReferenceId: 'other',
    };
    const { resource, issues } = answered(odd);
    expect(issues.map(({ details }) => details?.code)).toEqual([
      'answer-relation-unknown',
      'answer-source-unknown',
      'answer-reference-differs',
    ]);
    expect(result(resource, 'actual-relation')?.valueCoding?.code).toBe('F');
    expect(resource.identifier?.[0]?.value).toBe('other');
  });

  it('is not repeated when it is put in again', () => {
    const once = answered(ANSWER).resource;
    expect(withAnswer(once, question(basic()), ANSWER, NOW).resource).toEqual(once);
  });
});

describe('who is asked about', () => {
  it('is read whatever else is wrong', () => {
    const half = basic({ interval: undefined }, { subject: {} });
    expect(whoIsAskedAbout(half, NOW)).toEqual({
      professionalCpr: CLINICIAN,
      organisation: { system: YDER, value: '012345' },
    });
    expect(whoIsAskedAbout(basic({ organisation: undefined, healthProfessional: undefined }), NOW)).toEqual({
      professionalCpr: undefined,
      organisation: undefined,
    });
  });
});

describe('the plan', () => {
  const plan = createPlan({ settings: SETTINGS, now: () => NOW, newReference: () => 'made-here' });

  it('of a create sends the question and stores it with profile and reference', () => {
    const planned = plan({ interaction: 'create', resource: basic({}, { identifier: [] }) });
    if (!planned.ok) throw new Error('was refused');
    const { request, resource } = planned.value;
    expect(request === undefined ? undefined : questionFromJson(request)?.externalReferenceId).toBe(
      'made-here',
    );
    expect(resource?.identifier).toEqual([{ system: REFERENCE, value: 'made-here' }]);
    expect(resource?.meta?.profile).toEqual([
      'https://nordic-fhir-facade.dev/fhir/StructureDefinition/TreatmentRelation',
    ]);
  });

  it('of an update takes a tag and refuses another question', () => {
    const current = withAnswer(basic({}, { id: '1' }), question(basic()), ANSWER, NOW).resource;
    const tagged: Basic = { ...current, meta: { tag: [{ code: 'x' }] } };
    expect(plan({ interaction: 'update', resource: tagged, current })).toMatchObject({
      ok: true,
      value: { resource: tagged },
    });
    const edited = { ...current, subject: { identifier: { system: CPR, value: '2401010001' } } };
    expect(plan({ interaction: 'update', resource: edited, current })).toMatchObject({
      failure: { kind: 'unprocessable', issues: [{ code: 'not-supported' }] },
    });
  });

  it('of a delete sends nothing, and warns that an ordered follow-up goes on', () => {
    const current = withAnswer(basic(), question(basic()), ANSWER, NOW).resource;
    const planned = plan({ interaction: 'delete', current });
    expect(planned).toMatchObject({
      value: { issues: [{ severity: 'warning', details: { code: 'followup-not-cancelled' } }] },
    });
    expect(planned.ok && 'request' in planned.value).toBe(false);
  });

  it('knows a code for every finding', () => {
    expect(Object.keys(BRS_MAPPING_ISSUES).length).toBeGreaterThan(40);
  });
});
