import type { Resource } from '@medplum/fhirtypes';
import type {
  Criterion,
  SearchRequest,
  SortKey,
  StringMatch,
  TokenMatch,
  UriMatch,
} from '../store/search-request.ts';
import type { IndexRows, StringRow, TokenRow, UriRow } from '../store/types.ts';

interface Looked {
  readonly resource: Resource;
  readonly rows: IndexRows;
}

const isToken =
  ({ system, code }: TokenMatch) =>
  (row: TokenRow): boolean =>
    (system === undefined || system === row.system) && (code === undefined || code === row.code);

const STRING: Readonly<Record<StringMatch['match'], (row: StringRow, match: StringMatch) => boolean>> = {
  starts: (row, { folded }) => row.folded.startsWith(folded),
  contains: (row, { folded }) => row.folded.includes(folded),
  exact: (row, { exact }) => row.exact === exact,
};

const URI: Readonly<Record<UriMatch['match'], (row: UriRow, value: string) => boolean>> = {
  exact: (row, value) => row.value === value,
  below: (row, value) => row.value.startsWith(value),
  above: (row, value) => value.startsWith(row.value),
};

const of = <R extends { readonly param: string }>(rows: readonly R[], param: string): readonly R[] =>
  rows.filter((row) => row.param === param);

/** Strings, tokens and URIs: other kinds are not offered where a list is looked through. */
const meets = ({ resource, rows }: Looked, criterion: Criterion): boolean => {
  switch (criterion.kind) {
    case 'id':
      return criterion.anyOf.some((id) => id === resource.id);
    case 'token':
      return (
        criterion.anyOf.some((match) => of(rows.token, criterion.param).some(isToken(match))) !==
        criterion.not
      );
    case 'string':
      return criterion.anyOf.some((match) =>
        of(rows.string, criterion.param).some((row) => STRING[match.match](row, match)),
      );
    case 'uri':
      return criterion.anyOf.some(({ match, value }) =>
        of(rows.uri, criterion.param).some((row) => URI[match](row, value)),
      );
    case 'missing':
      return (
        [...rows.token, ...rows.string, ...rows.uri].every(({ param }) => param !== criterion.param) ===
        criterion.missing
      );
    default:
      return false;
  }
};

/** What a resource is sorted by; undefined: it has no value and comes last. */
const keyOf = ({ resource, rows }: Looked, { by }: SortKey): string | undefined =>
  by === '_id'
    ? resource.id
    : (of(rows.string, by)[0]?.folded ??
      of(rows.uri, by)[0]?.value ??
      of(rows.token, by)[0]?.code ??
      undefined);

const compareBy =
  (sort: readonly SortKey[]) =>
  (a: Looked, b: Looked): number => {
    for (const key of sort) {
      const [one, other] = [keyOf(a, key), keyOf(b, key)];
      if (one === other) continue;
      if (one === undefined || other === undefined) return one === undefined ? 1 : -1;
      return one < other === key.descending ? 1 : -1;
    }
    return 0;
  };

/**
 * A search over a short list that is held in memory, as the build brought it along; everything else is searched by
 * the store. All that match, sorted, whatever the size of a page.
 */
export const lookThrough = (
  list: readonly Resource[],
  { criteria, sort }: SearchRequest,
  indexOf: (resource: Resource) => IndexRows,
): readonly Resource[] =>
  list
    .map((resource) => ({ resource, rows: indexOf(resource) }))
    .filter((one) => criteria.every((criterion) => meets(one, criterion)))
    .toSorted(compareBy(sort))
    .map(({ resource }) => resource);
