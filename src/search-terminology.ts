import type { ValueSetExpansionContains } from '@medplum/fhirtypes';
import type { ParseOptions } from './fhir/search/parse.ts';
import type { Terminology } from './fhir/terminology/index.ts';

type SearchTerminology = NonNullable<ParseOptions['terminology']>;

const codesIn = (
  contains: readonly ValueSetExpansionContains[],
): readonly { readonly system: string; readonly code: string }[] =>
  contains.flatMap(({ system, code, abstract, contains: below = [] }) => [
    ...(system === undefined || code === undefined || abstract === true ? [] : [{ system, code }]),
    ...codesIn(below),
  ]);

/** What `:in` and `:not-in` need: the codes of the value sets that this server serves. */
export const searchTerminology = (terminology: Terminology, clock: () => number): SearchTerminology => ({
  expand: (url) => {
    const expanded = terminology.expand(url, {}, clock());
    return expanded.ok ? codesIn(expanded.value.expansion?.contains ?? []) : undefined;
  },
});
