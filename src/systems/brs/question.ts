import { fail, ok, type Result } from '../../result.ts';
import type { CodecFault } from '../../xml/codec.ts';
import { elementsOf, type XmlElement } from '../../xml/tree.ts';
import type { JsonValue } from '../system.ts';
import { v1Request, v2Request } from './message.ts';
import { ORGANISATION_KINDS, type OrganisationKind, V1_NAMESPACE } from './message-names.ts';
import {
  acceptedFrom,
  isRelation,
  MINIMUM_RELATIONS,
  type MinimumRelation,
  type Relation,
} from './relations.ts';
import type { BrsSettings, Generation } from './settings.ts';

/** A question to BRS, free of its generations; JSON, so that it survives the journal. */
export interface BrsQuestion {
  readonly organisation: { readonly kind: OrganisationKind; readonly value: string };
  readonly patientCpr: string;
  readonly healthProfessionalCpr: string;
  /** Danish time with offset, whole seconds. */
  readonly start: string;
  readonly end: string;
  /** What v2 is told. */
  readonly minimum: MinimumRelation;
  /** What v1 is told; the same as `minimum` says unless the target is v1. */
  readonly accepted: readonly Relation[];
  readonly timeLimit: string;
  readonly externalReferenceId: string;
  readonly queryableCvr: string;
  readonly followup: boolean;
  /** May be empty. */
  readonly authorisationIdentifier: string;
  readonly includeAllRelations: boolean;
}

/** The question as JSON for the journal. */
export const questionToJson = (question: BrsQuestion): JsonValue => ({
  ...question,
  organisation: { ...question.organisation },
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TEXTS = [
  'patientCpr',
  'healthProfessionalCpr',
  'start',
  'end',
  'timeLimit',
  'externalReferenceId',
  'queryableCvr',
  'authorisationIdentifier',
] as const;

/** Reads back what `questionToJson` wrote; undefined for anything else. */
export const questionFromJson = (json: JsonValue): BrsQuestion | undefined => {
  if (!isObject(json) || !isObject(json['organisation']) || !Array.isArray(json['accepted']))
    return undefined;
  const { kind: kindText, value } = json['organisation'];
  const kind = ORGANISATION_KINDS.find((one) => one === kindText);
  const minimum = MINIMUM_RELATIONS.find((one) => one === json['minimum']);
  const accepted = json['accepted'].filter(
    (one): one is Relation => typeof one === 'string' && isRelation(one),
  );
  const { followup, includeAllRelations } = json;
  if (kind === undefined || typeof value !== 'string' || minimum === undefined) return undefined;
  if (typeof followup !== 'boolean' || typeof includeAllRelations !== 'boolean') return undefined;
  const text = (key: (typeof TEXTS)[number]): string => (typeof json[key] === 'string' ? json[key] : '');
  if (TEXTS.some((key) => typeof json[key] !== 'string')) return undefined;
  return {
    organisation: { kind, value },
    patientCpr: text('patientCpr'),
    healthProfessionalCpr: text('healthProfessionalCpr'),
    start: text('start'),
    end: text('end'),
    minimum,
    accepted,
    timeLimit: text('timeLimit'),
    externalReferenceId: text('externalReferenceId'),
    queryableCvr: text('queryableCvr'),
    followup,
    authorisationIdentifier: text('authorisationIdentifier'),
    includeAllRelations,
  };
};

type Form = Pick<
  BrsSettings,
  'generation' | 'organisationNames' | 'requestNamespace' | 'serviceProvider' | 'bPlus'
>;

/** The body of a question, in the configured generation. */
export const writeQuestion = (question: BrsQuestion, form: Form): XmlElement => {
  const { start, end, minimum, accepted, followup, includeAllRelations, ...rest } = question;
  const common = { ...rest, interval: { start, end }, serviceProvider: form.serviceProvider };
  return form.generation === 'v2'
    ? v2Request(form).write({ ...common, minimum, followup, includeAllRelations })
    : v1Request(form).write({
        ...common,
        acceptable: { relations: accepted },
        ...(followup ? { followups: { all: 'All' } } : {}),
      });
};

/** A question as a service reads it; what a client may leave out may be missing. */
export type AskedQuestion = Omit<BrsQuestion, 'externalReferenceId'> & {
  readonly generation: Generation;
  readonly externalReferenceId?: string;
};

/** What tells the generations apart; without either, the namespace does. */
const isOlder = (body: XmlElement): boolean => {
  const names = new Set(elementsOf(body).map(({ local }) => local));
  if (names.has('MinimumAcceptableRelation')) return false;
  return names.has('AcceptableRelations') || body.namespace === V1_NAMESPACE;
};

/** Reads a question strictly: by the schema's order, with nothing that is not in it. */
export const readQuestion = (
  body: XmlElement,
  form: Pick<Form, 'organisationNames' | 'requestNamespace'>,
): Result<AskedQuestion, readonly CodecFault[]> => {
  const strict = { unknown: 'refuse', order: 'strict' } as const;
  if (!isOlder(body)) {
    const read = v2Request(form).read(body, strict);
    if (!read.ok) return fail(read.failure);
    const { interval, serviceProvider: _logged, includeAllRelations = false, ...rest } = read.value.value;
    return ok({
      ...rest,
      ...interval,
      generation: 'v2',
      accepted: acceptedFrom(rest.minimum),
      includeAllRelations,
    });
  }
  const read = v1Request(form).read(body, strict);
  if (!read.ok) return fail(read.failure);
  const { interval, serviceProvider: _logged, acceptable, followups, ...rest } = read.value.value;
  return ok({
    ...rest,
    ...interval,
    generation: 'v1',
    minimum: 'ANY',
    accepted: acceptable.relations,
    followup: followups !== undefined,
    includeAllRelations: false,
  });
};
