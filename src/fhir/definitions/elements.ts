import type { Definitions, ElementDefinition, ElementType } from './types.ts';

/** Types whose content is defined in place, by the elements below the one that has them. */
export const INLINE: ReadonlySet<string> = new Set(['Element', 'BackboneElement']);

const capitalize = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The last name of a path: `actor` of `Consent.provision.actor`. */
export const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** The element name that FHIRPath knows: `source` of `Consent.source[x]`. */
export const labelOf = (path: string): string => lastOf(path).replace('[x]', '');

/** One way in which an element occurs in JSON. */
export interface Alternative {
  /** The JSON member, e.g. `sourceAttachment`. */
  readonly name: string;
  /** Absent where `contentReference` says it. */
  readonly type: ElementType | undefined;
}

/** The ways in which an element occurs: one, or one for each type of a choice (`value[x]`). */
export const alternativesOf = (element: ElementDefinition): readonly Alternative[] => {
  const name = lastOf(element.path);
  const types = element.types ?? [];
  if (!name.endsWith('[x]')) return [{ name, type: types[0] }];
  return types.map((type) => ({ name: name.slice(0, -3) + capitalize(type.code), type }));
};

/** Where the elements below an element are defined. */
export interface Content {
  readonly type: string;
  readonly path: string;
}

/** Where the content of a type starts. */
export const contentOfType = (definitions: Definitions, type: string): Content => ({
  type,
  path: definitions.types[type]?.elements[0]?.path ?? type,
});

/** Where the content of an element is defined, with the given type when it is a choice. */
export const contentOf = (
  definitions: Definitions,
  { type }: Content,
  element: ElementDefinition,
  code = element.types?.[0]?.code,
): Content => {
  if (element.contentReference !== undefined) return { type, path: element.contentReference };
  if (code === undefined || INLINE.has(code)) return { type, path: element.path };
  return contentOfType(definitions, code);
};

/** The definition of a child by its name (`actor`, `value[x]`); undefined when there is none. */
export const childOf = (
  definitions: Definitions,
  content: Content,
  name: string,
): ElementDefinition | undefined =>
  definitions.types[content.type]?.elements.find(({ path }) => path === `${content.path}.${name}`);
