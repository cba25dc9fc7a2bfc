import { fail, ok, type Result } from '../../result.ts';
import {
  attribute,
  type CodecFault,
  type Described,
  message,
  optionalAttribute,
  ownText,
  sequence,
  simple,
} from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText, oneOf, textLike, textUpTo, xsInstant } from '../../xml/codec-text.ts';
import type { XmlElement } from '../../xml/tree.ts';
import { DS, SAML } from './message-names.ts';

/** The id of every ID card, and of the signature in it. */
export const CARD_ID = 'IDCard';
export const SIGNATURE_ID = 'OCESSignature';

const HOLDER_OF_KEY = 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key';

/** What kind of name an identifier is (medcom:… of DGWS's schema). */
export const NAME_FORMATS = [
  'medcom:cprnumber',
  'medcom:ynumber',
  'medcom:pnumber',
  'medcom:skscode',
  'medcom:cvrnumber',
  'medcom:communalnumber',
  'medcom:locationnumber',
  'medcom:itsystemname',
  'medcom:other',
] as const;

export type NameFormat = (typeof NAME_FORMATS)[number];

/** The person of a user card. */
export interface CardUser {
  readonly cpr?: string;
  readonly givenName: string;
  readonly surName: string;
  readonly emailAddress?: string;
  readonly role: string;
  readonly occupation?: string;
  readonly authorizationCode?: string;
}

/** A SOSI ID card: the SAML assertion that DGWS calls are made with. */
export interface IdCard {
  readonly issuer: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly issueInstant: number;
  readonly nameId: { readonly format: NameFormat; readonly value: string };
  readonly notBefore: number;
  /** Exclusive. */
  readonly notOnOrAfter: number;
  readonly id: string;
  readonly version: '1.0' | '1.0.1';
  readonly type: 'system' | 'user';
  /** 3: a system's certificate (VOCES, FOCES); 4: an employee's (MOCES). Lower ones have no certificate. */
  readonly level: 1 | 2 | 3 | 4 | 5;
  /** Base64 of the hash of the holder's certificate (DER): SHA-1 or SHA-256, by its length. */
  readonly certHash?: string;
  /** On user cards only. */
  readonly user?: CardUser;
  readonly system: {
    readonly name: string;
    readonly careProviderId: { readonly format: NameFormat; readonly value: string };
    readonly careProviderName: string;
  };
}

const saml = inside(SAML);
const ds = inside(DS);
const text = simple(anyText);

const ATTRIBUTE = sequence({
  name: attribute('Name', textUpTo(100)),
  format: optionalAttribute('NameFormat', oneOf(NAME_FORMATS)),
  value: saml.one('AttributeValue', text),
});

const STATEMENT = sequence({
  id: attribute('id', oneOf(['IDCardData', 'UserLog', 'SystemLog'])),
  attributes: saml.many('Attribute', ATTRIBUTE, 1),
});

const ASSERTION = message(
  SAML,
  'Assertion',
  sequence({
    issueInstant: attribute('IssueInstant', xsInstant),
    version: attribute('Version', textLike(/^2\.0$/, '2.0')),
    id: attribute('id', textLike(/^IDCard$/, CARD_ID)),
    issuer: saml.one('Issuer', simple(textUpTo(200))),
    subject: saml.one(
      'Subject',
      sequence({
        nameId: saml.one(
          'NameID',
          sequence({ format: attribute('Format', oneOf(NAME_FORMATS)), value: ownText(textUpTo(2000)) }),
        ),
        confirmation: saml.one(
          'SubjectConfirmation',
          sequence({
            method: saml.one('ConfirmationMethod', simple(oneOf([HOLDER_OF_KEY]))),
            data: saml.one(
              'SubjectConfirmationData',
              sequence({
                keyInfo: ds.optional('KeyInfo', sequence({ keyName: ds.one('KeyName', text) })),
              }),
            ),
          }),
        ),
      }),
    ),
    conditions: saml.one(
      'Conditions',
      sequence({
        notBefore: attribute('NotBefore', xsInstant),
        notOnOrAfter: attribute('NotOnOrAfter', xsInstant),
      }),
    ),
    statements: saml.many('AttributeStatement', STATEMENT, 2),
  }),
);

type Assertion = Described<typeof ASSERTION>;
type Statement = Described<typeof STATEMENT>;
type Attribute = Described<typeof ATTRIBUTE>;

const named = (name: string, value: string | undefined, format?: NameFormat): readonly Attribute[] =>
  value === undefined ? [] : [{ name, value, ...(format === undefined ? {} : { format }) }];

