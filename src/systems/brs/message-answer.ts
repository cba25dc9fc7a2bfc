import { ok, type Result } from '../../result.ts';
import {
  attribute,
  type CodecFault,
  type Described,
  message,
  type Read,
  sequence,
  simple,
} from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { textUpTo, xsBoolean } from '../../xml/codec-text.ts';
import { elementsOf, type XmlElement } from '../../xml/tree.ts';
import { brsVocabulary, V2_RESPONSE_NAMESPACE } from './message-names.ts';

const RESPONSE = 'treatmentRelationResponseBody';

/** An answer, of either generation. */
export interface BrsAnswer {
  readonly sufficientRelation: boolean;
  /** At least one; codes as they came, which may be ones that are not documented. */
  readonly actualRelations: readonly string[];
  readonly bySource?: readonly { readonly source: string; readonly relation: string }[];
  readonly followupOrdered: boolean;
  readonly uniqueReferenceId: string;
  readonly externalReferenceId?: string;
}

const code = simple(textUpTo(20));

/** `<ActualRelations><Relation>…` of today. */
const answerWithList = (uri: string) => {
  const { one, optional, many } = inside(brsVocabulary(uri));
  return sequence({
    sufficientRelation: one('SufficientRelation', simple(xsBoolean)),
    actual: one('ActualRelations', sequence({ relations: many('Relation', code, 1) })),
    bySource: optional('RelationsBySources', sourcesIn(uri)),
    followupOrdered: one('FollowupOrdered', simple(xsBoolean)),
    uniqueReferenceId: one('UniqueReferenceId', simple(textUpTo(100))),
    externalReferenceId: optional('ExternalReferenceId', simple(textUpTo(100))),
  });
};

const sourcesIn = (uri: string) => {
  const { one, many } = inside(brsVocabulary(uri));
  return sequence({
    sources: many(
      'RelationBySource',
      sequence({ source: one('Source', simple(textUpTo(60))), relation: one('Relation', code) }),
    ),
  });
};

/** `<ActualRelation Relation="…"/>` of an older document. */
const answerWithAttribute = (uri: string) => {
  const { one, optional } = inside(brsVocabulary(uri));
  return sequence({
    sufficientRelation: one('SufficientRelation', simple(xsBoolean)),
    actual: one('ActualRelation', sequence({ relation: attribute('Relation', textUpTo(20)) })),
    bySource: optional('RelationsBySources', sourcesIn(uri)),
    followupOrdered: one('FollowupOrdered', simple(xsBoolean)),
    uniqueReferenceId: one('UniqueReferenceId', simple(textUpTo(100))),
    externalReferenceId: optional('ExternalReferenceId', simple(textUpTo(100))),
  });
};

/** The answer with the list, in this namespace; all of BRS's are read. */
export const brsResponse = (uri: string) => message(brsVocabulary(uri), RESPONSE, answerWithList(uri));
/** The older form, with an attribute. */
export const oldBrsResponse = (uri: string) =>
  message(brsVocabulary(uri), RESPONSE, answerWithAttribute(uri));

const LIST = brsResponse(V2_RESPONSE_NAMESPACE);
const ATTRIBUTE = oldBrsResponse(V2_RESPONSE_NAMESPACE);

type Form = Described<typeof LIST> | Described<typeof ATTRIBUTE>;

const answerOf = (form: Form): BrsAnswer => {
  const { sufficientRelation, actual, bySource, followupOrdered, uniqueReferenceId, externalReferenceId } =
    form;
  return {
    sufficientRelation,
    actualRelations: 'relations' in actual ? actual.relations : [actual.relation],
    ...(bySource === undefined ? {} : { bySource: bySource.sources }),
    followupOrdered,
    uniqueReferenceId,
    ...(externalReferenceId === undefined ? {} : { externalReferenceId }),
  };
};

/** Reads an answer of either generation, in any of BRS's namespaces, with the list or the attribute. */
export const readAnswer = (body: XmlElement): Result<Read<BrsAnswer>, readonly CodecFault[]> => {
  const isOld = elementsOf(body).some(({ local }) => local === 'ActualRelation');
  const read = (isOld ? ATTRIBUTE : LIST).read(body);
  return read.ok ? ok({ value: answerOf(read.value.value), left: read.value.left }) : read;
};

/** An answer as an element, in the given form. */
export const writeAnswer = (
  answer: BrsAnswer,
  form: { readonly uri: string; readonly actual: 'list' | 'attribute' },
): XmlElement => {
  const { actualRelations, bySource, ...rest } = answer;
  const sources = bySource === undefined ? {} : { bySource: { sources: bySource } };
  return form.actual === 'list'
    ? brsResponse(form.uri).write({ ...rest, ...sources, actual: { relations: actualRelations } })
    : oldBrsResponse(form.uri).write({
        ...rest,
        ...sources,
        actual: { relation: actualRelations[0] ?? 'E' },
      });
};
