import type { Coding, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { fold } from '../search/fold.ts';
import type { Concept, KnownSystem } from './code-systems.ts';
import { contentOf, keyOf, type Sources } from './compose.ts';
import type { KnownValueSet } from './value-sets.ts';

/** What became of one coding: found, not there, or nobody here can tell. */
type Verdict =
  | { readonly found: 'yes'; readonly display?: string | undefined }
  | { readonly found: 'no'; readonly why: string }
  | { readonly found: 'unknown'; readonly why: string };

type Judge = (coding: Coding) => Verdict;

const answer = (result: boolean, message: string | undefined, display: string | undefined): Parameters => {
  const parameter: ParametersParameter[] = [{ name: 'result', valueBoolean: result }];
  if (message !== undefined) parameter.push({ name: 'message', valueString: message });
  if (display !== undefined) parameter.push({ name: 'display', valueString: display });
  return { resourceType: 'Parameters', parameter };
};

/** A display other than the one known makes a coding wrong: case and accents do not. */
const wrongDisplay = (coding: Coding, known: string | undefined): boolean =>
  coding.display !== undefined && known !== undefined && fold(coding.display) !== fold(known);

const judged = (coding: Coding, judge: Judge): Result<Parameters, Failure> => {
  const verdict = judge(coding);
  if (verdict.found === 'unknown') return fail(failure('unprocessable', 'not-supported', verdict.why));
  if (verdict.found === 'no') return ok(answer(false, verdict.why, undefined));
  return wrongDisplay(coding, verdict.display)
    ? ok(answer(false, 'The code is right, but its display is another one.', verdict.display))
    : ok(answer(true, undefined, verdict.display));
};

const resultOf = ({ parameter = [] }: Parameters): boolean => parameter[0]?.valueBoolean === true;

/** Of several codings (a CodeableConcept) one right one is enough. */
const judgedAll = (codings: readonly Coding[], judge: Judge): Result<Parameters, Failure> => {
  const outcomes = codings.map((coding) => judged(coding, judge));
  const right = outcomes.find((outcome) => outcome.ok && resultOf(outcome.value));
  const undecided = outcomes.find((outcome) => !outcome.ok);
  return (
    right ?? undecided ?? outcomes[0] ?? ok(answer(false, 'There is no coding to be validated.', undefined))
  );
};

const verdictOf = (concept: Concept | undefined, where: string, incomplete: string | undefined): Verdict => {
  if (concept !== undefined) return { found: 'yes', display: concept.display };
  return incomplete === undefined
    ? { found: 'no', why: `The code is not in the ${where}.` }
    : { found: 'unknown', why: `Whether the code is in the ${where} cannot be told: ${incomplete}.` };
};

/**
 * Is one of the codings in the value set? https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 * Failure: `unprocessable` with `not-supported` when it cannot be told from what is at hand.
 */
export const validateCodeInValueSet = (
  sources: Sources,
  valueSet: KnownValueSet,
  codings: readonly Coding[],
): Result<Parameters, Failure> => {
  if (valueSet.kind === 'syntax') {
    return judgedAll(codings, ({ system, code = '' }) =>
      system === valueSet.system && valueSet.pattern.test(code)
        ? { found: 'yes' }
        : { found: 'no', why: 'The code is not in the value set.' },
    );
  }
  const content = contentOf(sources, valueSet);
  if (!content.ok) return content;
  const { concepts, incomplete } = content.value;
  const known = new Map(concepts.map((concept) => [keyOf(concept), concept]));
  return judgedAll(codings, (coding) => verdictOf(known.get(keyOf(coding)), 'value set', incomplete));
};

/**
 * Is one of the codings in the code system? https://hl7.org/fhir/R4/codesystem-operation-validate-code.html
 * Failure: `unprocessable` with `not-supported` when it cannot be told from what is at hand.
 */
export const validateCodeInCodeSystem = (
  { system, concepts, incomplete }: KnownSystem,
  codings: readonly Coding[],
): Result<Parameters, Failure> =>
  judgedAll(codings, (coding) => {
    if (coding.system !== undefined && coding.system !== system) {
      return { found: 'no', why: 'The coding is of another code system.' };
    }
    return verdictOf(concepts.get(coding.code ?? ''), 'code system', incomplete);
  });
