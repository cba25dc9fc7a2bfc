import { isObject, isPrintable, type Walk } from './walk.ts';

/** `https://host/base/Patient/1/_history/2`, `Patient/1`, `Patient?identifier=…`: the type named. */
const LITERAL =
  /^(?:https?:\/\/[^\s?#]+\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?/;
const RELATIVE = /^[A-Za-z0-9]+\/[^/]+(\/_history\/[^/]+)?$/;

const containedType = (walk: Walk, id: string): string | undefined => {
  const contained = walk.root['contained'];
  if (!Array.isArray(contained)) return undefined;
  const resource: unknown = contained.find((candidate) => isObject(candidate) && candidate['id'] === id);
  const type = isObject(resource) ? resource['resourceType'] : undefined;
  return typeof type === 'string' ? type : undefined;
};

/** The type that a literal reference points at; undefined when the text does not say. */
const typeOf = (reference: string, walk: Walk): string | undefined => {
  if (reference.startsWith('#')) return containedType(walk, reference.slice(1));
  return (LITERAL.exec(reference) ?? CONDITIONAL.exec(reference))?.[1];
};

/**
 * Checks the type that a Reference points at, by its literal and by its `type`, against the types allowed.
 * @param known Every R4 resource type.
 * @param targets The types allowed; undefined: any.
 */
export const checkReference =
  (known: ReadonlySet<string>, targets: ReadonlySet<string> | undefined) =>
  (value: unknown, walk: Walk): void => {
    if (!isObject(value)) return;
    const { reference, type: stated } = value;
    if (typeof reference === 'string') {
      const type = typeOf(reference, walk);
      if (type !== undefined) checkType(type, 'reference', known, targets, walk);
      else if (RELATIVE.test(reference)) {
        walk.fault('value', 'A relative reference must be [type]/[id] of an R4 type.', 'reference');
      }
    }
    if (typeof stated === 'string') checkType(stated, 'type', known, targets, walk);
  };

const checkType = (
  type: string,
  member: 'reference' | 'type',
  known: ReadonlySet<string>,
  targets: ReadonlySet<string> | undefined,
  walk: Walk,
): void => {
  if (targets?.has(type)) return;
  const name = isPrintable(type) ? type : 'This';
  if (targets !== undefined && known.has(type)) {
    walk.fault(
      'structure',
      `${name} may not be referred to here; allowed: ${[...targets].join(', ')}.`,
      member,
    );
  } else if (!known.has(type) && !type.includes(':')) {
    walk.fault('structure', `${name} is not a resource type of R4.`, member);
  }
};
