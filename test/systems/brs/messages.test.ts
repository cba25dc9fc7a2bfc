import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CPR, isOrganisationValue, sksCodes } from '../../../src/systems/brs/message.ts';
import { readAnswer, writeAnswer } from '../../../src/systems/brs/message-answer.ts';
import { V1_NAMESPACE, V2_RESPONSE_NAMESPACE } from '../../../src/systems/brs/message-names.ts';
import { danishTime, startOfDanishDay } from '../../../src/systems/brs/message-times.ts';
import {
  type BrsQuestion,
  questionFromJson,
  questionToJson,
  readQuestion,
  writeQuestion,
} from '../../../src/systems/brs/question.ts';
import {
  acceptedFrom,
  MINIMUM_RELATIONS,
  minimumOf,
  RELATIONS,
  strongest,
} from '../../../src/systems/brs/relations.ts';
import { BRS_DEFAULTS } from '../../../src/systems/brs/settings.ts';
import { parseXml } from '../../../src/xml/parse.ts';
import { printXml } from '../../../src/xml/print.ts';

const tree = (xml: string) => {
  const parsed = parseXml(xml);
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  return parsed.value;
};
const bare = (xml: string) => xml.replace(/>\s+</g, '><').trim();

const QUESTION: BrsQuestion = {
  organisation: { kind: 'yder', value: '012345' },
  patientCpr: '2512489996',
  healthProfessionalCpr: '2609782859',
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
};
const V2 = { ...BRS_DEFAULTS, generation: 'v2' } as const;
const V1 = { ...BRS_DEFAULTS, generation: 'v1' } as const;

describe('the question', () => {
  it('is written as the page shows it, v2', () => {
    expect(printXml(writeQuestion(QUESTION, V2))).toBe(
      bare(`<treatmentRelationRequestBody xmlns="https://nspop.dk/nsp/behandlingsrelation/2022/03/14/brs">
      <OrganisationIdentifier><DoctorOrganisationIdentifier>012345</DoctorOrganisationIdentifier></OrganisationIdentifier>
      <PatientCpr>2512489996</PatientCpr>
      <HealthProfessionalCpr>2609782859</HealthProfessionalCpr>
      <RelationLookupTimeInterval>
        <start>2026-03-03T08:00:00+01:00</start>
        <end>2026-03-03T16:00:00+01:00</end>
      </RelationLookupTimeInterval>
      <MinimumAcceptableRelation>B</MinimumAcceptableRelation>
      <TimeLimit>2026-06-01T08:00:00+02:00</TimeLimit>
      <ExternalReferenceId>facade-000001</ExternalReferenceId>
      <QueryableCvr>12345674</QueryableCvr>
      <Followup>true</Followup>
      <AuthorisationIdentifier>BCD12</AuthorisationIdentifier>
      <ServiceProvider><Name>fhir-facade</Name><Version>0.1.0</Version><Vendor>example</Vendor></ServiceProvider>
      <IncludeAllRelations>true</IncludeAllRelations>
    </treatmentRelationRequestBody>`),
    );
  });

  it('is written as the page shows it, v1: the minimum expanded, after QueryableCvr', () => {
    const xml = printXml(writeQuestion(QUESTION, V1));
    expect(xml).toContain('<treatmentRelationRequestBody xmlns="http://nsi.dk/fmki20110601/brs">');
    expect(xml).toContain(
      '<QueryableCvr>12345674</QueryableCvr><AcceptableRelations><Relation>A+</Relation><Relation>A</Relation><Relation>B+</Relation><Relation>B</Relation></AcceptableRelations><FollowupRelations><All>All</All></FollowupRelations><AuthorisationIdentifier>BCD12</AuthorisationIdentifier>',
    );
    expect(xml).not.toContain('IncludeAllRelations');
  });

  it('has an empty AuthorisationIdentifier, never none', () => {
    expect(printXml(writeQuestion({ ...QUESTION, authorisationIdentifier: '' }, V2))).toContain(
      '<AuthorisationIdentifier/>',
    );
  });

  it('is written in a namespace and with names that are configured', () => {
    const form = {
      ...V2,
      requestNamespace: V2_RESPONSE_NAMESPACE,
      organisationNames: { ...BRS_DEFAULTS.organisationNames, gln: ['EAN', 'Ean'] },
    } as const;
    const xml = printXml(
      writeQuestion({ ...QUESTION, organisation: { kind: 'gln', value: '5790009999997' } }, form),
    );
    expect(xml).toContain(`xmlns="${V2_RESPONSE_NAMESPACE}"`);
    expect(xml).toContain('<EAN>5790009999997</EAN>');
    expect(readQuestion(tree(xml), BRS_DEFAULTS)).toMatchObject({ value: { organisation: { kind: 'gln' } } });
  });

  const question: fc.Arbitrary<BrsQuestion> = fc.constantFrom(...MINIMUM_RELATIONS).chain((minimum) =>
    fc.record({
      organisation: fc.constantFrom(
        { kind: 'yder', value: '6955' },
        { kind: 'sks', value: '1301011' },
        { kind: 'gln', value: '5790009999997' },
        { kind: 'sor', value: '999999991000016005' },
      ),
      patientCpr: fc.constantFrom('2512489996', '2902000000'),
      healthProfessionalCpr: fc.constant('2609782859'),
      start: fc.constant('2026-03-29T01:30:00+01:00'),
      end: fc.constant('2026-03-29T03:30:00+02:00'),
      minimum: fc.constant(minimum),
      accepted: fc.constant(acceptedFrom(minimum)),
      timeLimit: fc.constant('2016-01-01T16:16:31+01:00'),
      externalReferenceId: fc.uuid(),
      queryableCvr: fc.constant('46837428'),
      followup: fc.boolean(),
      authorisationIdentifier: fc.constantFrom('', 'BCD12'),
      includeAllRelations: fc.boolean(),
    }),
  );

  it('is read back by a strict reader, and from the journal, whatever is asked', () => {
    fc.assert(
      fc.property(question, (value) => {
        const read = readQuestion(tree(printXml(writeQuestion(value, V2))), BRS_DEFAULTS);
        expect(read).toEqual({ ok: true, value: { ...value, generation: 'v2' } });
        const older = readQuestion(tree(printXml(writeQuestion(value, V1))), BRS_DEFAULTS);
        expect(older).toMatchObject({ ok: true, value: { generation: 'v1', accepted: value.accepted } });
        expect(questionFromJson(JSON.parse(JSON.stringify(questionToJson(value))))).toEqual(value);
      }),
    );
  });

  it('is refused by a strict reader when the order is another, a value wrong, or something more in it', () => {
    const xml = printXml(writeQuestion(QUESTION, V2));
    const kinds = (text: string) => {
      const read = readQuestion(tree(text), BRS_DEFAULTS);
      return read.ok ? [] : read.failure.map(({ kind }) => kind);
    };
    const followup = '<Followup>true</Followup>';
    const swapped = xml.replace(followup, '').replace('<TimeLimit>', `${followup}<TimeLimit>`);
    expect(kinds(swapped)).toContain('order');
    expect(kinds(xml.replace('>2512489996<', '>251248999X<'))).toEqual(['value']);
    expect(kinds(xml.replace(followup, '<More/>'))).toEqual(['unexpected', 'missing']);
    expect(questionFromJson({ organisation: 'x' })).toBeUndefined();
  });
});