const statementsOf = ({ id, version, type, level, certHash, user, system }: IdCard): readonly Statement[] => [
  {
    id: 'IDCardData',
    attributes: [
      ...named('sosi:IDCardID', id),
      ...named('sosi:IDCardVersion', version),
      ...named('sosi:IDCardType', type),
      ...named('sosi:AuthenticationLevel', String(level)),
      ...named('sosi:OCESCertHash', certHash),
    ],
  },
  ...(user === undefined
    ? []
    : [
        {
          id: 'UserLog' as const,
          attributes: [
            ...named('medcom:UserCivilRegistrationNumber', user.cpr),
            ...named('medcom:UserGivenName', user.givenName),
            ...named('medcom:UserSurName', user.surName),
            ...named('medcom:UserEmailAddress', user.emailAddress),
            ...named('medcom:UserRole', user.role),
            ...named('medcom:UserOccupation', user.occupation),
            ...named('medcom:UserAuthorizationCode', user.authorizationCode),
          ],
        },
      ]),
  {
    id: 'SystemLog',
    attributes: [
      ...named('medcom:ITSystemName', system.name),
      ...named('medcom:CareProviderID', system.careProviderId.value, system.careProviderId.format),
      ...named('medcom:CareProviderName', system.careProviderName),
    ],
  },
];

/** The assertion of a card, without a signature. */
export const writeCard = (card: IdCard): XmlElement =>
  ASSERTION.write({
    issueInstant: card.issueInstant,
    version: '2.0',
    id: CARD_ID,
    issuer: card.issuer,
    subject: {
      nameId: card.nameId,
      confirmation: { method: HOLDER_OF_KEY, data: { keyInfo: { keyName: SIGNATURE_ID } } },
    },
    conditions: { notBefore: card.notBefore, notOnOrAfter: card.notOnOrAfter },
    statements: statementsOf(card),
  });

/** The values of the statements by name; undefined when a name or a statement is there twice. */
const valuesOf = ({ statements }: Assertion): ReadonlyMap<string, Attribute> | undefined => {
  const all = statements.flatMap(({ attributes }) => attributes);
  const byName = new Map(all.map((one) => [one.name, one] as const));
  const ids = new Set(statements.map(({ id }) => id));
  return byName.size === all.length && ids.size === statements.length ? byName : undefined;
};

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });

const LEVELS = ['1', '2', '3', '4', '5'] as const;

const faulty = (name: string, expected: string): Result<never, readonly CodecFault[]> =>
  fail([{ path: `/Assertion/AttributeStatement/Attribute[@Name='${name}']`, kind: 'value', expected }]);

const userOf = (values: ReadonlyMap<string, Attribute>): CardUser => {
  const value = (name: string) => values.get(`medcom:${name}`)?.value;
  return {
    ...optional('cpr', value('UserCivilRegistrationNumber')),
    givenName: value('UserGivenName') ?? '',
    surName: value('UserSurName') ?? '',
    ...optional('emailAddress', value('UserEmailAddress')),
    role: value('UserRole') ?? '',
    ...optional('occupation', value('UserOccupation')),
    ...optional('authorizationCode', value('UserAuthorizationCode')),
  };
};

/**
 * Reads a card from its assertion. Nothing is verified: go through `verifyCard` for anything that came from
 * outside.
 */
export const readCard = (element: XmlElement): Result<IdCard, readonly CodecFault[]> => {
  const read = ASSERTION.read(element);
  if (!read.ok) return read;
  const assertion = read.value.value;
  const values = valuesOf(assertion);
  if (values === undefined) return faulty('*', 'each attribute and statement once');
  const value = (name: string) => values.get(name)?.value;
  const type = (['system', 'user'] as const).find((one) => one === value('sosi:IDCardType'));
  if (type === undefined) return faulty('sosi:IDCardType', 'system or user');
  const version = (['1.0', '1.0.1'] as const).find((one) => one === value('sosi:IDCardVersion'));
  if (version === undefined) return faulty('sosi:IDCardVersion', '1.0 or 1.0.1');
  const level = LEVELS.find((one) => one === value('sosi:AuthenticationLevel'));
  if (level === undefined) return faulty('sosi:AuthenticationLevel', '1 to 5');
  const hasUser = assertion.statements.some(({ id }) => id === 'UserLog');
  if (hasUser !== (type === 'user')) return faulty('sosi:IDCardType', 'a UserLog on user cards only');
  const careProvider = values.get('medcom:CareProviderID');
  const { format } = careProvider ?? {};
  if (careProvider === undefined || format === undefined) {
    return faulty('medcom:CareProviderID', 'an identifier with its NameFormat');
  }
  const { conditions, subject } = assertion;
  return ok({
    issuer: assertion.issuer,
    issueInstant: assertion.issueInstant,
    nameId: subject.nameId,
    ...conditions,
    id: value('sosi:IDCardID') ?? '',
    version,
    type,
    level: LEVEL_NUMBERS[level],
    ...optional('certHash', value('sosi:OCESCertHash')),
    ...(type === 'user' ? { user: userOf(values) } : {}),
    system: {
      name: value('medcom:ITSystemName') ?? '',
      careProviderId: { format, value: careProvider.value },
      careProviderName: value('medcom:CareProviderName') ?? '',
    },
  });
};

const LEVEL_NUMBERS = { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 } as const;
