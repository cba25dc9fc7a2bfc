import { message, sequence, simple } from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText, oneOf, textLike, textUpTo, xsBoolean, xsDateTime } from '../../xml/codec-text.ts';
import {
  brsVocabulary,
  type OrganisationChildNames,
  type OrganisationKind,
  V1_NAMESPACE,
  V2_REQUEST_NAMESPACE,
} from './message-names.ts';
import { MINIMUM_RELATIONS, RELATIONS } from './relations.ts';

/** The OIO schema's form: a day that may exist, or ten zeros. No check digits. */
export const CPR =
  /^(?:(?:(?:(?:0[1-9]|1\d|2\d|3[01])(?:01|03|05|07|08|10|12))|(?:(?:0[1-9]|1\d|2\d|30)(?:04|06|09|11))|(?:(?:0[1-9]|1\d|2\d)02))\d{6}|0000000000)$/;

const cpr = simple(textLike(CPR, 'ten digits that begin with a day (CPR)'));
const cvr = simple(textLike(/^\d{8}$/, '8 digits (CVR)'));
const dateTime = simple(xsDateTime);
const text = simple(anyText);

/** What each kind of organisation identifier looks like to BRS. */
export const ORGANISATION_FORMS: Readonly<Record<OrganisationKind, RegExp>> = {
  yder: /^.{1,6}$/,
  // One code, or a list of codes each of which is a prefix of the next longer one.
  sks: /^[0-9A-Za-z]+(?:,[0-9A-Za-z]+)*$/,
  gln: /^(?:\d{13}|0)$/,
  sor: /^\d{1,19}$/,
};

const SKS_LENGTHS = new Set([4, 6, 7]);

/** The SKS codes of a value, longest first; undefined when a length is wrong or the hierarchy is broken. */
export const sksCodes = (value: string): readonly string[] | undefined => {
  if (!ORGANISATION_FORMS.sks.test(value)) return undefined;
  const codes = value.split(',').toSorted((left, right) => right.length - left.length);
  const nested = codes.every((code, at) => at === 0 || codes[at - 1]?.startsWith(code) === true);
  return nested && codes.every((code) => SKS_LENGTHS.has(code.length)) ? codes : undefined;
};

/** Whether a value has the form that BRS demands of its kind. */
export const isOrganisationValue = (kind: OrganisationKind, value: string): boolean =>
  kind === 'sks' ? sksCodes(value) !== undefined : ORGANISATION_FORMS[kind].test(value);

/** What the messages depend on. */
export interface MessageForm {
  readonly organisationNames: OrganisationChildNames;
  /** Namespace of requests; the documented one unless given. */
  readonly requestNamespace?: string | undefined;
}

const intervalIn = (uri: string) => {
  const { one } = inside(brsVocabulary(uri));
  return sequence({ start: one('start', dateTime), end: one('end', dateTime) });
};

const providerIn = (uri: string) => {
  const { one } = inside(brsVocabulary(uri));
  return sequence({ name: one('Name', text), version: one('Version', text), vendor: one('Vendor', text) });
};

const organisationIn = (uri: string, names: OrganisationChildNames) =>
  inside(brsVocabulary(uri)).choice<OrganisationKind, string>(names, text);

const REQUEST = 'treatmentRelationRequestBody';

/** The question of 2022/03/14: a minimum, in the order of its example. */
export const v2Request = ({ organisationNames, requestNamespace = V2_REQUEST_NAMESPACE }: MessageForm) => {
  const vocabulary = brsVocabulary(requestNamespace);
  const { one, optional } = inside(vocabulary);
  return message(
    vocabulary,
    REQUEST,
    sequence({
      organisation: one('OrganisationIdentifier', organisationIn(requestNamespace, organisationNames)),
      patientCpr: one('PatientCpr', cpr),
      healthProfessionalCpr: one('HealthProfessionalCpr', cpr),
      interval: one('RelationLookupTimeInterval', intervalIn(requestNamespace)),
      minimum: one('MinimumAcceptableRelation', simple(oneOf(MINIMUM_RELATIONS))),
      timeLimit: one('TimeLimit', dateTime),
      externalReferenceId: optional('ExternalReferenceId', simple(textUpTo(50))),
      queryableCvr: one('QueryableCvr', cvr),
      followup: one('Followup', simple(xsBoolean)),
      authorisationIdentifier: one('AuthorisationIdentifier', text),
      serviceProvider: one('ServiceProvider', providerIn(requestNamespace)),
      includeAllRelations: optional('IncludeAllRelations', simple(xsBoolean)),
    }),
  );
};

/** The question of 2011: a list, and follow-ups for all or (in a form not known) not. */
export const v1Request = ({ organisationNames, requestNamespace = V1_NAMESPACE }: MessageForm) => {
  const vocabulary = brsVocabulary(requestNamespace);
  const { one, optional, many } = inside(vocabulary);
  return message(
    vocabulary,
    REQUEST,
    sequence({
      organisation: one('OrganisationIdentifier', organisationIn(requestNamespace, organisationNames)),
      patientCpr: one('PatientCpr', cpr),
      healthProfessionalCpr: one('HealthProfessionalCpr', cpr),
      interval: one('RelationLookupTimeInterval', intervalIn(requestNamespace)),
      timeLimit: one('TimeLimit', dateTime),
      externalReferenceId: optional('ExternalReferenceId', simple(textUpTo(50))),
      queryableCvr: one('QueryableCvr', cvr),
      acceptable: one(
        'AcceptableRelations',
        sequence({ relations: many('Relation', simple(oneOf(RELATIONS)), 1) }),
      ),
      followups: optional(
        'FollowupRelations',
        sequence({ all: one('All', simple(textLike(/^(?:All)?$/, 'All'))) }),
      ),
      authorisationIdentifier: one('AuthorisationIdentifier', text),
      serviceProvider: one('ServiceProvider', providerIn(requestNamespace)),
    }),
  );
};
