import type { Basic, Organization, Practitioner, PractitionerRole, Provenance } from '@medplum/fhirtypes';
import { createFmkPlan, type FmkGiven } from '../../../src/systems/fmk/mapping.ts';
import { unpackRequest } from '../../../src/systems/fmk/request.ts';
import { FMK_DEFAULTS, type FmkSettings } from '../../../src/systems/fmk/settings.ts';
import type { SystemWrite } from '../../../src/systems/system.ts';
import { encodeBase64 } from '../../../src/xml/base64.ts';
import { derOf, NOW, OCES3_PEM } from '../certificates/vectors.ts';

export const CANONICAL = 'https://nordic-fhir-facade.dev/fhir';
export const FOCES_ID = `${CANONICAL}/StructureDefinition/foces-id`;
export const CERT_HASH = `${CANONICAL}/StructureDefinition/cert-hash`;
export const CERTIFICATE = `${CANONICAL}/StructureDefinition/certificate`;
export const FMK_ROLE = `${CANONICAL}/CodeSystem/fmk-role`;
export const CPR = 'urn:oid:1.2.208.176.1.2';
export const CVR = 'http://cvr.dk';
export const GLN = 'http://www.gs1.org/gln';

/** Published test numbers. */
export const SIGNE = '2609782859';
export const KARL = '2401010001';

export const organization = (more: Partial<Organization> = {}): Organization => ({
  resourceType: 'Organization',
  id: 'apotek',
  identifier: [
    { system: GLN, value: '5790009999997' },
    { system: CVR, value: '12345674' },
  ],
  name: 'Eksempel Apotek',
  telecom: [{ system: 'phone', value: '+45 86 39 10 11' }],
  address: [{ line: ['Prøvevej 1'], postalCode: '8000', city: 'Aarhus C' }],
  ...more,
});

export const practitioner = (more: Partial<Practitioner> = {}): Practitioner => ({
  resourceType: 'Practitioner',
  id: 'person',
  identifier: [{ system: CPR, value: SIGNE }],
  name: [{ text: 'Signe Eksempel' }],
  ...more,
});

export const role = (more: Partial<PractitionerRole> = {}): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: 'role',
  practitioner: { reference: '#person' },
  organization: { reference: '#apotek' },
  code: [{ coding: [{ system: FMK_ROLE, code: 'Apoteksansat' }] }],
  ...more,
});

export const focesId = (valueString: string) => ({ url: FOCES_ID, valueString });
export const certHash = (valueString: string) => ({ url: CERT_HASH, valueString });
export const certificate = (
  data = encodeBase64(derOf(OCES3_PEM)),
  contentType = 'application/pkix-cert',
) => ({
  url: CERTIFICATE,
  valueAttachment: { contentType, data },
});

/** A create with the certificate alone: CVR, FocesId and CertHash are read from it. */
export const basic = (more: Partial<Basic> = {}): Basic => ({
  resourceType: 'Basic',
  contained: [role(), practitioner(), organization()],
  extension: [certificate()],
  code: { coding: [{ system: `${CANONICAL}/CodeSystem/basic-kind`, code: 'foces-whitelisting' }] },
  subject: { reference: '#apotek' },
  author: { reference: '#role' },
  ...more,
});

/** Without a certificate, so that each value can be put in by itself. */
export const plain = (more: Partial<Basic> = {}): Basic =>
  basic({
    extension: [
      focesId('7b0c1a52-4f5e-4d0e-9a61-0d3f5c2b8e11'),
      certHash('7E29D0EB038FA0F2E5AE4DA3A05D74426FA21B74'),
    ],
    ...more,
  });

/** The Basic with another creator, role or organisation. */
export const with3 = (
  who: Partial<Practitioner>,
  which: Partial<PractitionerRole> = {},
  where: Partial<Organization> = {},
): Basic => plain({ contained: [role(which), practitioner(who), organization(where)] });

export const provenance = (more: Partial<Provenance> = {}): Omit<Provenance, 'target' | 'recorded'> => ({
  resourceType: 'Provenance',
  contained: [practitioner(), organization()],
  agent: [
    {
      who: { reference: '#person' },
      role: [{ coding: [{ system: FMK_ROLE, code: 'Apoteksansat' }] }],
      onBehalfOf: { reference: '#apotek' },
    },
  ],
  ...more,
});

export const planWith =
  (settings: Partial<FmkSettings> = {}, now = NOW) =>
  (write: SystemWrite<Basic>, given?: FmkGiven) =>
    createFmkPlan({ settings: { ...FMK_DEFAULTS, ...settings }, now: () => now })(write, given);

export const create = (resource: Basic, settings: Partial<FmkSettings> = {}, given?: FmkGiven) =>
  planWith(settings)({ interaction: 'create', resource }, given);

/** `severity code detail @expression`, sorted. */
export const findings = (planned: ReturnType<typeof create>): readonly string[] => {
  const issues = planned.ok ? planned.value.issues : planned.failure.issues;
  return issues.map(({ severity, code, details, expression }) =>
    [severity === 'error' ? '' : `${severity} `, code, ' ', details?.code, ' @', expression?.[0]].join(''),
  );
};

export const requestOf = (planned: ReturnType<typeof create>) => {
  if (!planned.ok || planned.value.request === undefined) {
    throw new Error(`nothing is sent: ${findings(planned).join(', ')}`);
  }
  return unpackRequest(planned.value.request);
};

export const createdBy = (planned: ReturnType<typeof create>) => {
  const request = requestOf(planned);
  if (request.operation !== 'Create') throw new Error('a create was expected');
  return request.message;
};

export const storedOf = (planned: ReturnType<typeof create>): Basic => {
  if (!planned.ok || planned.value.resource === undefined) throw new Error(findings(planned).join(', '));
  return planned.value.resource;
};
