import { alternativesOf, type Content, contentOf, contentOfType } from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';
import { itemsOf, membersOf, objectOf, type TextMember } from './json-text.ts';

/** What a search wants of each resource. https://hl7.org/fhir/R4/search.html#summary */
export type Subset =
  | { readonly summary: 'true' | 'text' | 'data' }
  | { readonly elements: readonly string[] };

/** Cuts resources down. JSON text in and out; what is kept stays as it was written. */
export interface Subsets {
  /**
   * `true`: the elements marked as summary in the definitions; `text`: "only the text element, the id element,
   * the meta element, and only top-level mandatory elements"; `data`: everything but the text.
   */
  summarise(json: string, type: string, mode: 'true' | 'text' | 'data'): string;
  /** The elements named (`value[x]` by its name without `[x]` or with it), and the mandatory ones. */
  elements(json: string, type: string, names: readonly string[]): string;
  /** Whichever of the two was asked for. */
  apply(json: string, type: string, subset: Subset): string;
}

/** R4: "Servers SHOULD mark the resources with the tag SUBSETTED". */
const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
};

/** Never left out: without them the rest cannot be understood. */
const ALWAYS = new Set(['resourceType', 'id', 'meta']);

/** One way in which an element occurs in JSON. */
interface Known {
  readonly element: ElementDefinition;
  /** Name of its type; undefined: defined elsewhere. */
  readonly code: string | undefined;
}

type Children = ReadonlyMap<string, Known>;

const isMandatory = ({ min = 0 }: ElementDefinition): boolean => min > 0;

/** Mandatory, or it changes what the others mean. */
const isNeeded = (element: ElementDefinition): boolean => isMandatory(element) || element.isModifier === true;

/** `_birthDate` holds the extensions of `birthDate`. */
const bare = (name: string): string => (name.startsWith('_') ? name.slice(1) : name);

const labelOf = ({ path }: ElementDefinition): string => path.slice(path.lastIndexOf('.') + 1);

const isCoding = (value: unknown): value is { readonly system?: unknown; readonly code?: unknown } =>
  typeof value === 'object' && value !== null;

/** The tags of a meta element with the one that says that something is missing. */
const marked = (meta: string): string => {
  const members = membersOf(meta);
  const tags = members.find(({ name }) => name === 'tag');
  const present = tags === undefined ? [] : itemsOf(tags.value);
  const has = present.some((text) => {
    const tag: unknown = JSON.parse(text);
    return isCoding(tag) && tag.system === SUBSETTED.system && tag.code === SUBSETTED.code;
  });
  if (has) return meta;
  const value = `[${[...present, JSON.stringify(SUBSETTED)].join()}]`;
  return objectOf([...members.filter(({ name }) => name !== 'tag'), { name: 'tag', value }]);
};

/** The resource of these members, marked; `meta` goes where R4 has it, after the id. */
const finished = (members: readonly TextMember[]): string => {
  const meta = members.find(({ name }) => name === 'meta')?.value ?? '{}';
  const rest = members.filter(({ name }) => name !== 'meta');
  const at = rest.findLastIndex(({ name }) => name === 'resourceType' || name === 'id') + 1;
  return objectOf([...rest.slice(0, at), { name: 'meta', value: marked(meta) }, ...rest.slice(at)]);
};

export const createSubsets = (definitions: Definitions): Subsets => {
  const known = new Map<string, Children>();

  /** The children of an element or type, by the names that they have in JSON. */
  const childrenOf = (content: Content): Children => {
    const key = `${content.type} ${content.path}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const start = `${content.path}.`;
    const children = new Map<string, Known>();
    for (const element of definitions.types[content.type]?.elements ?? []) {
      if (!element.path.startsWith(start) || element.path.includes('.', start.length)) continue;
      for (const { name, type } of alternativesOf(element)) children.set(name, { element, code: type?.code });
    }
    known.set(key, children);
    return children;
  };

  const isPrimitive = (code: string): boolean => definitions.types[code]?.kind === 'primitive-type';

  /** A value cut down to its own summary; undefined when nothing would be left. */
  const valueSummary = (value: string, content: Content): string | undefined => {
    if (value.startsWith('[')) {
      // Items stand beside each other (`_given`): none is taken out of the middle.
      return `[${itemsOf(value)
        .map((item) => valueSummary(item, content) ?? item)
        .join()}]`;
    }
    if (!value.startsWith('{')) return value;
    const members = summaryOf(membersOf(value), content);
    return members.length === 0 ? undefined : objectOf(members);
  };

  const memberSummary = (member: TextMember, content: Content): TextMember | undefined => {
    const child = childrenOf(content).get(bare(member.name));
    if (child === undefined) return ALWAYS.has(member.name) ? member : undefined;
    const { element, code } = child;
    if (element.isSummary !== true && !isNeeded(element)) return undefined;
    // What an extension is about lies in its value, which no definition marks.
    if (code === 'Extension' || (code !== undefined && isPrimitive(code))) return member;
    const value = valueSummary(member.value, contentOf(definitions, content, element, code));
    return value === undefined ? (isMandatory(element) ? member : undefined) : { ...member, value };
  };

  const summaryOf = (members: readonly TextMember[], content: Content): readonly TextMember[] =>
    members.flatMap((member) => memberSummary(member, content) ?? []);

  /** The members of a resource that are named, mandatory, or change what the others mean. */
  const kept = (json: string, type: string, wanted: (known: Known, name: string) => boolean): string => {
    const children = childrenOf(contentOfType(definitions, type));
    const members = membersOf(json).filter(({ name }) => {
      if (ALWAYS.has(name)) return true;
      const child = children.get(bare(name));
      if (child === undefined) return false;
      return isNeeded(child.element) || wanted(child, bare(name));
    });
    return finished(members);
  };

  const summarise: Subsets['summarise'] = (json, type, mode) => {
    if (mode === 'data') return finished(membersOf(json).filter(({ name }) => bare(name) !== 'text'));
    if (mode === 'text') return kept(json, type, (_known, name) => name === 'text');
    return finished(summaryOf(membersOf(json), contentOfType(definitions, type)));
  };

  const elements: Subsets['elements'] = (json, type, names) =>
    kept(json, type, ({ element }, name) => {
      const label = labelOf(element);
      return names.some((asked) => asked === name || asked === label || `${asked}[x]` === label);
    });

  return {
    summarise,
    elements,
    apply: (json, type, subset) =>
      'summary' in subset ? summarise(json, type, subset.summary) : elements(json, type, subset.elements),
  };
};
