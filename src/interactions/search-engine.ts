import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import type { SearchParameter } from '../fhir/search/parameters.ts';
import { type ParsedSearch, type ParseOptions, parseSearch } from '../fhir/search/parse.ts';
import type { Subsets } from '../fhir/search/subset.ts';
import { readBody } from '../http/body.ts';
import type { Clock, Database } from '../ports.ts';
import { sql } from '../ports.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import { type Included, includedWith } from '../store/includes.ts';
import { createSearch, type SearchPage } from '../store/search.ts';
import type { SearchPosition, SearchRequest, Within } from '../store/search-request.ts';
import type { StoredVersion } from '../store/types.ts';

/** A ValueSet or CodeSystem by its url, with or without version, or by `Type/id`. */
export interface WantedTerminology {
  readonly type: 'ValueSet' | 'CodeSystem';
  readonly name: string;
}

export type Parameters = readonly (readonly [name: string, value: string])[];

/** Search as the interactions use it: parameters in, a page of versions out. */
export interface SearchEngine {
  /** The parameters of the URL, and those of a POST _search body. */
  readonly parameters: (request: Request, search: string) => Promise<Result<Parameters, Failure>>;
  readonly parse: (
    entry: ResourceEntry,
    parameters: Parameters,
    handling: 'strict' | 'lenient',
    /** What more the search may ask for: chains and includes, where they may lead; parts of resources. */
    more?: Pick<ParseOptions, 'related' | 'subsets' | 'terminology'>,
  ) => Result<ParsedSearch, Failure>;
  /** What `parse` must know of codes, beyond what it knows anyway, for a search by these parameters. */
  readonly terminologyOf: (parameters: Parameters) => Promise<NonNullable<ParseOptions['terminology']>>;
  /** What is kept in the store of these, and of what they draw on; the ones meant by a name come last. */
  readonly storedTerminology: (
    wanted: readonly WantedTerminology[],
  ) => Promise<readonly (ValueSet | CodeSystem)[]>;
  /** The parameters that a type is searched by. */
  readonly offered: (entry: ResourceEntry) => readonly SearchParameter[];
  /** All that R4 and the project have for a type. */
  readonly parametersOf: (type: string) => readonly SearchParameter[];
  readonly subsets: Subsets;
  readonly run: (
    request: SearchRequest,
    options: { readonly within?: Within; readonly after?: SearchPosition },
  ) => Promise<SearchPage>;
  /** What comes along with these matches. */
  readonly included: (
    includes: NonNullable<SearchRequest['includes']>,
    matches: readonly StoredVersion[],
  ) => Promise<Included>;
  /** Does the resource with this id match these parameters? For scopes that name some. */
  readonly matches: (
    entry: ResourceEntry,
    id: string,
    query: Readonly<Record<string, string>>,
  ) => Promise<boolean>;
  /** `Type/id` of a live resource that refers to this one; undefined when none does. */
  readonly referring: (type: string, id: string) => Promise<string | undefined>;
}

export interface SearchEngineParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly baseUrl: string;
  readonly parametersOf: (type: string) => readonly SearchParameter[];
  readonly maxBody: number;
  readonly subsets: Subsets;
  readonly terminology: {
    /** What is known at once. */
    readonly known: NonNullable<ParseOptions['terminology']>;
    /** The same and what is stored of what these parameters name. */
    readonly of: SearchEngine['terminologyOf'];
    readonly stored: SearchEngine['storedTerminology'];
  };
}

/** The criteria of the entry itself beside those asked for. */
const narrowed = ({ narrowedBy = [] }: ResourceEntry, parameters: Parameters): Parameters => {
  const added = narrowedBy.filter(
    ([name, value]) => !parameters.some(([sent, said]) => sent === name && said === value),
  );
  return added.length === 0 ? parameters : [...parameters, ...added];
};

const FORM = /^application\/x-www-form-urlencoded\b/i;

export const createSearchEngine = (parts: SearchEngineParts): SearchEngine => {
  const { database, clock, baseUrl, parametersOf, maxBody, subsets, terminology } = parts;
  const store = createSearch(database);

  const offered = (entry: ResourceEntry): readonly SearchParameter[] =>
    parametersOf(entry.type).filter(({ code }) => entry.searchParameters.includes(code));

  const parse: SearchEngine['parse'] = (entry, parameters, handling, more = {}) => {
    const parsed = parseSearch(entry.type, narrowed(entry, parameters), offered(entry), {
      baseUrl,
      now: clock(),
      handling,
      terminology: terminology.known,
      ...more,
    });
    if (parsed.ok) return parsed;
    // Leading into what the caller may not search is no fault of form.
    const closed = parsed.failure.every(({ code }) => code === 'forbidden');
    return fail({ kind: closed ? 'forbidden' : 'malformed', issues: parsed.failure });
  };

  return {
    parse,
    offered,
    parametersOf,
    subsets,
    terminologyOf: terminology.of,
    storedTerminology: terminology.stored,
    run: (request, options) => store.search(request, options),
    included: (includes, matches) => includedWith(database, includes, matches),

    async parameters(request, search) {
      const inUrl = search === '' ? [] : [...new URLSearchParams(search)];
      if (request.method !== 'POST') return ok(inUrl);
      const type = request.headers.get('content-type');
      if (type !== null && !FORM.test(type)) {
        return fail(
          failure(
            'unsupported-media-type',
            'not-supported',
            'A search body is application/x-www-form-urlencoded.',
            { location: ['http.Content-Type'] },
          ),
        );
      }
      const body = await readBody(request, maxBody);
      if (!body.ok) return body;
      return ok([...inUrl, ...new URLSearchParams(body.value)]);
    },

    async matches(entry, id, query) {
      const parsed = parse(entry, [['_id', id], ...Object.entries(query)], 'strict');
      if (!parsed.ok) return false;
      const page = await store.search(parsed.value.request, {});
      return page.versions.length > 0;
    },

    async referring(type, id) {
      const [row] = await database.query(
        sql(
          'select type, id from idx_reference where target_type = ? and target_id = ? and type <> ? limit 1',
          type,
          id,
          'Provenance',
        ),
      );
      return row === undefined ? undefined : `${row['type']}/${row['id']}`;
    },
  };
};
