import {
  attribute,
  type Content,
  type Described,
  message,
  ownText,
  sequence,
  simple,
} from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText, type TextType, textLike, textUpTo, xsInteger } from '../../xml/codec-text.ts';
import type { FmkVersion } from './settings.ts';

/**
 * FMK's messages for FOCES whitelisting, as data. Source: FMK's schemas 1.6.0 (folder 2022/01/01), and for the
 * second generation 1.4.6-E6 what is public of it. The names are FMK's own.
 */

export const FMK_160 = 'http://fmk-teknik.dk/160';
export const FMK_146_E6 = 'http://www.dkma.dk/medicinecard/xml.schema/2015/06/01/E6';
/** The whitelisting header of the 1.4.x generations. */
export const SDSD = 'http://www.sdsd.dk/dgws/2012/06';

export const FMK_OPERATIONS = ['Create', 'Get', 'Delete'] as const;
export type FmkOperation = (typeof FMK_OPERATIONS)[number];

/** `Identifier/@source` of an organisation, in the schema's spelling. */
export const ORGANISATION_SOURCES = [
  'SKS',
  'Yder',
  'EAN-Lokationsnummer',
  'CVR',
  'CVR-P',
  'Kommunekode',
  'SOR',
  'Udenlandsk',
  'Udleveringssted',
] as const;

/** FMK's own pages write `EAN-lokationsnummer`, even broken over a line; the schema's spelling is what counts. */
export const organisationSource = (text: string): string => {
  const bare = text.replace(/\s+/g, '');
  return ORGANISATION_SOURCES.find((known) => known.toLowerCase() === bare.toLowerCase()) ?? text.trim();
};

const sourceText: TextType<string> = {
  expected: '1 to 200 characters',
  parse: (text) => {
    const source = organisationSource(text);
    return source.length >= 1 && source.length <= 200 ? source : undefined;
  },
  print: (source) => source,
};

const phoneNumber = textLike(/^\+?[0-9]{3,20}$/, 'a + or none, then 3 to 20 digits');

const email: TextType<string> = {
  expected: '6 to 256 characters',
  parse: (text) => (text.length >= 6 && text.length <= 256 ? text : undefined),
  print: (text) => text,
};

const nameText: TextType<string> = {
  expected: 'at most 200 characters',
  parse: (text) => (text.length <= 200 ? text : undefined),
  print: (text) => text,
};

const identified = (source: TextType<string>, most: number) =>
  sequence({ source: attribute('source', source), value: ownText(textUpTo(most)) });

/** Identifiers of health professionals have no longest length in the schema; no message needs more than this. */
const LONG = 1000;

interface Dialect {
  readonly namespace: string;
  /** The organisation's children in the order before the change of 2025-10-28. */
  readonly oldOrganisation: boolean;
  readonly focesIdLimit: number;
}

const DIALECTS: Readonly<Record<FmkVersion, Dialect>> = {
  '1.6.0-head': { namespace: FMK_160, oldOrganisation: false, focesIdLimit: 100 },
  '1.6.0-published': { namespace: FMK_160, oldOrganisation: false, focesIdLimit: 10 },
  '1.4.6-E6': { namespace: FMK_146_E6, oldOrganisation: true, focesIdLimit: 100 },
};

export interface Organisation {
  readonly Identifier: { readonly source: string; readonly value: string };
  readonly Type: string;
  readonly Name: string;
  readonly AddressLine: readonly string[];
  readonly TelephoneNumber?: string;
  readonly EmailAddress?: string;
}

const describeOrganisation = ({ namespace, oldOrganisation }: Dialect): Content<Organisation> => {
  const { one, many, optional } = inside({ uri: namespace, prefix: '' });
  const Identifier = one('Identifier', identified(sourceText, 200));
  const Type = one('Type', simple(textUpTo(100)));
  const rest = {
    Name: one('Name', simple(textUpTo(200))),
    AddressLine: many('AddressLine', simple(textUpTo(100))),
    TelephoneNumber: optional('TelephoneNumber', simple(phoneNumber)),
    EmailAddress: optional('EmailAddress', simple(email)),
  };
  return oldOrganisation ? sequence({ ...rest, Type, Identifier }) : sequence({ Identifier, Type, ...rest });
};

