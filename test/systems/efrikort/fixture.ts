import { readFileSync } from 'node:fs';
import type { Basic, Extension, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Failure } from '../../../src/failure.ts';
import { sql } from '../../../src/ports.ts';
import type { Result } from '../../../src/result.ts';
import { SANDBOX_CONTACTS } from '../../../src/systems/efrikort/contacts.ts';
import { EFRIKORT_DEFAULTS, type EfrikortSettings } from '../../../src/systems/efrikort/settings.ts';
import { createEfrikort, type EfrikortParts } from '../../../src/systems/efrikort/system.ts';
import {
  createSimulatorState,
  SIMULATOR_SCHEMA,
  type SimulatorState,
} from '../../../src/systems/simulation/state.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';

export const NOW = Date.parse('2026-03-03T07:00:00Z');
export const DAY = 86_400_000;
const EXT = 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/';

const parse = (text: string): Basic => JSON.parse(text) as Basic;

export const example = (name: string): Basic =>
  parse(readFileSync(`profiles/examples/Basic-efrikort-${name}.json`, 'utf8'));

export const SETTINGS: EfrikortSettings = {
  ...EFRIKORT_DEFAULTS,
  from: { address: 'integration@exempelsystem.example', name: 'Exempelsystem AB' },
  transport: 'http',
};

export const CONTEXT = { settings: SETTINGS, now: NOW };

export const memoryState = async (system: string): Promise<SimulatorState> => {
  const database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((statement) => sql(statement)));
  return createSimulatorState(database, system);
};

export const system = async (parts: Partial<EfrikortParts> = {}) => {
  let count = 0;
  return createEfrikort({
    settings: SETTINGS,
    clock: () => NOW,
    state: await memoryState('efrikort-facade'),
    defaultContacts: SANDBOX_CONTACTS,
    newReference: () => {
      count += 1;
      return `EFK-${String(count).padStart(6, '0')}`;
    },
    ...parts,
  });
};

export const value = <T, F>(result: Result<T, F>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
};

/** `code expression` of each error and warning, by the project's own codes. */
export const codes = (result: Result<unknown, Failure>): readonly string[] =>
  result.ok ? [] : result.failure.issues.map(({ details }) => details?.code ?? '');

export const extension = (basic: Basic, name: string): Extension | undefined =>
  basic.extension?.find(({ url }) => url === EXT + name);

/** With the extension set, or without it where `value` is undefined. */
export const withExtension = (
  basic: Basic,
  name: string,
  set: Omit<Extension, 'url'> | undefined,
): Basic => ({
  ...basic,
  extension: [
    ...(basic.extension ?? []).filter(({ url }) => url !== EXT + name),
    ...(set === undefined ? [] : [{ url: EXT + name, ...set }]),
  ],
});

export const stateOf = (basic: Basic): string | undefined =>
  extension(basic, 'connection-state')?.valueCoding?.code;

export const parameters = (...parameter: readonly ParametersParameter[]): Parameters => ({
  resourceType: 'Parameters',
  parameter: [...parameter],
});

export const APPROVAL = parameters(
  { name: 'evidence', valueAttachment: { contentType: 'message/rfc822', data: 'SGVq' } },
  { name: 'approver', valueString: 'Vera Exempel, Västra Götalandsregionen' },
  { name: 'written', valueBoolean: true },
);

export const BY_HAND = parameters({ name: 'sentByHand', valueBoolean: true });

let ids = 0;

/** A stored draft made of an example. */
export const draft = (
  facade: Awaited<ReturnType<typeof system>>,
  name: string,
  change: (basic: Basic) => Basic = (basic) => basic,
): Basic => {
  const { resource } = value(facade.plan({ interaction: 'create', resource: change(example(name)) }));
  if (resource === undefined) throw new Error('nothing to store');
  ids += 1;
  return { ...resource, id: `efk-${ids}` };
};

/** A connection moved on by hand as far as `to`. */
export const movedTo = async (
  facade: Awaited<ReturnType<typeof system>>,
  start: Basic,
  to: 'requested' | 'region-approved' | 'granted' | 'test-passed',
  others: readonly Basic[] = [],
): Promise<Basic> => {
  const submitted = value(await facade.submit(start, BY_HAND, others));
  if (submitted.kind !== 'by-hand') throw new Error('not by hand');
  let basic = submitted.resource;
  const steps = ['region-approve', 'grant', 'test-passed'] as const;
  const states = ['requested', 'region-approved', 'granted', 'test-passed'];
  for (const operation of steps.slice(0, states.indexOf(to))) {
    basic = value(await facade.transition(operation, basic, APPROVAL)).resource;
  }
  return basic;
};

export { CERTIFICATE } from './fixture-certificate.ts';
