import type { Basic } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import {
  acceptedFrom,
  isRelation,
  MINIMUM_RELATIONS,
  type MinimumRelation,
  minimumOf,
  type Relation,
} from '../relations.ts';
import type { BrsSettings } from '../settings.ts';
import { BRS_RELATION, INPUT } from './codes.ts';
import { extensionAt, extensionsAt, type Placed, valueIn } from './extensions.ts';
import { finding } from './findings.ts';

/** What evidence is enough, as both generations are told it. */
export interface WantedRelations {
  readonly minimum: MinimumRelation;
  readonly accepted: readonly Relation[];
}

const codeIn = (placed: Placed, issues: Issue[]): MinimumRelation | undefined => {
  const coding = valueIn(placed, 'valueCoding', issues);
  if (coding === undefined) return undefined;
  const code = MINIMUM_RELATIONS.find((one) => coding.system === BRS_RELATION && one === coding.code);
  if (code === undefined) {
    const why = `The category must be one of ${MINIMUM_RELATIONS.join(', ')} of ${BRS_RELATION}.`;
    issues.push(finding('relation-unknown', `${placed.path}.value`, why));
  }
  return code;
};

const judgeBPlus = (code: string | undefined, path: string, bPlus: boolean, issues: Issue[]): void => {
  if (code !== 'B+' || bPlus) return;
  const why = 'The BRS that is configured does not know the category B+.';
  issues.push(finding('relation-not-offered', `${path}.value`, why));
};

const fromList = (list: readonly Placed[], settings: BrsSettings, issues: Issue[]): WantedRelations => {
  const codes = list.flatMap((placed) => {
    const code = codeIn(placed, issues);
    judgeBPlus(code, placed.path, settings.bPlus, issues);
    if (code === 'ANY') {
      const why = 'ANY is a minimum; a list names categories from A+ to E.';
      issues.push(finding('relation-unknown', `${placed.path}.value`, why));
    }
    return code !== undefined && isRelation(code) ? [code] : [];
  });
  const accepted = [...new Set(codes)];
  const minimum = minimumOf(accepted, settings.bPlus);
  if (minimum === undefined && accepted.length > 0 && settings.generation === 'v2') {
    const why =
      'The list of categories has a hole. The BRS that is configured takes a minimum only, by which the list would be widened.';
    issues.push(finding('relation-hole', 'Basic.extension', why));
  }
  return { minimum: minimum ?? 'ANY', accepted };
};

/** The minimum, or the list of categories; exactly one of the two, unless they say the same. */
export const readRelations = (
  basic: Basic,
  settings: BrsSettings,
  issues: Issue[],
): WantedRelations | undefined => {
  const placed = extensionAt(basic, INPUT.minimum, issues);
  const list = extensionsAt(basic, INPUT.acceptable);
  if (placed === undefined && list.length === 0) {
    const why = 'The evidence that is enough is missing (extension minimum-acceptable-relation).';
    issues.push(finding('relation-missing', 'Basic.extension', why));
    return undefined;
  }
  const listed = list.length === 0 ? undefined : fromList(list, settings, issues);
  if (placed === undefined) return listed;
  const minimum = codeIn(placed, issues);
  judgeBPlus(minimum, placed.path, settings.bPlus, issues);
  if (minimum === undefined) return undefined;
  const known = (one: Relation) => settings.bPlus || one !== 'B+';
  const accepted = acceptedFrom(minimum).filter(known);
  if (listed !== undefined && accepted.join() !== acceptedOrder(listed.accepted).join()) {
    const why = 'The minimum and the list of categories say different things.';
    issues.push(finding('relation-contradiction', placed.path, why));
  }
  return { minimum, accepted };
};

const acceptedOrder = (list: readonly Relation[]): readonly Relation[] =>
  acceptedFrom('ANY').filter((one) => list.includes(one));