const describe = (dialect: Dialect) => {
  const vocabulary = { uri: dialect.namespace, prefix: '' };
  const { one, optional, many } = inside(vocabulary);

  const HealthcareProfessional = sequence({
    Identifier: optional('Identifier', identified(textUpTo(100), LONG)),
    Name: one('Name', simple(nameText)),
    Information: many(
      'Information',
      sequence({ type: attribute('type', textUpTo(100)), value: ownText(textUpTo(100)) }),
    ),
  });
  const Organisation = optional('Organisation', describeOrganisation(dialect));
  const Role = one('Role', simple(textUpTo(200)));
  const Modificator = sequence({
    // A choice of the first three in the schema; the reader holds it to exactly one.
    Person: optional(
      'Person',
      sequence({
        Patient: optional('Patient', simple(anyText)),
        PersonIdentifier: optional('PersonIdentifier', identified(textUpTo(200), 50)),
        Name: optional('Name', simple(textUpTo(130))),
      }),
    ),
    RoleSpecific: optional(
      'RoleSpecific',
      sequence({ Description: many('Description', simple(textUpTo(100)), 1) }),
    ),
    HealthcareProfessional: optional('HealthcareProfessional', HealthcareProfessional),
    Role,
    Organisation,
    AuthorisedBy: optional(
      'AuthorisedBy',
      sequence({
        HealthcareProfessional: one('HealthcareProfessional', HealthcareProfessional),
        Role,
        Organisation,
      }),
    ),
  });
  const OrganisationIdentifier = one('OrganisationIdentifier', identified(sourceText, 200));
  const whitelisting = sequence({
    OrganisationIdentifier,
    FocesId: one('FocesId', simple(textUpTo(dialect.focesIdLimit))),
    CertHash: optional('CertHash', simple(textUpTo(100))),
  });
  /** What is read, whoever wrote it: an entry of another length must not hide the others. */
  const entry = sequence({
    OrganisationIdentifier,
    FocesId: one('FocesId', simple(textUpTo(LONG))),
    CertHash: optional('CertHash', simple(textUpTo(LONG))),
  });
  const FocesWhitelisting = one('FocesWhitelisting', whitelisting);
  const answered = sequence({ FocesWhitelisting: one('FocesWhitelisting', entry) });
  return {
    CreateRequest: message(
      vocabulary,
      'CreateFocesWhitelistingRequest',
      sequence({ CreatedBy: one('CreatedBy', Modificator), FocesWhitelisting }),
    ),
    CreateResponse: message(vocabulary, 'CreateFocesWhitelistingResponse', answered),
    GetRequest: message(vocabulary, 'GetFocesWhitelistingsRequest', sequence({ OrganisationIdentifier })),
    GetResponse: message(
      vocabulary,
      'GetFocesWhitelistingsResponse',
      sequence({ FocesWhitelisting: many('FocesWhitelisting', entry) }),
    ),
    DeleteRequest: message(
      vocabulary,
      'DeleteFocesWhitelistingRequest',
      sequence({ ModifiedBy: one('ModifiedBy', Modificator), FocesWhitelisting }),
    ),
    DeleteResponse: message(vocabulary, 'DeleteFocesWhitelistingResponse', answered),
  };
};

export type FmkMessages = ReturnType<typeof describe>;
export type CreateRequest = Described<FmkMessages['CreateRequest']>;
export type DeleteRequest = Described<FmkMessages['DeleteRequest']>;
export type Modificator = CreateRequest['CreatedBy'];
export type FocesWhitelisting = CreateRequest['FocesWhitelisting'];
export type HealthcareProfessional = NonNullable<Modificator['HealthcareProfessional']>;

/** The messages of each version. */
export const FMK_MESSAGES: Readonly<Record<FmkVersion, FmkMessages>> = {
  '1.6.0-head': describe(DIALECTS['1.6.0-head']),
  '1.6.0-published': describe(DIALECTS['1.6.0-published']),
  '1.4.6-E6': describe(DIALECTS['1.4.6-E6']),
};

/** The namespace of a version's messages. */
export const namespaceOf = (version: FmkVersion): string => DIALECTS[version].namespace;

const LOCAL: Readonly<Record<FmkOperation, string>> = {
  Create: 'CreateFocesWhitelisting',
  Get: 'GetFocesWhitelistings',
  Delete: 'DeleteFocesWhitelisting',
};

/** The SOAPAction of an operation, without quotes. FMK joins namespace and operation by `#`. */
export const soapAction = (version: FmkVersion, operation: FmkOperation): string =>
  `${namespaceOf(version)}#${LOCAL[operation]}`;

/** The schema's rule that the codec's sequence cannot say: exactly one kind of person, at most five lines each. */
export const modificatorFault = (by: Modificator): string | undefined => {
  const kinds = [by.Person, by.RoleSpecific, by.HealthcareProfessional].filter((one) => one !== undefined);
  if (kinds.length !== 1) return 'exactly one of Person, RoleSpecific and HealthcareProfessional';
  if ((by.HealthcareProfessional?.Information.length ?? 0) > 5) return 'at most 5 Information';
  if ((by.Organisation?.AddressLine.length ?? 0) > 5) return 'at most 5 AddressLine';
  if ((by.RoleSpecific?.Description.length ?? 0) > 3) return 'at most 3 Description';
  return undefined;
};

const head = inside({ uri: FMK_160, prefix: '', also: [FMK_146_E6] });

/** Timing of a chain of systems, the inner-most first. */
export const TIMING_LIST = message(
  { uri: FMK_160, prefix: '', also: [FMK_146_E6] },
  'TimingList',
  sequence({
    Timing: head.many(
      'Timing',
      sequence({
        SystemName: head.one('SystemName', simple(textUpTo(200))),
        ServiceName: head.one('ServiceName', simple(textUpTo(200))),
        TimeInMilliseconds: head.one('TimeInMilliseconds', simple(xsInteger)),
      }),
    ),
  }),
);
