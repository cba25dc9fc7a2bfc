import type { FhirPathAtom } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { fhirPath } from '../fhirpath.ts';

/** The values that a search parameter's expression finds in a resource, as they stand in its JSON. */
export type Select = (resource: Resource) => readonly unknown[];

interface Walk {
  readonly resource: Resource;
  readonly found: unknown[];
}

/** One step of a path: hands each value it leads to on to the next one. */
type Step = (value: unknown, walk: Walk, next: (value: unknown) => void) => void;

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const each = (value: unknown, next: (item: unknown) => void): void => {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) for (const item of value) each(item, next);
  else next(value);
};

/** Types that a choice element `x[x]` may have, as they stand in its name: `xQuantity`, `xDateTime`. */
const CHOICES =
  'Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid PositiveInt ' +
  'String Time UnsignedInt Uri Url Uuid Address Age Annotation Attachment CodeableConcept Coding ' +
  'ContactPoint Count Distance Duration HumanName Identifier Money Period Quantity Range Ratio Reference ' +
  'SampledData Signature Timing ContactDetail Contributor DataRequirement Expression ParameterDefinition ' +
  'RelatedArtifact TriggerDefinition UsageContext Dosage Meta';
const CHOICE_TYPES = new Set(CHOICES.split(' '));

/** `name`, or the one `name<Type>` that a choice element is written as. */
const member =
  (name: string): Step =>
  (value, _walk, next) => {
    if (!isObject(value)) return;
    const direct = value[name];
    if (direct !== undefined) {
      each(direct, next);
      return;
    }
    for (const key in value) {
      if (key.length > name.length && key.startsWith(name) && CHOICE_TYPES.has(key.slice(name.length))) {
        each(value[key], next);
        return;
      }
    }
  };

/** `name.ofType(Type)`: of a choice element only this type. */
const choice = (name: string, type: string): Step => {
  const key = name + type.charAt(0).toUpperCase() + type.slice(1);
  return (value, _walk, next) => {
    if (isObject(value)) each(value[key], next);
  };
};

const LITERAL = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** The type a Reference points at, by what it says of itself; nothing is fetched. */
const targetTypeOf = (reference: unknown, resource: Resource): string | undefined => {
  const text = isObject(reference) ? reference['reference'] : reference;
  if (typeof text === 'string') {
    if (text.startsWith('#')) {
      const contained: unknown = 'contained' in resource ? resource.contained : undefined;
      if (!Array.isArray(contained)) return undefined;
      const hit: unknown = contained.find((item: unknown) => isObject(item) && item['id'] === text.slice(1));
      return isObject(hit) && typeof hit['resourceType'] === 'string' ? hit['resourceType'] : undefined;
    }
    const [, type] = LITERAL.exec(text) ?? [];
    if (type !== undefined) return type;
  }
  return isObject(reference) && typeof reference['type'] === 'string' ? reference['type'] : undefined;
};

/** `where(resolve() is Type)`. */
const pointsAt =
  (type: string): Step =>
  (value, walk, next) => {
    if (targetTypeOf(value, walk.resource) === type) next(value);
  };

/** `where(name='text')`. */
const whereEquals =
  (name: string, text: string): Step =>
  (value, _walk, next) => {
    if (isObject(value) && value[name] === text) next(value);
  };

const STEPS: readonly [RegExp, (parts: readonly string[]) => Step][] = [
  [/^([a-z]\w*)\.ofType\((\w+)\)/, ([, name = '', type = '']) => choice(name, type)],
  [/^where\(resolve\(\) is (\w+)\)/, ([, type = '']) => pointsAt(type)],
  [/^where\((\w+) ?= ?'([^'\\]*)'\)/, ([, name = '', text = '']) => whereEquals(name, text)],
  [/^([a-z]\w*)(?=\.|$)/, ([, name = '']) => member(name)],
];

const stepAt = (rest: string): { readonly step: Step; readonly length: number } | undefined => {
  for (const [pattern, make] of STEPS) {
    const parts = pattern.exec(rest);
    if (parts !== null) return { step: make(parts), length: parts[0].length };
  }
  return undefined;
};

/** The steps that a path goes on with (`.provision.actor`); undefined when it is not that simple. */
const stepsOf = (path: string): readonly Step[] | undefined => {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== '') {
    if (!rest.startsWith('.')) return undefined;
    const found = stepAt(rest.slice(1));
    if (found === undefined) return undefined;
    steps.push(found.step);
    rest = rest.slice(1 + found.length);
  }
  return steps;
};

