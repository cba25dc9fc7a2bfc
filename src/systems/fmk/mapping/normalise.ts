import { fail, ok, type Result } from '../../../result.ts';
import { decodeBase64 } from '../../../xml/base64.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const CVR_PREFIX = /^CVR:\s*(\d{8})\s*-\s*/i;
const EMPLOYEE = /^(?:RID:|UI:DK-E:)/i;

export interface FocesId {
  readonly value: string;
  /** The CVR that was written before it (`CVR:12345674-FID:18900001`). */
  readonly cvr?: string;
}

/**
 * FocesId as FMK has it, whatever a certificate tool or MedCom's form put around it: the UUID in lower case, or the
 * digits. Failures: `employee` for a person's certificate, `malformed` for a whole distinguished name and the like.
 */
export const normaliseFocesId = (text: string): Result<FocesId, 'malformed' | 'employee'> => {
  let rest = text.trim();
  const cvr = CVR_PREFIX.exec(rest)?.[1];
  rest = rest.replace(CVR_PREFIX, '').replace(/^(?:UID|FID):\s*/i, '');
  if (EMPLOYEE.test(rest)) return fail('employee');
  rest = rest.replace(/^UI:DK-O:G:\s*/i, '');
  // A distinguished name has `=` and `,`; an id has no white space and no further prefix.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(rest)) return fail('malformed');
  const value = UUID.test(rest) ? rest.toLowerCase() : rest;
  return ok({ value, ...(cvr === undefined ? {} : { cvr }) });
};

/** Search values of a FocesId, separated by commas, each with or without a system: as FMK has them. */
export const focesIdSearchValue = (value: string): string =>
  value.includes('\\')
    ? value
    : value
        .split(',')
        .map((one) => {
          const bar = one.indexOf('|') + 1;
          const read = normaliseFocesId(one.slice(bar));
          return read.ok ? one.slice(0, bar) + read.value.value : one;
        })
        .join(',');

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');

/**
 * CertHash as FMK's example has it: upper-case hexadecimal without separators. Undefined for what is neither SHA-1
 * (hexadecimal, or base64 of 20 bytes) nor SHA-256 in hexadecimal.
 */
export const normaliseCertHash = (
  text: string,
): { readonly value: string; readonly algorithm: 'SHA-1' | 'SHA-256' } | undefined => {
  const bare = text.replace(/[\s:]/g, '');
  if (/^[0-9a-f]{40}$/i.test(bare)) return { value: bare.toUpperCase(), algorithm: 'SHA-1' };
  if (/^[0-9a-f]{64}$/i.test(bare)) return { value: bare.toUpperCase(), algorithm: 'SHA-256' };
  const bytes = decodeBase64(text.trim());
  return bytes?.length === 20 ? { value: hex(bytes).toUpperCase(), algorithm: 'SHA-1' } : undefined;
};

/** A telephone number as FMK's pattern has it; undefined when more than separators must go. */
export const normalisePhone = (text: string): string | undefined => {
  const bare = text.replace(/[\s.\-()[\]/]/g, '').replace(/^00/, '+');
  return /^\+?[0-9]{3,20}$/.test(bare) ? bare : undefined;
};

/** What an entry of FMK's is recognised by: CVR, FocesId and CertHash, whatever the case they are written in. */
export const whitelistingKey = (cvr: string, focesId: string, certHash: string | undefined): string => {
  const id = normaliseFocesId(focesId);
  const hash = certHash === undefined ? undefined : normaliseCertHash(certHash);
  const parts = [
    cvr.trim(),
    id.ok ? id.value.value.toLowerCase() : focesId.trim().toLowerCase(),
    hash?.value ?? certHash?.trim().toUpperCase() ?? '',
  ];
  return parts.join('|');
};
