import type { CodeSystemConceptProperty, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Concept, KnownSystem } from './code-systems.ts';

const propertyPart = ({ code = '', ...value }: CodeSystemConceptProperty): ParametersParameter => ({
  name: 'property',
  part: [
    { name: 'code', valueCode: code },
    { name: 'value', ...value },
  ],
});

/** Everything known of a concept as properties, those of R4 itself (definition, parent, child) included. */
const propertiesOf = ({ code, definition, ancestors }: Concept): readonly CodeSystemConceptProperty[] => [
  ...(definition?.definition === undefined
    ? []
    : [{ code: 'definition', valueString: definition.definition }]),
  ...ancestors.slice(0, 1).map((parent) => ({ code: 'parent', valueCode: parent })),
  ...(definition?.concept ?? []).flatMap((child) =>
    child.code === undefined || child.code === code ? [] : [{ code: 'child', valueCode: child.code }],
  ),
  ...(definition?.property ?? []).filter(
    (property) => property.code !== 'parent' || property.valueCode !== ancestors[0],
  ),
];

const designationsOf = ({ definition }: Concept): readonly ParametersParameter[] =>
  (definition?.designation ?? []).map(({ language, use, value }) => ({
    name: 'designation',
    part: [
      ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
      ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
      ...(value === undefined ? [] : [{ name: 'value', valueString: value }]),
    ],
  }));

/**
 * What a code system says of a code. https://hl7.org/fhir/R4/codesystem-operation-lookup.html
 *
 * @param wanted names of the properties to tell; none: all of them
 * @returns failures: `not-found` for a code that is not there; `unprocessable` with `not-supported` where only
 *   codes are known, without their meaning
 */
export const lookup = (
  { resource, concepts, incomplete }: KnownSystem,
  code: string,
  wanted: readonly string[] = [],
): Result<Parameters, Failure> => {
  if (resource === undefined) {
    return fail(
      failure(
        'unprocessable',
        'not-supported',
        `There is nothing to look up: ${incomplete ?? 'no content'}.`,
      ),
    );
  }
  const concept = concepts.get(code);
  if (concept === undefined) {
    const why = incomplete === undefined ? '' : ` It may exist all the same: ${incomplete}.`;
    return fail(failure('not-found', 'not-found', `The code is not in the code system.${why}`));
  }
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
  const parameter: ParametersParameter[] = [
    { name: 'name', valueString: resource.name ?? resource.title ?? code },
    ...(resource.version === undefined ? [] : [{ name: 'version', valueString: resource.version }]),
    { name: 'display', valueString: concept.display ?? code },
    ...(isWanted('designation') ? designationsOf(concept) : []),
    ...propertiesOf(concept)
      .filter((property) => isWanted(property.code ?? ''))
      .map(propertyPart),
  ];
  return ok({ resourceType: 'Parameters', parameter });
};