/** `(Observation.value.ofType(CodeableConcept)).text` needs no parentheses. */
const PARENTHESISED = /^\(([\w.]+(?:\(\w+\))?)\)(\..+)$/;

/** The steps of a path like `Consent.provision.actor.reference`; undefined when it is not that simple. */
const simplePath = (path: string, type: string): readonly Step[] | undefined => {
  const [start = ''] = /^\w+/.exec(path) ?? [];
  if (start !== type && start !== 'Resource' && start !== 'DomainResource') return undefined;
  return stepsOf(path.slice(start.length));
};

const walkPath = (value: unknown, steps: readonly Step[], at: number, walk: Walk): void => {
  const step = steps[at];
  if (step === undefined) walk.found.push(value);
  else step(value, walk, (next) => walkPath(next, steps, at + 1, walk));
};

/** The parts of a union that start from this type. */
export const partsOf = (expression: string, type: string): readonly string[] =>
  unionParts(expression).filter((part) => !startsElsewhere(part, type));

/** Splits at `|` outside parentheses and quotes, and takes off parentheses around a whole part. */
const unionParts = (expression: string): readonly string[] => {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let quoted = false;
  for (const char of expression) {
    if (char === "'") quoted = !quoted;
    else if (!quoted && char === '(') depth += 1;
    else if (!quoted && char === ')') depth -= 1;
    if (char === '|' && depth === 0 && !quoted) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part].map((text) => {
    const trimmed = text.trim();
    if (/^\([\w.]+(?:\(\w+\))?\)$/.test(trimmed)) return trimmed.slice(1, -1);
    return trimmed.replace(PARENTHESISED, '$1$2');
  });
};

/** True for a union part that can only start from another type. */
const startsElsewhere = (part: string, type: string): boolean => {
  const [, start] = /^\(*([A-Z]\w*)\./.exec(part) ?? [];
  return start !== undefined && start !== type && start !== 'Resource' && start !== 'DomainResource';
};

/** What is not a simple path is left to FHIRPath itself, parsed once. */
const byFhirPath = (part: string): Select => {
  let atom: FhirPathAtom | undefined;
  return (resource) => {
    const { evalFhirPathTyped, parseFhirPath, toTypedValue } = fhirPath();
    atom ??= parseFhirPath(part);
    return evalFhirPathTyped(atom, [toTypedValue(resource)]).map((found): unknown => found.value);
  };
};

/**
 * Compiles a search parameter's expression for one resource type. Paths of names, `ofType`,
 * `where(resolve() is T)` and `where(x='y')` become direct walks over the JSON; anything else is evaluated as
 * FHIRPath. `resolve()` fetches nothing: a reference's type is read from its text or its `type`.
 */
export const compileSelect = (expression: string, type: string): Select => {
  const parts = partsOf(expression, type);
  const walks: (readonly Step[])[] = [];
  const others: Select[] = [];
  for (const part of parts) {
    const steps = simplePath(part, type);
    if (steps === undefined) others.push(byFhirPath(part));
    else walks.push(steps);
  }
  return (resource) => {
    const walk: Walk = { resource, found: [] };
    for (const steps of walks) walkPath(resource, steps, 0, walk);
    for (const select of others) walk.found.push(...select(resource));
    return walk.found;
  };
};

/** The values that a component of a composite parameter finds in one of the elements it is evaluated on. */
export type ComponentSelect = (element: unknown, resource: Resource) => readonly unknown[];

const FROM_RESOURCE = '%resource.';

/**
 * Compiles a component's expression, which starts from the element (`value.ofType(Quantity)`) or from
 * `%resource`. Undefined when it is more than plain paths: such a parameter is not offered.
 */
export const compileComponent = (expression: string): ComponentSelect | undefined => {
  const walks: { readonly steps: readonly Step[]; readonly whole: boolean }[] = [];
  for (const part of unionParts(expression)) {
    const whole = part.startsWith(FROM_RESOURCE);
    const steps = stepsOf(`.${whole ? part.slice(FROM_RESOURCE.length) : part}`);
    if (steps === undefined) return undefined;
    walks.push({ steps, whole });
  }
  return (element, resource) => {
    const walk: Walk = { resource, found: [] };
    for (const { steps, whole } of walks) walkPath(whole ? resource : element, steps, 0, walk);
    return walk.found;
  };
};
