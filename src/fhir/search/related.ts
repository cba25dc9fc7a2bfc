import type { Reach } from '../../store/search-request.ts';
import type { SearchParameter } from './parameters.ts';

/**
 * The other types that a search may lead to, by chaining, `_has`, `_include` or `_revinclude`, and how far its
 * caller sees into each. What a search finds or gives by way of another type is kept within this: a chain only
 * follows resources that the caller could have found itself, since that it finds something already tells.
 */
export interface Related {
  /** Types whose resources lie in the store's index. */
  readonly types: readonly string[];
  /** The parameters that are offered for a type. */
  readonly parametersOf: (type: string) => readonly SearchParameter[];
  /** A value in the form in which a type stores it, where clients may write it otherwise. */
  readonly storedValue?: (type: string, name: string, value: string) => string;
  /** Undefined: this caller may not search the type at all, so nothing leads there. */
  readonly reachOf: (type: string) => Reach | undefined;
}

/** A type that a search may lead to. */
export interface RelatedType {
  readonly type: string;
  readonly reach: Reach;
}

/** Of these types (none: any) those that are served, and whether one of them is closed to the caller. */
export const openTypes = (
  related: Related,
  types: readonly string[],
): { readonly open: readonly RelatedType[]; readonly closed: boolean } => {
  const served = types.length === 0 ? related.types : types.filter((type) => related.types.includes(type));
  const open = served.flatMap((type) => {
    const reach = related.reachOf(type);
    return reach === undefined ? [] : [{ type, reach }];
  });
  return { open, closed: open.length < served.length };
};