/** The guide's answers, un-diffed: prefixes and unused declarations as there. */
const ANSWER_V2 = `<ns6:treatmentRelationResponseBody xmlns:ns6="http://nsi.dk/fmki20110601/2022/03/14/brs" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ns5="http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd">
  <ns6:SufficientRelation>true</ns6:SufficientRelation>
  <ns6:ActualRelations><ns6:Relation>D</ns6:Relation></ns6:ActualRelations>
  <ns6:RelationsBySources>
    <ns6:RelationBySource><ns6:Source>LPR</ns6:Source><ns6:Relation>E</ns6:Relation></ns6:RelationBySource>
    <ns6:RelationBySource><ns6:Source>SIKREDE</ns6:Source><ns6:Relation>D</ns6:Relation></ns6:RelationBySource>
  </ns6:RelationsBySources>
  <ns6:FollowupOrdered>false</ns6:FollowupOrdered>
  <ns6:UniqueReferenceId>bd80bca9-5f30-4e4c-b30f-0ebceb16ec24</ns6:UniqueReferenceId>
  <ns6:ExternalReferenceId>040865cd-6a2e-40b9-a574-e9a88e25d5d7</ns6:ExternalReferenceId>
</ns6:treatmentRelationResponseBody>`;

describe('the answer', () => {
  it('is read in its newest state, SAML as the default namespace notwithstanding', () => {
    expect(readAnswer(tree(ANSWER_V2))).toEqual({
      ok: true,
      value: {
        value: {
          sufficientRelation: true,
          actualRelations: ['D'],
          bySource: [
            { source: 'LPR', relation: 'E' },
            { source: 'SIKREDE', relation: 'D' },
          ],
          followupOrdered: false,
          uniqueReferenceId: 'bd80bca9-5f30-4e4c-b30f-0ebceb16ec24',
          externalReferenceId: '040865cd-6a2e-40b9-a574-e9a88e25d5d7',
        },
        left: [],
      },
    });
  });

  it('is read in its older state, with the attribute', () => {
    const older = ANSWER_V2.replace(
      /<ns6:ActualRelations>.*<\/ns6:ActualRelations>/,
      '<ns6:ActualRelation Relation="D"/>',
    );
    expect(readAnswer(tree(older))).toMatchObject({ value: { value: { actualRelations: ['D'] } } });
  });

  it('is not read when its elements are of another namespace', () => {
    const bad = ANSWER_V2.replaceAll('ns6:SufficientRelation', 'SufficientRelation');
    expect(readAnswer(tree(bad))).toMatchObject({
      failure: [{ kind: 'missing', path: '/treatmentRelationResponseBody/SufficientRelation' }],
    });
  });

  it.each([
    [V1_NAMESPACE, 'list'],
    [V2_RESPONSE_NAMESPACE, 'list'],
    [V2_RESPONSE_NAMESPACE, 'attribute'],
  ] as const)('is read back as it was written (%s, %s)', (uri, actual) => {
    const answer = {
      sufficientRelation: false,
      actualRelations: ['B+'],
      bySource: [{ source: 'NYT_REGISTER', relation: 'F' }],
      followupOrdered: true,
      uniqueReferenceId: 'u',
    };
    const read = readAnswer(tree(printXml(writeAnswer(answer, { uri, actual }))));
    expect(read).toEqual({ ok: true, value: { value: answer, left: [] } });
  });
});

