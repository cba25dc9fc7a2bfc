import type { Resource } from '@medplum/fhirtypes';
import { type Failure, failure, failureOf, type Issue } from '../failure.ts';
import type { PlanGiven, WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Plan, SystemWrite } from '../systems/system.ts';
import type { Call } from './call.ts';
import { type NamedPatient, namePatient } from './patient.ts';
import type { Server } from './server.ts';

import { parseStored } from './write.ts';

/** What `prepare` makes of a body: fit to be planned, its patient known. */
export interface Prepared {
  readonly resource: Resource;
  readonly named?: NamedPatient;
  /** Warnings. */
  readonly issues: readonly Issue[];
}

/**
 * Validates a body and plans its write; every fault of structure, invariants, profile and mapping in one
 * failure. Nothing is stored, no Patient is made.
 */
export const prepare = async (
  server: Server,
  call: Pick<Call, 'entry' | 'base' | 'authority' | 'values'>,
  rules: WriteRules,
  body: object,
  writeOf: (resource: Resource) => SystemWrite<Resource>,
): Promise<Result<Prepared & { readonly plan: Plan<Resource> }, Failure>> => {
  const { entry } = call;
  if (isOfOtherType(body, entry.type)) return fail(wrongType(entry.type));
  const given = await givenOf(server, call, rules, body);
  const structural = server.validate(body, entry.profile);
  const malformed = structural.some((issue) => issue.severity === 'error' && issue.malformed === true);
  if (!isOfType(body, entry.type)) return fail(failureOf(structural) ?? wrongType(entry.type));
  const named = malformed
    ? ok({ resource: body })
    : rules.patient === undefined
      ? ok({ resource: body })
      : await namePatient(server, body, rules.patient, call);
  if (!named.ok) return fail(unnamed(rules, structural, named.failure, writeOf(body), given));
  const { resource } = named.value;
  const planned = planSafely(rules, writeOf(resource), given, malformed);
  if (planned === undefined) return fail(refusal(structural));
  if (!planned.ok)
    return fail({ ...planned.failure, ...refusal(merged(structural, planned.failure.issues)) });
  const issues = [...structural, ...planned.value.issues];
  const refused = failureOf(issues);
  if (refused !== undefined) return fail(refused);
  return ok({ resource, named: named.value, issues, plan: planned.value });
};

/** References in a resource that are looked up for its plan; one with more is a bulk load of its own. */
const MOST_RESOLVED = 20;

const referencesIn = (value: unknown, found: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  if ('reference' in value && typeof value.reference === 'string') found.add(value.reference);
  for (const inner of Object.values(value)) referencesIn(inner, found);
};

/** What a plan may look at besides the write: X-Provenance, and the resources that literal references lead to. */
export const givenOf = async (
  server: Server,
  { base, values }: Pick<Call, 'base' | 'values'>,
  { resolves = [] }: WriteRules,
  body: object,
): Promise<PlanGiven> => {
  const found = new Set<string>();
  if (resolves.length > 0) referencesIn(body, found);
  const held = new Map<string, Resource>();
  for (const reference of [...found].slice(0, MOST_RESOLVED)) {
    const [type = '', id = ''] = reference.replace(`${base}/`, '').split('/');
    if (!resolves.includes(type)) continue;
    const stored = await server.repository.read(type, id);
    if (stored !== undefined && !stored.deleted) held.set(reference, parseStored(stored));
  }
  return {
    resolve: (reference) => held.get(reference),
    ...(values.provenance === undefined ? {} : { provenance: values.provenance }),
  };
};

/** The patient cannot be told: all else that is wrong is told with it. */
const unnamed = (
  rules: WriteRules,
  structural: readonly Issue[],
  naming: Failure,
  write: SystemWrite<Resource>,
  given: PlanGiven,
): Failure => {
  if (naming.kind === 'forbidden') return naming;
  const planned = planSafely(rules, write, given, true);
  const mapping = planned === undefined ? [] : planned.ok ? planned.value.issues : planned.failure.issues;
  const named = naming.issues.flatMap(({ expression }) => expression ?? []);
  const further = merged(structural, mapping).filter(
    ({ expression }) =>
      !(expression ?? []).some((at) => named.some((other) => other.startsWith(at) || at.startsWith(other))),
  );
  return refusal([...further, ...naming.issues]);
};

const isOfType = (body: object, type: string): body is Resource =>
  'resourceType' in body && body.resourceType === type;

/** Says that it is something else, so that no rule of this type tells anything about it. */
export const isOfOtherType = (body: object, type: string): boolean =>
  'resourceType' in body && typeof body.resourceType === 'string' && body.resourceType !== type;

export const wrongType = (type: string): Failure =>
  failure('malformed', 'value', `This endpoint takes a ${type}.`, { expression: ['resourceType'] });

const refusal = (issues: readonly Issue[]): Failure => failureOf(issues) ?? { kind: 'unprocessable', issues };

/**
 * With a body that is not R4 the mapping's faults are still worth telling, as far as it gets: the sender then
 * mends everything at once. What it stumbles over is already in the list.
 */
const planSafely = (
  rules: WriteRules,
  write: SystemWrite<Resource>,
  given: PlanGiven,
  malformed: boolean,
): Result<Plan<Resource>, Failure> | undefined => {
  if (!malformed) return rules.plan(write, given);
  try {
    return rules.plan(write, given);
  } catch {
    return undefined;
  }
};

/**
 * A fault that both told is told once. What is not R4 at an element says enough; of a rule that the profile and
 * the mapping share, the mapping's words are the more exact.
 */
const merged = (structural: readonly Issue[], mapping: readonly Issue[]): readonly Issue[] => {
  const placesOf = (issues: readonly Issue[]) => issues.flatMap((issue) => issue.expression ?? []);
  const broken = placesOf(structural.filter(({ severity, malformed }) => severity === 'error' && malformed));
  const inBroken = (at: string) => broken.some((other) => at === other || at.startsWith(`${other}.`));
  const further = mapping.filter(({ expression }) => !(expression ?? []).some(inBroken));
  const mapped = new Set(placesOf(further));
  const own = structural.filter(
    ({ malformed, expression }) => malformed === true || !(expression ?? []).some((at) => mapped.has(at)),
  );
  return [...own, ...further];
};
