import type { Basic, Extension } from '@medplum/fhirtypes';
import { INPUT } from '../../../src/systems/brs/mapping.ts';

export const CPR = 'urn:oid:1.2.208.176.1.2';
export const YDER = 'urn:oid:1.2.208.176.1.4';
export const RELATION = 'https://nordic-fhir-facade.dev/fhir/CodeSystem/brs-relation';
export const REFERENCE = 'https://nordic-fhir-facade.dev/fhir/NamingSystem/brs-external-reference';

export const PATIENT = '2512489996';
export const CLINICIAN = '2609782859';

/** The extensions of the domain page's example, by field. */
export const FIELDS = {
  organisation: {
    url: INPUT.organisation,
    valueReference: { identifier: { system: YDER, value: '012345' } },
  },
  healthProfessional: {
    url: INPUT.healthProfessional,
    valueReference: { identifier: { system: CPR, value: CLINICIAN } },
  },
  interval: {
    url: INPUT.interval,
    valuePeriod: { start: '2026-03-03T08:00:00+01:00', end: '2026-03-03T16:00:00+01:00' },
  },
  minimum: { url: INPUT.minimum, valueCoding: { system: RELATION, code: 'B' } },
  timeLimit: { url: INPUT.timeLimit, valueDateTime: '2026-06-01T08:00:00+02:00' },
  queryableCvr: { url: INPUT.queryableCvr, valueIdentifier: { system: 'http://cvr.dk', value: '12345674' } },
  followup: { url: INPUT.followup, valueBoolean: true },
  authorisation: { url: INPUT.authorisation, valueString: 'BCD12' },
  includeAll: { url: INPUT.includeAll, valueBoolean: true },
} as const satisfies Readonly<Record<string, Extension>>;

type Changes = Partial<Record<keyof typeof FIELDS, Extension | undefined>>;

/** The example, with other fields, or without some (`undefined`), and with other elements. */
export const basic = (changes: Changes = {}, more: Partial<Basic> = {}): Basic => {
  const fields: Readonly<Record<string, Extension | undefined>> = { ...FIELDS, ...changes };
  return {
    resourceType: 'Basic',
    extension: Object.values(fields).filter((one) => one !== undefined),
    identifier: [{ system: REFERENCE, value: 'facade-000001' }],
    code: {
      coding: [
        {
          system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/basic-kind',
          code: 'treatment-relation',
        },
      ],
    },
    subject: { identifier: { system: CPR, value: PATIENT } },
    ...more,
  };
};

/** One extension of the result, by its last segment. */
export const result = (resource: Basic, name: string): Extension | undefined =>
  resource.extension?.find(({ url }) => url.endsWith(`/${name}`));
