import type { Attachment, Basic, Extension } from '@medplum/fhirtypes';
import { decodeBase64 } from '../../../xml/base64.ts';
import { type DerivedCertificate, deriveFromCertificate } from '../../certificates/derive.ts';
import { CERTIFICATE_ISSUE, certificateFinding, certificateFindings } from '../../certificates/findings.ts';
import { FOCES_ID_LIMIT } from '../settings.ts';
import { CERT_HASH, CERTIFICATE, FOCES_ID, FOCES_ID_SYSTEM } from './codes.ts';
import type { MappingContext } from './context.ts';
import { finding } from './findings.ts';
import { normaliseCertHash, normaliseFocesId } from './normalise.ts';

const EXTENSION = 'Basic.extension';
const at = (url: string): string => `${EXTENSION}('${url}')`;

/** FMK's three values as far as certificate and extensions tell them; the CVR may also come from the subject. */
export interface Told {
  readonly focesId?: string;
  readonly certHash?: string;
  /** CVR numbers that the certificate, or the prefix of a FocesId, names. */
  readonly cvrs: readonly string[];
}

const MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/x-x509-ca-cert',
  'application/x-x509-user-cert',
  'application/pkix-cert',
  'application/x-pem-file',
]);

/** The one extension of a URL; a second one is told. */
const extensionOf = (basic: Basic, url: string, context: MappingContext): Extension | undefined => {
  const [first, ...more] = basic.extension?.filter((one) => one.url === url) ?? [];
  if (more.length > 0) {
    context.issues.push(finding('extension-repeated', at(url), 'The extension may be given once only.'));
  }
  return first;
};

const textOf = (basic: Basic, url: string, context: MappingContext): string | undefined => {
  const extension = extensionOf(basic, url, context);
  if (extension === undefined) return undefined;
  const text = extension.valueString;
  if (text === undefined) {
    context.issues.push(finding('extension-value', at(url), 'The extension needs a valueString.'));
  }
  // An empty element is not valid in FMK's schema: it is left out.
  return text === undefined || text.trim() === '' ? undefined : text;
};

const deriveFrom = (
  attachment: Attachment | undefined,
  context: MappingContext,
): DerivedCertificate | undefined => {
  const { issues } = context;
  const path = `${at(CERTIFICATE)}.value`;
  if (attachment === undefined) {
    issues.push(finding('extension-value', at(CERTIFICATE), 'The extension needs a valueAttachment.'));
    return undefined;
  }
  if (attachment.url !== undefined) {
    const why = 'Nothing is fetched: send the certificate itself in data.';
    issues.push(finding('certificate-url', `${path}.url`, why));
  }
  const type = attachment.contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && !MEDIA_TYPES.has(type)) {
    const why = `A certificate is one of ${[...MEDIA_TYPES].join(', ')}.`;
    issues.push(finding('certificate-media-type', `${path}.contentType`, why));
  }
  if (attachment.data === undefined) {
    if (attachment.url === undefined) issues.push(certificateFinding('certificate-missing', `${path}.data`));
    return undefined;
  }
  const bytes = decodeBase64(attachment.data);
  if (bytes === undefined) {
    issues.push(certificateFinding('not-base64', `${path}.data`));
    return undefined;
  }
  const derived = deriveFromCertificate(bytes, context.now);
  if (!derived.ok) {
    issues.push(certificateFinding(derived.failure, `${path}.data`));
    return undefined;
  }
  // Whitelisting is for systems: a person's certificate would give the system's rights to whoever holds it.
  const findings = certificateFindings(derived.value, `${path}.data`).map((issue) =>
    issue.details?.code === 'employee' ? { ...issue, severity: 'error' as const } : issue,
  );
  issues.push(...findings);
  return derived.value;
};

const FOCES_ID_WORDS = {
  malformed:
    'This is no FocesId: the UUID of the certificate (OCES3) or the digits of its FID (OCES2), not the whole subject.',
  employee: 'This is the id of an employee certificate; only the certificate of a system can be whitelisted.',
} as const;

interface GivenId {
  readonly value?: string;
  readonly cvr?: string;
}

const readFocesId = (text: string, path: string, context: MappingContext): GivenId => {
  const read = normaliseFocesId(text);
  if (read.ok) return read.value;
  const name = read.failure === 'employee' ? 'foces-id-employee' : 'foces-id-malformed';
  context.issues.push(finding(name, path, FOCES_ID_WORDS[read.failure]));
  return {};
};

