import fc from 'fast-check';
import type { JsonObject } from '../../../src/fhir/validate/walk.ts';

export type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** Every object and array of a value, itself included. */
export const containersOf = (value: unknown): readonly Container[] =>
  isContainer(value) ? [value, ...Object.values(value).flatMap(containersOf)] : [];

/** What is put in the place of a member. */
const REPLACEMENTS: readonly unknown[] = [
  null,
  '',
  ' ',
  'bogus',
  'Patient/1',
  '2026-02-30',
  0,
  -1,
  1.5,
  true,
  {},
  [],
  [null],
  { id: 'x' },
  ['a'],
];

interface Mutation {
  readonly container: number;
  readonly member: number;
  readonly kind: 'remove' | 'replace' | 'repeat' | 'add' | 'move';
  readonly replacement: number;
}

const NAMES = [
  'foo',
  'value',
  'valueString',
  '_status',
  'extension',
  'url',
  'reference',
  'type',
  'id',
  'contained',
];

const apply = (resource: JsonObject, { container, member, kind, replacement }: Mutation): void => {
  const all = containersOf(resource);
  const target = all[container % all.length];
  if (target === undefined) return;
  const names = Object.keys(target).filter((name) => name !== 'resourceType');
  const name = names[member % Math.max(names.length, 1)];
  const value = structuredClone(REPLACEMENTS[replacement % REPLACEMENTS.length]);
  if (kind === 'add' && !Array.isArray(target)) target[NAMES[member % NAMES.length] ?? 'foo'] = value;
  if (name === undefined) return;
  if (Array.isArray(target)) {
    if (kind === 'remove') target.splice(Number(name), 1);
    else if (kind === 'repeat') target.push(structuredClone(target[Number(name)]));
    else target[Number(name)] = value;
    return;
  }
  if (kind === 'remove') delete target[name];
  else if (kind === 'replace') target[name] = value;
  else if (kind === 'repeat') target[name] = [target[name]];
  else if (kind === 'move') target[`${name}2`] = target[name];
};

const mutation = (kinds: readonly Mutation['kind'][]): fc.Arbitrary<Mutation> =>
  fc.record({
    container: fc.nat(1000),
    member: fc.nat(1000),
    kind: fc.constantFrom(...kinds),
    replacement: fc.nat(1000),
  });

/** One of some resources with one to three things changed in it. */
export const mutated = (
  resources: readonly JsonObject[],
  kinds: readonly Mutation['kind'][] = ['remove', 'replace', 'repeat', 'add', 'move'],
): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(fc.constantFrom(...resources), fc.array(mutation(kinds), { minLength: 1, maxLength: 3 }))
    .map(([resource, mutations]) => {
      const copy = structuredClone(resource);
      for (const change of mutations) apply(copy, change);
      return copy;
    });
