import type {
  ValueSet,
  ValueSetExpansion,
  ValueSetExpansionContains,
  ValueSetExpansionParameter,
} from '@medplum/fhirtypes';
import { type Failure, failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { DEFINITIONS } from '../definitions/index.ts';
import { fold } from '../search/fold.ts';
import type { Concept } from './code-systems.ts';
import { contentOf, type Sources } from './compose.ts';
import type { KnownValueSet } from './value-sets.ts';

export interface ExpandOptions {
  /** Text that the display or the code contains, without regard to case and accents. */
  readonly filter?: string | undefined;
  /** Codes on the page; 0: only their number. Undefined: all. */
  readonly count?: number | undefined;
  /** Codes before the page. */
  readonly offset?: number | undefined;
  readonly includeDesignations?: boolean | undefined;
  /** Leaves `compose` in the answer. */
  readonly includeDefinition?: boolean | undefined;
}

const matches = ({ code, display }: Concept, filter: string): boolean =>
  fold(code).includes(filter) || (display !== undefined && fold(display).includes(filter));

const containsOf = (
  { system, code, display, definition }: Concept,
  { includeDesignations }: ExpandOptions,
): ValueSetExpansionContains => ({
  system,
  code,
  ...(display === undefined ? {} : { display }),
  ...(includeDesignations === true && definition?.designation !== undefined
    ? { designation: definition.designation }
    : {}),
});

/** What decided over the expansion, as R4 wants it told. */
const parametersOf = (options: ExpandOptions): ValueSetExpansionParameter[] => [
  ...(options.filter === undefined ? [] : [{ name: 'filter', valueString: options.filter }]),
  ...(options.offset === undefined ? [] : [{ name: 'offset', valueInteger: options.offset }]),
  ...(options.count === undefined ? [] : [{ name: 'count', valueInteger: options.count }]),
];

const baseOf = (valueSet: KnownValueSet, { includeDefinition }: ExpandOptions): ValueSet => {
  if (valueSet.kind !== 'resource') {
    return {
      resourceType: 'ValueSet',
      url: valueSet.url,
      version: DEFINITIONS.fhirVersion,
      status: 'active',
    };
  }
  const { compose, expansion: _stored, text: _text, ...rest } = valueSet.resource;
  return { ...rest, ...(includeDefinition === true && compose !== undefined ? { compose } : {}) };
};

/**
 * The value set with its codes. https://hl7.org/fhir/R4/valueset-operation-expand.html
 *
 * @param at milliseconds since the epoch, for `expansion.timestamp`
 * @returns failure: `unprocessable` with `not-supported` when the codes cannot all be listed
 */
export const expand = (
  sources: Sources,
  valueSet: KnownValueSet,
  options: ExpandOptions,
  at: number,
): Result<ValueSet, Failure> => {
  const content = contentOf(sources, valueSet);
  if (!content.ok) return content;
  const { concepts, incomplete } = content.value;
  if (incomplete !== undefined) {
    return fail(
      failure(
        'unprocessable',
        'not-supported',
        `The codes of this ValueSet cannot all be listed: ${incomplete}.`,
      ),
    );
  }
  const filter = fold(options.filter ?? '');
  const found = filter === '' ? concepts : concepts.filter((concept) => matches(concept, filter));
  const { offset = 0, count = found.length } = options;
  const page = found.slice(offset, offset + count).map((concept) => containsOf(concept, options));
  const parameter = parametersOf(options);
  const expansion: ValueSetExpansion = {
    timestamp: new Date(at).toISOString(),
    total: found.length,
    ...(options.offset === undefined && options.count === undefined ? {} : { offset }),
    ...(parameter.length === 0 ? {} : { parameter }),
    ...(page.length === 0 ? {} : { contains: page }),
  };
  return ok({ ...baseOf(valueSet, options), expansion });
};
