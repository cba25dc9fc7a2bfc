import type { Database } from '../ports.ts';
import { namedBy, urlsOf } from './canonical-sql.ts';
import { filterOf, idSource, reachSources, resourceSource, type Source, sourceOf } from './criteria-sql.ts';
import { allOf, anyOf, joined, type Piece, p, raw, statementOf } from './piece.ts';
import { textOf } from './rows.ts';
import { choosePlan } from './search-plan.ts';
import type {
  ChainCriterion,
  ChainTarget,
  Criterion,
  Reach,
  ReverseCriterion,
  SearchRequest,
} from './search-request.ts';
import { pageIds } from './search-sql.ts';

/** Turns criteria into sources; those that lead to other resources may have to look there first. */
export type Resolve = (type: string, criteria: readonly Criterion[]) => Promise<readonly Source[]>;

/** The resources at the other end: their ids when they are few, else what they must meet. */
type Met = { readonly ids: readonly string[] } | { readonly sources: readonly Source[] };

const listPiece = (column: string, ids: readonly string[]): Piece =>
  p`${raw(column)} in (select value from json_each(${JSON.stringify(ids)}))`;

/** A condition that the resource of this id is there, may be seen, and meets the sources. */
const metPiece = (type: string, met: Met, id: string): Piece => {
  if ('ids' in met) return listPiece(id, met.ids);
  // What is only pointed at need not exist, and then it lacks everything: `:not` and `:missing` would find it.
  const negated = met.sources.some((source) => source.negated);
  const there = negated ? [resourceSource(type, raw('true'), { sorted: false })] : [];
  return allOf([...there, ...met.sources].map((source) => filterOf(source, id)));
};

/** A row of `idx_reference`, alias x, whose canonical names a resource that meets what it must. */
const namedPiece = ({ type }: ChainTarget, met: Met): Piece => {
  const listed = 'ids' in met ? [p`x.target_id in ${urlsOf(type, met.ids)}`] : [];
  const named = p`exists (select 1 from idx_uri u where ${namedBy('x', p`${type}`)} and ${metPiece(type, met, 'u.id')})`;
  return p`(${allOf([...listed, named])})`;
};

/**
 * Of a chain the far end is looked at first: when few resources meet the criterion there, their ids take its
 * place, and an index leads from them to the matches. Otherwise each candidate is followed to its far end.
 *
 * @param few how many ids are collected
 */
export const createResolve = (db: Database, few: number): Resolve => {
  const one = (type: string, criterion: Criterion): Source | Promise<Source> => {
    if (criterion.kind === 'chain') return chained(type, criterion);
    if (criterion.kind === 'reverse') return reversed(type, criterion);
    return sourceOf(type, criterion);
  };

  const resolve: Resolve = (type, criteria) => Promise.all(criteria.map((criterion) => one(type, criterion)));

  const meet = async (type: string, criterion: Criterion, reach: Reach): Promise<Met> => {
    const sources = [...(await resolve(type, [criterion])), ...reachSources(type, reach)];
    const request: SearchRequest = { type, criteria: [], count: few, sort: [], total: 'none' };
    const plan = await choosePlan(db, request, sources, few);
    const rows = await db.query(statementOf(pageIds(request, plan, sources, undefined, few + 1)));
    return rows.length > few ? { sources } : { ids: rows.map((row) => textOf(row, 'id')) };
  };

  const chained = async (
    type: string,
    { param, anyOf: targets, canonical }: ChainCriterion,
  ): Promise<Source> => {
    const ends = await Promise.all(
      targets.map(async (target) => ({
        target,
        met: await meet(target.type, target.criterion, target.reach),
      })),
    );
    const alternatives = ends.flatMap(({ target, met }) => [
      p`(+x.target_type = ${target.type} and ${metPiece(target.type, met, 'x.target_id')})`,
      ...(canonical === true ? [namedPiece(target, met)] : []),
    ]);
    return {
      table: 'idx_reference',
      where: p`x.type = ${type} and x.param = ${param} and ${anyOf(alternatives)}`,
      ordered: undefined,
      indexed: ends.every(({ met }) => 'ids' in met),
      negated: false,
    };
  };

  const reversed = async (type: string, criterion: ReverseCriterion): Promise<Source> => {
    const { source, param, reach, canonical = false } = criterion;
    const met = await meet(source, criterion.criterion, reach);
    const from = p`r.type = ${source} and r.param = ${param}`;
    const named = namedBy('r', p`${type}`);
    if ('ids' in met) {
      const list = p`json_each(${JSON.stringify(met.ids)}) s cross join idx_reference r`;
      const referred = [
        p`select +r.target_id as id from ${list} where ${from} and r.id = s.value and +r.target_type = ${type}`,
        ...(canonical
          ? [
              p`select u.id as id from ${list} cross join idx_uri u where ${from} and r.id = s.value and ${named}`,
            ]
          : []),
      ];
      const rows = await db.query(statementOf(p`select distinct id from (${joined(referred, ' union ')})`));
      return idSource(
        type,
        rows.map((row) => textOf(row, 'id')),
      );
    }
    const meets = metPiece(source, met, 'r.id');
    const referred = [
      p`exists (select 1 from idx_reference r where ${from} and +r.target_type = ${type} and r.target_id = x.id and ${meets})`,
      ...(canonical
        ? [
            p`exists (select 1 from idx_uri u cross join idx_reference r where u.id = x.id and ${from} and ${named} and ${meets})`,
          ]
        : []),
    ];
    return resourceSource(type, anyOf(referred), { sorted: false, indexed: false });
  };

  return resolve;
};