describe('the categories', () => {
  it('a minimum means everything from the strongest down to it; E and ANY mean all', () => {
    expect(acceptedFrom('A+')).toEqual(['A+']);
    expect(acceptedFrom('B')).toEqual(['A+', 'A', 'B+', 'B']);
    expect(acceptedFrom('E')).toEqual(RELATIONS);
    expect(acceptedFrom('ANY')).toEqual(RELATIONS);
  });

  it('a list without holes is a minimum, one with a hole is none', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RELATIONS), (minimum) => {
        expect(minimumOf(acceptedFrom(minimum), true)).toBe(minimum);
      }),
    );
    expect(minimumOf(['A', 'C'], true)).toBeUndefined();
    expect(minimumOf(['A', 'B'], true)).toBeUndefined();
    expect(minimumOf(['A+', 'A', 'B'], true)).toBeUndefined();
    expect(minimumOf(['A+', 'A', 'B'], false)).toBe('B');
    expect(strongest(['E', 'D', 'D', 'E'])).toBe('D');
    expect(strongest([])).toBe('E');
  });
});

describe('lexical forms', () => {
  it.each([
    ['2512489996', true],
    ['2902000000', true],
    ['0000000000', true],
    ['3102801234', false],
    ['251248-9996', false],
    ['251248TT96', false],
  ])('CPR %s', (text, expected) => {
    expect(CPR.test(text)).toBe(expected);
  });

  it.each([
    ['yder', '6955', true],
    ['yder', '1234567', false],
    ['sks', '1301', true],
    ['sks', '13010', false],
    ['sks', '1301,1301011', true],
    ['sks', '1301,1401011', false],
    ['gln', '0', true],
    ['gln', '579000999999', false],
    ['sor', '999999991000016005', true],
  ] as const)('%s %s', (kind, value, expected) => {
    expect(isOrganisationValue(kind, value)).toBe(expected);
  });

  it('the longest SKS code of a list comes first', () => {
    expect(sksCodes('1301,1301011')).toEqual(['1301011', '1301']);
  });

  it.each([
    ['2026-03-29T00:59:59Z', '2026-03-29T01:59:59+01:00'],
    ['2026-03-29T01:00:00Z', '2026-03-29T03:00:00+02:00'],
    ['2026-10-25T00:59:59.9Z', '2026-10-25T02:59:59+02:00'],
    ['2026-10-25T01:00:00Z', '2026-10-25T02:00:00+01:00'],
  ])('%s in Danish time', (utc, danish) => {
    expect(danishTime(Date.parse(utc))).toBe(danish);
  });

  it('a Danish day begins at its midnight, on the days of the change too', () => {
    expect(new Date(startOfDanishDay('2026-03-29')).toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(new Date(startOfDanishDay('2026-10-25')).toISOString()).toBe('2026-10-24T22:00:00.000Z');
    expect(new Date(startOfDanishDay('2026-10-26')).toISOString()).toBe('2026-10-25T23:00:00.000Z');
  });
});
