import { type Piece, p, raw } from './piece.ts';

/**
 * Canonicals refer by url and business version: they are indexed as references without a type, and what they refer to
 * by its parameters `url` and `version`. Without a version every resource with that url is meant.
 */

/** Holds when a row of `idx_uri`, alias u, of this type is what a row of `idx_reference` refers to. */
export const namedBy = (reference: string, type: Piece): Piece => {
  const r = raw(reference);
  return p`+${r}.target_type = '' and u.type = ${type} and u.param = 'url' and u.value = ${r}.target_id and (${r}.target_version = '' or exists (select 1 from idx_token k where k.type = ${type} and k.param = 'version' and k.code = ${r}.target_version and k.id = u.id))`;
};

/** The urls of resources of a type, from a list of ids. */
export const urlsOf = (type: string, ids: readonly string[]): Piece =>
  p`(select u.value from json_each(${JSON.stringify(ids)}) i cross join idx_uri u where u.type = ${type} and u.id = i.value and u.param = 'url')`;
