import type { ElementDefinition as R4Element } from '@medplum/fhirtypes';
import {
  alternativesOf,
  type Content,
  childOf,
  contentOf,
  labelOf,
  lastOf,
} from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';
import { compileInvariant, type Invariant } from './invariants.ts';
import { equals, includes, valuesAt } from './patterns.ts';
import type { ProfileNode } from './profile-tree.ts';

/** What a profile asks of one element, beyond what R4 asks of it. */
export interface Rule {
  /** Its name in FHIRPath. */
  readonly label: string;
  /** The JSON members it may occur as by R4. */
  readonly names: readonly string[];
  /** Those the profile allows; undefined: all. */
  readonly allowed?: readonly string[];
  /** 0 where the profile asks for no more than R4. */
  readonly min: number;
  readonly max: number;
  readonly repeats: boolean;
  /** `fixed[x]` and `pattern[x]`. */
  readonly matches?: (value: unknown) => boolean;
  readonly binding?: Binding;
  readonly targets?: ReadonlySet<string>;
  readonly invariants: readonly Invariant[];
  readonly children: readonly Rule[];
  readonly slicing?: Slicing;
}

export interface Binding {
  readonly severity: 'error' | 'warning';
  readonly valueSet: string;
  /** Codes by system. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Slicing {
  readonly closed: boolean;
  readonly slices: readonly Slice[];
}

interface Slice {
  readonly name: string;
  readonly rule: Rule;
  /** Whether an item belongs to the slice. */
  readonly takes: (item: unknown) => boolean;
}

/** What the compiler of profiles needs to know besides the profile. */
export interface ProfileContext {
  readonly definitions: Definitions;
  /** The codes of a value set by system; undefined when they cannot be listed. */
  readonly codesOf: (valueSet: string) => ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

const limit = (max: string | undefined): number =>
  max === '*' ? Number.POSITIVE_INFINITY : Number(max ?? '1');

/** `patternCodeableConcept`, `fixedUri`: the one member of an element that starts so. */
const memberStarting = (element: R4Element, prefix: string): unknown =>
  Object.entries(element).find(([name]) => name.startsWith(prefix))?.[1];

const matcherOf = (element: R4Element | undefined): ((value: unknown) => boolean) | undefined => {
  if (element === undefined) return undefined;
  const fixed = memberStarting(element, 'fixed');
  if (fixed !== undefined) return (value) => equals(value, fixed);
  const pattern = memberStarting(element, 'pattern');
  return pattern === undefined ? undefined : (value) => includes(value, pattern);
};

const bindingOf = (element: R4Element | undefined, { codesOf }: ProfileContext): Binding | undefined => {
  const { strength, valueSet } = element?.binding ?? {};
  if (valueSet === undefined || (strength !== 'required' && strength !== 'extensible')) return undefined;
  const codes = codesOf(valueSet.split('|')[0] ?? '');
  return codes && { severity: strength === 'required' ? 'error' : 'warning', valueSet, codes };
};

const invariantsOf = (element: R4Element | undefined, type: string): readonly Invariant[] =>
  (element?.constraint ?? []).flatMap(({ key, severity, human, expression }) =>
    key === undefined || expression === undefined
      ? []
      : [compileInvariant(key, { severity: severity ?? 'error', human: human ?? key, expression }, type)],
  );

const targetsOf = (element: R4Element | undefined): ReadonlySet<string> | undefined => {
  const targets = element?.type?.find(({ code }) => code === 'Reference')?.targetProfile;
  return targets && new Set(targets.map((url) => url.slice(url.lastIndexOf('/') + 1)));
};

/** Adds members that are known, so that absent ones stay absent. */
const given = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> => {
  const found: Partial<T> = {};
  for (const name in members) {
    const value = members[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
};

const allowedNames = (
  element: R4Element | undefined,
  base: ElementDefinition,
): readonly string[] | undefined => {
  const codes = element?.type?.map(({ code }) => code);
  if (codes === undefined || !base.path.endsWith('[x]')) return undefined;
  return alternativesOf(base).flatMap(({ name, type }) => (codes.includes(type?.code ?? '') ? [name] : []));
};

/** The rules for what is below an element. */
export const compileChildren = (
  node: ProfileNode,
  content: Content,
  context: ProfileContext,
): readonly Rule[] =>
  [...node.children.values()].map((child) => {
    const base = childOf(context.definitions, content, child.name);
    if (base === undefined) throw new Error(`${content.path} has no ${child.name}`);
    return compileRule(child, base, content, context);
  });

const compileRule = (
  node: ProfileNode,
  base: ElementDefinition,
  content: Content,
  context: ProfileContext,
): Rule => {
  const { element } = node;
  const code = element?.type?.[0]?.code ?? base.types?.[0]?.code ?? 'BackboneElement';
  const below = contentOf(context.definitions, content, base, code);
  const min = element?.min ?? 0;
  const max = element?.max === undefined ? Number.POSITIVE_INFINITY : limit(element.max);
  return {
    label: labelOf(base.path),
    names: alternativesOf(base).map(({ name }) => name),
    min: min > (base.min ?? 0) ? min : 0,
    max: max < limit(base.max) ? max : Number.POSITIVE_INFINITY,
    repeats: limit(base.max) > 1,
    invariants: invariantsOf(element, code),
    children: compileChildren(node, below, context),
    ...given<Pick<Rule, 'allowed' | 'matches' | 'binding' | 'targets' | 'slicing'>>({
      allowed: allowedNames(element, base),
      matches: matcherOf(element),
      binding: bindingOf(element, context),
      targets: targetsOf(element),
      slicing: node.slices.size === 0 ? undefined : compileSlicing(node, base, content, context),
    }),
  };
};

const compileSlicing = (
  node: ProfileNode,
  base: ElementDefinition,
  content: Content,
  context: ProfileContext,
): Slicing => {
  const paths =
    node.element?.slicing?.discriminator?.map(({ path }) => path ?? '') ??
    (lastOf(base.path) === 'extension' ? ['url'] : ['$this']);
  return {
    closed: node.element?.slicing?.rules === 'closed',
    slices: [...node.slices].map(([name, slice]) => ({
      name,
      // A slice's own minimum is its own, not the element's.
      rule: compileRule(slice, { ...base, min: 0 }, content, context),
      takes: discriminatorOf(name, slice, paths),
    })),
  };
};

const discriminatorOf = (name: string, slice: ProfileNode, paths: readonly string[]) => {
  const tests = paths.map((path) => {
    const steps = path === '$this' ? [] : path.split('.');
    const match = matcherOf(descendant(slice, steps)?.element) ?? profileUrlMatcher(slice, path);
    if (match === undefined) throw new Error(`Slice ${name} says nothing about ${path}`);
    return (item: unknown) => valuesAt(item, steps).some(match);
  });
  return (item: unknown) => tests.every((test) => test(item));
};

const descendant = (node: ProfileNode, steps: readonly string[]): ProfileNode | undefined =>
  steps.reduce<ProfileNode | undefined>((found, step) => found?.children.get(step), node);

/** An extension is told by its URL, which is that of the profile its slice names. */
const profileUrlMatcher = ({ element }: ProfileNode, path: string) => {
  const url = element?.type?.[0]?.profile?.[0];
  return path === 'url' && url !== undefined ? (value: unknown) => value === url : undefined;
};
