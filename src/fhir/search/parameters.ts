import type { SearchParameterDefinition } from '../definitions/types.ts';
import { compileSelect, type Select } from './select.ts';

/** The kinds of search parameter that can be searched by; number, quantity, composite and special are not. */
export type SearchKind = 'token' | 'reference' | 'date' | 'string' | 'uri';

/** One search parameter of one resource type, ready to be indexed and searched by. */
export interface SearchParameter {
  readonly code: string;
  readonly type: SearchKind;
  /** Types that a reference may point at; empty: any. */
  readonly target: readonly string[];
  /**
   * Finds the values in a resource. Absent for `_id` and `_lastUpdated`, which the store keeps for every
   * resource anyway.
   */
  readonly select?: Select;
}

const KINDS = new Set<string>(['token', 'reference', 'date', 'string', 'uri']);
const isKind = (type: string): type is SearchKind => KINDS.has(type);

/** Kept by the store itself, under these names. */
const STORED = new Set(['_id', '_lastUpdated']);

/** R4 wants matching by sound here, which differs by language; better absent than a plain string match. */
const LEFT_OUT = new Set(['phonetic']);

const ANCESTORS = ['Resource', 'DomainResource'];

const compile = (definition: SearchParameterDefinition, type: string): SearchParameter | undefined => {
  const { code, expression, target = [] } = definition;
  if (!isKind(definition.type) || LEFT_OUT.has(code)) return undefined;
  const common = { code, type: definition.type, target };
  if (STORED.has(code)) return common;
  return expression === undefined ? undefined : { ...common, select: compileSelect(expression, type) };
};

/**
 * Gives the search parameters of a resource type, compiled once and sorted by code.
 *
 * @param definitions R4's own, as stripped at build time, and the project's; a later one replaces an earlier
 *   one of the same type and code
 */
export const createSearchParameters = (
  definitions: readonly SearchParameterDefinition[],
): ((type: string) => readonly SearchParameter[]) => {
  const known = new Map<string, readonly SearchParameter[]>();
  return (type) => {
    const found = known.get(type);
    if (found !== undefined) return found;
    const bases = [...ANCESTORS, type];
    const byCode = new Map<string, SearchParameter>();
    for (const definition of definitions) {
      if (!definition.base.some((base) => bases.includes(base))) continue;
      const parameter = compile(definition, type);
      if (parameter !== undefined) byCode.set(parameter.code, parameter);
    }
    const sorted = [...byCode.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
    known.set(type, sorted);
    return sorted;
  };
};
