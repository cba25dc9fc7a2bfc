import { fail, ok, type Result } from '../../result.ts';
import { sha1Hex, sha256Hex } from './digest.ts';
import { type CertificateInputFault, readCertificate } from './input.ts';
import { type CertificateSubject, readSubject } from './subject.ts';

/** Everything that is told by a certificate alone. */
export interface DerivedCertificate extends CertificateSubject {
  /** SHA-1 of the DER, 40 upper-case hexadecimal digits: FMK's CertHash. */
  readonly certHash: string;
  /** SHA-256 of the DER, 64 upper-case hexadecimal digits. */
  readonly certHash256: string;
  readonly validity: 'valid' | 'expired' | 'not-yet-valid';
  /** Milliseconds since the epoch, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * What a certificate file tells about the system it was issued to. Pure; `now` in milliseconds since the epoch.
 * Signature and issuer are not looked at: whitelisting a certificate is not trusting it.
 */
export const deriveFromCertificate = (
  bytes: Uint8Array<ArrayBuffer>,
  now: number,
): Result<DerivedCertificate, CertificateInputFault> => {
  const read = readCertificate(bytes);
  if (!read.ok) return fail(read.failure);
  const { der, subject, notBefore, notAfter } = read.value;
  const validity = now > notAfter ? 'expired' : now < notBefore ? 'not-yet-valid' : 'valid';
  return ok({
    ...readSubject(subject),
    certHash: sha1Hex(der),
    certHash256: sha256Hex(der),
    validity,
    notBefore,
    notAfter,
  });
};
