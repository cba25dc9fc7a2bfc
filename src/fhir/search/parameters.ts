import type { SearchParameterDefinition } from '../definitions/types.ts';
import { type ComponentSelect, compileComponent, compileSelect, partsOf, type Select } from './select.ts';

/** The kinds of search parameter that can be searched by; `special` is not. */
export type SearchKind = SimpleKind | 'composite';

/** The kinds that a component of a composite parameter may have. */
export type SimpleKind = 'token' | 'reference' | 'date' | 'string' | 'uri' | 'number' | 'quantity';

/** One search parameter of one resource type, ready to be indexed and searched by. */
export interface SearchParameter {
  readonly code: string;
  readonly type: SearchKind;
  /** Types that a reference may point at; empty: any. */
  readonly target: readonly string[];
  /**
   * Finds the values in a resource, for a composite the elements that its components start from. Absent for
   * `_id` and `_lastUpdated`, which the store keeps for every resource anyway.
   */
  readonly select?: Select;
  /**
   * Of a token that finds nothing but primitive codes of one code system: that system. It does not stand in the
   * resource, so it is not indexed either; a search that names it, or none, means the same.
   */
  readonly system?: string;
  /** Of a reference that finds canonicals: what they name is known by its url and version, not by its id. */
  readonly canonical?: true;
  /** Of `_text` and `_content`: where its words stand. Looked for without an expression. */
  readonly fullText?: 'narrative' | 'content';
  /** Of a composite. */
  readonly components?: readonly SearchComponent[];
}

/** One component of a composite parameter: a parameter whose values are looked for in an element. */
export interface SearchComponent {
  readonly parameter: SearchParameter & { readonly type: SimpleKind };
  readonly select: ComponentSelect;
}

/** The one code system of the codes at a path such as `Consent.status`; undefined when there is not one. */
export type SystemOf = (path: string) => string | undefined;

/** Does a canonical stand at a path such as `QuestionnaireResponse.questionnaire`? */
export type IsCanonical = (path: string) => boolean;

const SIMPLE = new Set<string>(['token', 'reference', 'date', 'string', 'uri', 'number', 'quantity']);
const isSimple = (type: string): type is SimpleKind => SIMPLE.has(type);

/** Kept by the store itself, under these names. */
const STORED = new Set(['_id', '_lastUpdated']);

const FULL_TEXT: Readonly<Record<string, NonNullable<SearchParameter['fullText']>>> = {
  _text: 'narrative',
  _content: 'content',
};

/** R4 wants matching by sound here, which differs by language; better absent than a plain string match. */
const LEFT_OUT = new Set(['phonetic']);

const ANCESTORS = ['Resource', 'DomainResource'];

type Definitions = readonly SearchParameterDefinition[];

const systemOfParts = (expression: string, type: string, systemOf: SystemOf): string | undefined => {
  const systems = new Set(partsOf(expression, type).map(systemOf));
  const [only] = systems;
  return systems.size === 1 ? only : undefined;
};

/**
 * The definition that a component names by URL. R4's URLs end in what the parameter belongs to, a hyphen and its
 * code (`…/clinical-code`, `…/Observation-value-quantity`).
 */
const definitionAt = (
  url: string,
  type: string,
  definitions: Definitions,
): SearchParameterDefinition | undefined => {
  const id = url.slice(url.lastIndexOf('/') + 1);
  const code = id.slice(id.indexOf('-') + 1);
  return definitions.find((definition) => definition.code === code && definition.base.includes(type));
};

const componentOf = (
  { definition, expression }: { readonly definition: string; readonly expression: string },
  type: string,
  definitions: Definitions,
): SearchComponent | undefined => {
  const found = definitionAt(definition, type, definitions);
  const select = compileComponent(expression);
  if (found === undefined || select === undefined || !isSimple(found.type)) return undefined;
  return { parameter: { code: found.code, type: found.type, target: found.target ?? [] }, select };
};

const composite = (
  { code, expression, components = [] }: SearchParameterDefinition,
  type: string,
  definitions: Definitions,
): SearchParameter | undefined => {
  const parts = components.flatMap((component) => componentOf(component, type, definitions) ?? []);
  if (expression === undefined || parts.length < 2 || parts.length < components.length) return undefined;
  return { code, type: 'composite', target: [], select: compileSelect(expression, type), components: parts };
};

/** What the definitions say of the elements that expressions lead to. */
interface Elements {
  readonly systemOf: SystemOf;
  readonly isCanonical: IsCanonical;
}

const compile = (
  definition: SearchParameterDefinition,
  type: string,
  definitions: Definitions,
  { systemOf, isCanonical }: Elements,
): SearchParameter | undefined => {
  const { code, expression, target = [] } = definition;
  if (definition.type === 'composite') return composite(definition, type, definitions);
  if (!isSimple(definition.type) || LEFT_OUT.has(code)) return undefined;
  const common = { code, type: definition.type, target };
  if (STORED.has(code)) return common;
  const fullText = FULL_TEXT[code];
  if (fullText !== undefined) return { ...common, fullText };
  if (expression === undefined) return undefined;
  const system = definition.type === 'token' ? systemOfParts(expression, type, systemOf) : undefined;
  const canonical = definition.type === 'reference' && partsOf(expression, type).some(isCanonical);
  return {
    ...common,
    select: compileSelect(expression, type),
    ...(system === undefined ? {} : { system }),
    ...(canonical ? { canonical } : {}),
  };
};

/**
 * Gives the search parameters of a resource type, compiled once and sorted by code.
 *
 * @param definitions R4's own, as stripped at build time, and the project's; a later one replaces an earlier
 *   one of the same type and code
 * @param systemOf of `createSystemOf`; without it a primitive code is found by its code alone
 * @param isCanonical of `createIsCanonical`; without it a canonical is found by what it says, and leads nowhere
 */
export const createSearchParameters = (
  definitions: Definitions,
  systemOf: SystemOf = () => undefined,
  isCanonical: IsCanonical = () => false,
): ((type: string) => readonly SearchParameter[]) => {
  const known = new Map<string, readonly SearchParameter[]>();
  return (type) => {
    const found = known.get(type);
    if (found !== undefined) return found;
    const bases = [...ANCESTORS, type];
    const byCode = new Map<string, SearchParameter>();
    for (const definition of definitions) {
      if (!definition.base.some((base) => bases.includes(base))) continue;
      const parameter = compile(definition, type, definitions, { systemOf, isCanonical });
      if (parameter !== undefined) byCode.set(parameter.code, parameter);
    }
    const sorted = [...byCode.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
    known.set(type, sorted);
    return sorted;
  };
};
