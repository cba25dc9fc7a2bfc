import type { Organization, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failureOf, type Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { decodeBase64 } from '../../xml/base64.ts';
import { CVR_SYSTEM, HSA_ID_SYSTEM } from '../organizations.ts';
import { type DerivedCertificate, deriveFromCertificate } from './derive.ts';
import { certificateFinding, certificateFindings } from './findings.ts';

const CERTIFICATE = "Parameters.parameter.where(name = 'certificate')";

type Bytes = Uint8Array<ArrayBuffer>;

/** The certificate of the `certificate` parameter: an Attachment, base64, or the PEM as a string. */
const inputOf = (parameter: ParametersParameter): Result<Bytes, Issue> => {
  if (parameter.valueString !== undefined)
    return ok(Uint8Array.from(new TextEncoder().encode(parameter.valueString)));
  const base64 = parameter.valueBase64Binary ?? parameter.valueAttachment?.data;
  if (base64 === undefined) return fail(certificateFinding('certificate-missing', CERTIFICATE));
  const bytes = decodeBase64(base64);
  return bytes === undefined ? fail(certificateFinding('not-base64', CERTIFICATE)) : ok(bytes);
};

/** The directory entry that the certificate speaks for; undefined when it names no organisation. */
const organizationOf = ({ cvr, hsaId, organization }: DerivedCertificate): Organization | undefined => {
  const identifier = [
    ...(cvr === undefined ? [] : [{ system: CVR_SYSTEM, value: cvr }]),
    // A system's HSA-id is the system's own: it is told, and is not an identifier of its organisation.
  ];
  if (organization === undefined && identifier.length === 0) return undefined;
  return {
    resourceType: 'Organization',
    ...(identifier.length === 0 ? {} : { identifier }),
    ...(organization === undefined || hsaId === organization ? {} : { name: organization }),
  };
};

const text = (name: string, value: string | undefined): readonly ParametersParameter[] =>
  value === undefined ? [] : [{ name, valueString: value }];

const instant = (time: number): string => new Date(time).toISOString();

/** The answer of `Organization/$from-certificate`. */
const toParameters = (derived: DerivedCertificate): Parameters => {
  const organization = organizationOf(derived);
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'policy', valueCode: derived.generation },
      ...text('cvr', derived.cvr),
      ...text('focesId', derived.focesId),
      { name: 'certHash', valueString: derived.certHash },
      ...(derived.hsaId === undefined
        ? []
        : [{ name: 'hsaId', valueIdentifier: { system: HSA_ID_SYSTEM, value: derived.hsaId } }]),
      ...text('commonName', derived.commonName),
      {
        name: 'validity',
        valuePeriod: { start: instant(derived.notBefore), end: instant(derived.notAfter) },
      },
      ...(organization === undefined ? [] : [{ name: 'organization', resource: organization }]),
    ],
  };
};

export interface FromCertificate {
  readonly parameters: Parameters;
  /** Warnings. */
  readonly issues: readonly Issue[];
}

/** What the bytes of a certificate file tell. `now` in milliseconds. Failure: `unprocessable`. */
export const fromCertificateBytes = (
  bytes: Bytes,
  now: number,
  expression: string = CERTIFICATE,
): Result<FromCertificate, Failure> => {
  const derived = deriveFromCertificate(bytes, now);
  const issues = derived.ok
    ? certificateFindings(derived.value, expression)
    : [certificateFinding(derived.failure, expression)];
  const failure = failureOf(issues);
  if (failure !== undefined || !derived.ok) return fail(failure ?? { kind: 'unprocessable', issues });
  return ok({ parameters: toParameters(derived.value), issues });
};

/**
 * `Organization/$from-certificate`: one parameter `certificate` (Attachment, base64Binary, or string with PEM).
 * Nothing is stored, nothing is logged. Failures: `unprocessable`; `malformed` never, R4's structure is the
 * caller's to check.
 */
export const fromCertificate = (input: Parameters, now: number): Result<FromCertificate, Failure> => {
  const given = input.parameter?.filter(({ name }) => name === 'certificate') ?? [];
  const [parameter] = given;
  if (parameter === undefined || given.length > 1) {
    const fault = parameter === undefined ? 'certificate-missing' : 'several-certificates';
    return fail({ kind: 'unprocessable', issues: [certificateFinding(fault, CERTIFICATE)] });
  }
  const bytes = inputOf(parameter);
  if (!bytes.ok) return fail({ kind: 'unprocessable', issues: [bytes.failure] });
  return fromCertificateBytes(bytes.value, now);
};
