import {
  actor,
  FNR,
  NUMBERS,
  PVK_DEFINITION,
  PVK_PART,
  PVK_TYPE,
  samtykke,
  tilgangsbegrensning,
  withdrawn,
} from './fixtures.ts';
import type { ShownIssue } from './reply.ts';

export type Case = readonly [rule: string, body: unknown, status: number, issue: Partial<ShownIssue>];

export const patientWith = (system: string, value: string) => ({ identifier: { system, value } });
const definition = (code: string) => ({ coding: [{ system: PVK_DEFINITION, code }] });
const part = (value: string) => [{ identifier: { system: PVK_PART, value } }];
export const pdf = (bytes: number): string => {
  const third = Math.floor(bytes / 3);
  const rest = bytes - 3 * third;
  return 'AAAA'.repeat(third) + (rest === 0 ? '' : rest === 1 ? 'AA==' : 'AAA=');
};
export const MEBI = 1024 * 1024;
export const proof = (changes: object) => ({
  ...samtykke(),
  sourceAttachment: { contentType: 'application/pdf', data: 'AAAA', ...changes },
});
const { patient: _patient, ...withoutPatient } = samtykke();
const { policyRule: _rule, ...withoutDefinition } = samtykke();

export const NOT_R4: readonly Case[] = [
  ['a body that is not JSON', '{"resourceType":', 400, { code: 'structure' }],
  ['an empty body', '', 400, { code: 'structure' }],
  ['a body that is a list', '[]', 400, { code: 'structure' }],
  ['another resource type', { resourceType: 'Observation' }, 400, { expression: ['resourceType'] }],
  [
    'a status outside its required binding',
    { ...samtykke(), status: 'bogus' },
    400,
    { expression: ['Consent.status'], code: 'code-invalid' },
  ],
  ['an unknown element', { ...samtykke(), colour: 'red' }, 400, { expression: ['Consent.colour'] }],
  [
    'an element of the wrong type',
    { ...samtykke(), dateTime: 20240101 },
    400,
    { expression: ['Consent.dateTime'] },
  ],
  [
    'a missing mandatory element',
    { ...samtykke(), scope: undefined },
    400,
    { expression: ['Consent.scope'], code: 'required' },
  ],
  [
    'a list where there is one',
    { ...samtykke(), policyRule: [definition('x')] },
    400,
    { expression: ['Consent.policyRule'] },
  ],
  [
    'a date that no calendar has',
    { ...samtykke(), dateTime: '2024-13-45' },
    400,
    { expression: ['Consent.dateTime'] },
  ],
];

export const BROKEN_RULES: readonly Case[] = [
  ['a Consent without patient', withoutPatient, 422, { expression: ['Consent.patient'], code: 'required' }],
  [
    'a number that is not 11 digits',
    { ...samtykke(), patient: patientWith(FNR, '1204864551') },
    422,
    { code: 'value', expression: ['Consent.patient.identifier.value'] },
  ],
  [
    'a number with spaces',
    { ...samtykke(), patient: patientWith(FNR, '120486 45510') },
    422,
    { code: 'value' },
  ],
  [
    'a felles hjelpenummer',
    { ...samtykke(), patient: patientWith('urn:oid:2.16.578.1.12.4.1.4.3', NUMBERS.line) },
    422,
    { code: 'not-supported' },
  ],
  [
    'an unknown definition',
    { ...samtykke(), policyRule: definition('11111111-2222-4333-8444-555555555555') },
    422,
    { code: 'code-invalid' },
  ],
  [
    'a definition in braces',
    { ...samtykke(), policyRule: definition('{3fe2a80a-4200-42e2-817b-da8a6236708a}') },
    422,
    { code: 'value' },
  ],
  ['no definition', withoutDefinition, 422, { code: 'required' }],
  [
    'a part in the wrong letter case',
    { ...samtykke(), organization: part('nfs') },
    422,
    { code: 'business-rule' },
  ],
  [
    'a kind that is not the definition’s',
    {
      ...samtykke(),
      category: [{ coding: [{ system: PVK_TYPE, code: 'reservasjon' }] }],
      provision: undefined,
    },
    422,
    { code: 'business-rule' },
  ],
  [
    'a provision against the kind',
    { ...samtykke(), provision: { type: 'deny' } },
    422,
    { code: 'business-rule', expression: ['Consent.provision.type'] },
  ],
  [
    'health personnel without an HPR number',
    tilgangsbegrensning(NUMBERS.documented, [actor('', 'Kari')]),
    400,
    { severity: 'error' },
  ],
  [
    'an HPR number that is none',
    tilgangsbegrensning(NUMBERS.documented, [actor('12a', 'Kari')]),
    422,
    {
      code: 'value',
      expression: ['Consent.provision.actor[0].reference.identifier'],
    },
  ],
  [
    'a restriction that names nobody',
    { ...tilgangsbegrensning(), provision: { type: 'deny' } },
    422,
    { code: 'required', expression: ['Consent.provision.actor'] },
  ],
  [
    'health personnel on a consent',
    { ...samtykke(), provision: { type: 'permit', actor: [actor('7', 'Kari')] } },
    422,
    { code: 'not-supported' },
  ],
  [
    'a period where the definition allows none',
    {
      ...samtykke(),
      provision: { type: 'permit', period: { start: '2024-01-01', end: '2024-12-31' } },
    },
    422,
    { code: 'not-supported', expression: ['Consent.provision.period'] },
  ],
  [
    'a purpose',
    {
      ...samtykke(),
      provision: {
        type: 'permit',
        purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      },
    },
    422,
    { code: 'not-supported', expression: ['Consent.provision.purpose'] },
  ],
  [
    'a nested provision',
    { ...samtykke(), provision: { type: 'permit', provision: [{ type: 'deny' }] } },
    422,
    { code: 'not-supported', expression: ['Consent.provision.provision'] },
  ],
  [
    'a withdrawal that names personnel',
    { ...tilgangsbegrensning(), status: 'inactive' },
    422,
    { code: 'business-rule' },
  ],
  [
    'a draft',
    { ...withdrawn(samtykke()), status: 'draft' },
    422,
    { code: 'business-rule', expression: ['Consent.status'] },
  ],
  [
    'a proof of another media type',
    proof({ contentType: 'image/jpg' }),
    422,
    { code: 'value', expression: ['Consent.source.contentType'] },
  ],
  [
    'a proof behind a URL',
    proof({ data: undefined, url: 'https://example.org/proof.pdf' }),
    422,
    { code: 'not-supported' },
  ],
  ['a proof of 4 MiB and one byte', proof({ data: pdf(4 * MEBI + 1) }), 422, { code: 'too-long' }],
  [
    'a modifier extension',
    {
      ...samtykke(),
      modifierExtension: [{ url: 'https://example.org/not', valueBoolean: true }],
    },
    422,
    { code: 'extension' },
  ],
  [
    'a reference to a Patient that is not there',
    { ...samtykke(), patient: { reference: 'Patient/none' } },
    422,
    { code: 'not-found' },
  ],
  [
    'a contained Patient with more than identifiers',
    {
      ...samtykke(),
      contained: [
        {
          resourceType: 'Patient',
          id: 'p',
          identifier: [{ system: FNR, value: NUMBERS.line }],
          gender: 'female',
        },
      ],
      patient: { reference: '#p' },
    },
    422,
    { code: 'business-rule' },
  ],
];
