import { type Failure, type FailureKind, failure, type Issue } from '../failure.ts';

/** What an entry says in `request` instead of in a header. */
const CONDITION: Readonly<Record<string, string>> = {
  'http.if-match': 'ifMatch',
  'http.if-none-match': 'ifNoneMatch',
  'http.if-modified-since': 'ifModifiedSince',
  'http.if-none-exist': 'ifNoneExist',
};

/** Headers that an entry has from the Bundle's call. */
const SHARED = /^http\.(?:X-|Authorization$|DPoP$|Prefer$)/i;

const placesOf = ({ expression, location }: Issue, index: number): Pick<Issue, 'expression' | 'location'> => {
  const entry = `Bundle.entry[${index}]`;
  if (expression !== undefined) {
    return { expression: expression.map((at) => `${entry}.resource${at.replace(/^[A-Za-z]+/, '')}`) };
  }
  if (location === undefined) return { expression: [entry] };
  if (location.every((at) => SHARED.test(at))) return { location };
  // Any other one is a parameter of the entry's URL.
  return {
    expression: location.map((at) => `${entry}.request.${CONDITION[at.toLowerCase()] ?? 'url'}`),
  };
};

/** Issues of an entry, at their place in the Bundle; a header's fault is the whole call's, and stays. */
export const placed = (issues: readonly Issue[], index: number): readonly Issue[] =>
  issues.map((issue) => {
    const { expression: _e, location: _l, ...rest } = issue;
    return { ...rest, ...placesOf(issue, index) };
  });

export const entryFailure = ({ issues, ...rest }: Failure, index: number): Failure => ({
  ...rest,
  issues: placed(issues, index),
});

export const unsupported = (index: number, diagnostics: string): Failure =>
  failure('malformed', 'not-supported', diagnostics, { expression: [`Bundle.entry[${index}].request`] });

/** Each issue once: a header's fault is found with every entry. */
export const distinct = (issues: readonly Issue[]): readonly Issue[] => [
  ...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values(),
];

/** Told alone: with no caller, or no audit, nothing else may be said. */
const ALONE: readonly FailureKind[] = ['unauthenticated', 'unavailable'];

/** Which fault a single call would meet first. */
const ORDER: readonly FailureKind[] = [
  'internal',
  'malformed',
  'unsupported-media-type',
  'too-large',
  'forbidden',
  'not-implemented',
  'method-not-allowed',
  'not-found',
  'gone',
  'unprocessable',
  'precondition-required',
  'precondition-failed',
  'conflict',
  'locked',
];

const rankOf = ({ kind }: Failure): number => {
  const rank = ORDER.indexOf(kind);
  return rank < 0 ? ORDER.length : rank;
};

/** One failure of several: the kind that weighs most, every issue once. Undefined when there is none. */
export const together = (failures: readonly Failure[]): Failure | undefined => {
  for (const kind of ALONE) {
    const alone = failures.find((one) => one.kind === kind);
    if (alone !== undefined) return alone;
  }
  const [first] = [...failures].sort((a, b) => rankOf(a) - rankOf(b));
  return first && { ...first, issues: distinct(failures.flatMap(({ issues }) => issues)) };
};
