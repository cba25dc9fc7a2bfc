import type { NameAttribute } from '../../xml/certificate.ts';

/** Object identifiers of X.520 that the Nordic certificate policies use. */
const SERIAL_NUMBER = '2.5.4.5';
const ORGANIZATION_IDENTIFIER = '2.5.4.97';
const ORGANIZATION = '2.5.4.10';
const COMMON_NAME = '2.5.4.3';
const COUNTRY = '2.5.4.6';

/** What is amiss with a subject, besides what is simply not there. */
export type SubjectFault =
  /** `NTRDK-` or `CVR:` with other than eight digits; nothing is padded. */
  | 'cvr-malformed'
  /** Two CVR numbers that differ. */
  | 'cvr-contradiction'
  | 'foces-id-malformed'
  /** An employee's certificate: it names a person, not a system. */
  | 'employee'
  /** An HSA-id with a 12-digit organisation number. */
  | 'hsa-id-legacy'
  /** Not of the form of an HSA-id, though it stands where one should. */
  | 'hsa-id-unclean';

/** What a certificate's subject says. Read by object identifier: printed names vary by tool and version. */
export interface CertificateSubject {
  readonly generation: 'OCES3' | 'OCES2' | 'SITHS' | 'unknown';
  /** Danish company number, 8 digits. */
  readonly cvr?: string;
  /** The certificate's own id as FMK knows it: UUID in lower case (OCES3) or digits (OCES2). */
  readonly focesId?: string;
  /** Swedish HSA-id, as it stands in the certificate. */
  readonly hsaId?: string;
  readonly commonName?: string;
  readonly organization?: string;
  readonly faults: readonly SubjectFault[];
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** `UI:DK-O:G:<uuid>`: O an organisation's system, E an employee. MedCom writes stray spaces. */
const OCES3_ID = new RegExp(`UI:DK-([A-Z]):G:\\s*(${UUID})\\s*$`, 'i');
const OCES3_START = /UI:DK-([A-Z]):/i;
/** `CVR:12345674-FID:18900001`: FID a function, UID a company, RID an employee. */
const OCES2_ID = /^\s*CVR:(\d*)-(FID|UID|RID):\s*(\d+)\s*$/i;
const CVR_PREFIX = /^\s*CVR:([^-]*)-/i;
const NTRDK = /^\s*NTRDK-(.*?)\s*$/i;
const EIGHT_DIGITS = /^\d{8}$/;

const HSA_ID = /^SE\d{10}-[A-Za-z0-9]+$/i;
const HSA_ID_LEGACY = /^SE16\d{10}-[A-Za-z0-9]+$/i;
const HSA_MAX = 31;
/** Longer, or with control characters, it is no identifier of anything. */
const HSA_READABLE = /^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u;

const attributeValue = (subject: readonly NameAttribute[], type: string): string | undefined =>
  subject.find((attribute) => attribute.type === type)?.value.trim();

const text = (name: 'commonName' | 'organization', value: string | undefined) =>
  value === undefined || value === '' ? {} : { [name]: value };

interface Danish {
  readonly generation: 'OCES3' | 'OCES2';
  readonly cvr?: string;
  readonly focesId?: string;
  readonly faults: readonly SubjectFault[];
}

const cvrOf = (candidates: readonly (string | undefined)[]): Pick<Danish, 'cvr' | 'faults'> => {
  const given = new Set(candidates.filter((one) => one !== undefined));
  const [cvr] = given;
  if (cvr === undefined) return { faults: [] };
  if (![...given].every((one) => EIGHT_DIGITS.test(one))) return { faults: ['cvr-malformed'] };
  return given.size > 1 ? { faults: ['cvr-contradiction'] } : { cvr, faults: [] };
};

const oces3 = (serial: string, organizationId: string | undefined): Danish => {
  const [, kind, uuid] = OCES3_ID.exec(serial) ?? [];
  const letter = kind ?? OCES3_START.exec(serial)?.[1];
  const { faults, ...cvr } = cvrOf([
    organizationId === undefined ? undefined : NTRDK.exec(organizationId)?.[1],
    CVR_PREFIX.exec(serial)?.[1],
  ]);
  return {
    generation: 'OCES3',
    ...cvr,
    ...(uuid === undefined ? {} : { focesId: uuid.toLowerCase() }),
    faults: [
      ...faults,
      ...(uuid === undefined ? (['foces-id-malformed'] as const) : []),
      ...(letter?.toUpperCase() === 'E' ? (['employee'] as const) : []),
    ],
  };
};

const oces2 = (serial: string, organization: string | undefined): Danish => {
  const [, serialCvr, kind, digits] = OCES2_ID.exec(serial) ?? [];
  const { faults, ...cvr } = cvrOf([serialCvr, /\/\/ *CVR:([^ ]*) *$/i.exec(organization ?? '')?.[1]]);
  return {
    generation: 'OCES2',
    ...cvr,
    ...(digits === undefined ? {} : { focesId: digits }),
    faults: [...faults, ...(kind?.toUpperCase() === 'RID' ? (['employee'] as const) : [])],
  };
};

const hsaFaults = (hsaId: string): readonly SubjectFault[] => {
  if (HSA_ID_LEGACY.test(hsaId) && hsaId.length <= HSA_MAX) return ['hsa-id-legacy'];
  return HSA_ID.test(hsaId) && hsaId.length <= HSA_MAX ? [] : ['hsa-id-unclean'];
};

const siths = (serial: string | undefined): Pick<CertificateSubject, 'generation' | 'hsaId' | 'faults'> => {
  // Certificates in use are not clean: warn, and refuse only what cannot be an identifier at all.
  if (serial === undefined || !HSA_READABLE.test(serial) || !/SE\d/i.test(serial)) {
    return { generation: 'unknown', faults: [] };
  }
  return { generation: 'SITHS', hsaId: serial, faults: hsaFaults(serial) };
};

/** Reads the subject of an OCES2, OCES3 or SITHS certificate; another one has the generation `unknown`. */
export const readSubject = (subject: readonly NameAttribute[]): CertificateSubject => {
  const serial = attributeValue(subject, SERIAL_NUMBER);
  const organizationId = attributeValue(subject, ORGANIZATION_IDENTIFIER);
  const organization = attributeValue(subject, ORGANIZATION);
  const named = {
    ...text('commonName', attributeValue(subject, COMMON_NAME)),
    ...text('organization', organization?.replace(/ *\/\/ *CVR:[^ ]* *$/i, '')),
  };
  if (OCES3_START.test(serial ?? '') || NTRDK.test(organizationId ?? '')) {
    return { ...oces3(serial ?? '', organizationId), ...named };
  }
  if (OCES2_ID.test(serial ?? '')) return { ...oces2(serial ?? '', organization), ...named };
  const swedish = attributeValue(subject, COUNTRY)?.toUpperCase() === 'SE' || /SE\d{10}/i.test(serial ?? '');
  return { ...(swedish ? siths(serial) : { generation: 'unknown', faults: [] }), ...named };
};
