import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROFILES } from '../../../src/fhir/definitions/artefacts.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import type { JsonObject } from '../../../src/fhir/validate/walk.ts';
import { examples, rich } from './corpus.ts';
import { containersOf } from './mutations.ts';

/** Published test numbers: Norwegian, Danish, Swedish, with and without hyphen. */
const NUMBERS = ['13116900216', '2609782859', '260978-2859', '191212121212', '19121212-1212'];

const PROFILE = 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/PvkConsent';

/** The resource with the number as a value, or as the name of a member, in some place. */
const planted = (resource: JsonObject, place: number, number: string, asName: boolean): JsonObject => {
  const copy = structuredClone(resource);
  const containers = containersOf(copy);
  const container = containers[place % containers.length];
  if (container === undefined) return copy;
  const names = Object.keys(container);
  const name = names[Math.floor(place / containers.length) % names.length];
  if (Array.isArray(container)) container[Number(name ?? 0)] = number;
  else container[asName || name === undefined ? number : name] = number;
  return copy;
};

test('an identity number is never repeated, wherever it stands, as a value or as a name', () => {
  const { validate } = createValidator(PROFILES);
  fc.assert(
    fc.property(
      fc.constantFrom(...examples, ...rich),
      fc.nat(1000),
      fc.constantFrom(...NUMBERS),
      fc.boolean(),
      (resource, place, number, asName) => {
        expect(JSON.stringify(validate(planted(resource, place, number, asName), PROFILE))).not.toContain(
          number,
        );
      },
    ),
    { numRuns: 2000 },
  );
});