const givenFocesId = (basic: Basic, context: MappingContext): GivenId => {
  const text = textOf(basic, FOCES_ID, context);
  const extension = text === undefined ? undefined : readFocesId(text, at(FOCES_ID), context);
  const index = basic.identifier?.findIndex(({ system }) => system === FOCES_ID_SYSTEM) ?? -1;
  const identifier = basic.identifier?.[index]?.value;
  if (identifier === undefined) return extension ?? {};
  const path = `Basic.identifier[${index}].value`;
  const read = readFocesId(identifier, path, context);
  if (extension?.value !== undefined && read.value !== undefined && extension.value !== read.value) {
    const why = 'The identifier is another one than the extension foces-id.';
    context.issues.push(finding('foces-id-contradiction', path, why));
  }
  return extension ?? read;
};

const judgeFocesId = (given: GivenId, derived: DerivedCertificate | undefined, context: MappingContext) => {
  const { issues, settings } = context;
  if (given.value !== undefined && derived?.focesId !== undefined && given.value !== derived.focesId) {
    const why = 'The FocesId is not that of the certificate.';
    issues.push(finding('foces-id-contradiction', at(FOCES_ID), why));
  }
  const value = given.value ?? derived?.focesId;
  if (value === undefined) {
    // A malformed one has been told already.
    const told = issues.some(
      ({ severity, details }) =>
        severity === 'error' &&
        (details?.system === CERTIFICATE_ISSUE || details?.code?.startsWith('foces-id-') === true),
    );
    if (!told) {
      const why = 'The FocesId is missing: give the extension foces-id, or the certificate it is read from.';
      issues.push(finding('foces-id-missing', at(FOCES_ID), why));
    }
    return undefined;
  }
  const limit = FOCES_ID_LIMIT[settings.version];
  if (value.length > limit) {
    const why = `A FocesId has at most ${limit} characters in the FMK version that is configured (FMK_VERSION ${settings.version}).`;
    issues.push(finding('foces-id-too-long', at(FOCES_ID), why));
  }
  return value;
};

const judgeCertHash = (
  text: string | undefined,
  derived: DerivedCertificate | undefined,
  hadCertificate: boolean,
  context: MappingContext,
): string | undefined => {
  const { issues } = context;
  const path = at(CERT_HASH);
  if (text === undefined) {
    // A certificate that could not be read has been told already.
    if (hadCertificate) return derived?.certHash;
    const why = 'No CertHash is given. FMK recommends it: it makes the whitelisting safer.';
    issues.push(finding('cert-hash-missing', path, why, 'warning'));
    return undefined;
  }
  const given = normaliseCertHash(text);
  if (given === undefined) {
    const why = 'This is no hash of a certificate: 40 hexadecimal digits (SHA-1), or base64 of 20 bytes.';
    issues.push(finding('cert-hash-malformed', path, why));
    return undefined;
  }
  if (given.algorithm === 'SHA-256') {
    const why = "The hash has the size of SHA-256; FMK's own example has SHA-1, 40 digits.";
    issues.push(finding('cert-hash-sha256', path, why, 'warning'));
  }
  const expected = given.algorithm === 'SHA-1' ? derived?.certHash : derived?.certHash256;
  if (expected !== undefined && expected !== given.value) {
    issues.push(finding('cert-hash-contradiction', path, 'The hash is not that of the certificate.'));
  }
  return given.value;
};

/** Reads FocesId, CertHash and certificate of a Basic, holds them against each other and tells every fault. */
export const readWhitelisting = (basic: Basic, context: MappingContext): Told => {
  const extension = extensionOf(basic, CERTIFICATE, context);
  const derived = extension === undefined ? undefined : deriveFrom(extension.valueAttachment, context);
  if (derived !== undefined) {
    const why =
      'FocesId, CertHash and CVR were read from the certificate; the certificate itself is not kept.';
    context.issues.push(finding('certificate-not-kept', at(CERTIFICATE), why, 'information'));
  }
  const given = givenFocesId(basic, context);
  const focesId = judgeFocesId(given, derived, context);
  const certHash = judgeCertHash(
    textOf(basic, CERT_HASH, context),
    derived,
    extension !== undefined,
    context,
  );
  return {
    ...(focesId === undefined ? {} : { focesId }),
    ...(certHash === undefined ? {} : { certHash }),
    cvrs: [derived?.cvr, given.cvr].filter((cvr) => cvr !== undefined),
  };
};
