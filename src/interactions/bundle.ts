import type { StoredVersion } from '../store/types.ts';

/** Bundles are put together as text: what the store holds is not parsed only to be printed again. */

export interface Link {
  readonly relation: 'self' | 'next';
  readonly url: string;
}

const linksOf = (links: readonly Link[]): string => JSON.stringify(links);

type Shown = Pick<StoredVersion, 'type' | 'id' | 'content'>;

/** https://hl7.org/fhir/R4/http.html#search */
export const searchset = (
  base: string,
  versions: readonly Shown[],
  links: readonly Link[],
  more: {
    readonly total?: number;
    readonly outcome?: string;
    /** What came along by `_include` and `_revinclude`. */
    readonly included?: readonly Shown[];
  } = {},
): string => {
  const entryOf = (version: Shown, mode: 'match' | 'include'): string =>
    `{"fullUrl":"${base}/${version.type}/${version.id}","resource":${version.content},"search":{"mode":"${mode}"}}`;
  const entries = [
    ...versions.map((version) => entryOf(version, 'match')),
    ...(more.included ?? []).map((version) => entryOf(version, 'include')),
  ];
  if (more.outcome !== undefined) {
    entries.push(`{"resource":${more.outcome},"search":{"mode":"outcome"}}`);
  }
  return bundle('searchset', links, entries, more.total);
};

/** Newest first; a deletion has a request and no resource. https://hl7.org/fhir/R4/http.html#history */
export const historyBundle = (
  base: string,
  versions: readonly StoredVersion[],
  links: readonly Link[],
  total?: number,
): string => {
  const entries = versions.map((version) => {
    const url = `${base}/${version.type}/${version.id}`;
    const resource = version.deleted ? '' : `"resource":${version.content},`;
    const target = version.method === 'POST' ? version.type : `${version.type}/${version.id}`;
    const status = version.method === 'POST' ? '201' : version.deleted ? '204' : '200';
    const modified = new Date(version.lastUpdated).toISOString();
    return (
      `{"fullUrl":"${url}",${resource}"request":{"method":"${version.method}","url":"${target}"},` +
      `"response":{"status":"${status}","etag":"W/\\"${version.version}\\"","lastModified":"${modified}"}}`
    );
  });
  return bundle('history', links, entries, total);
};

const bundle = (
  type: 'searchset' | 'history',
  links: readonly Link[],
  entries: readonly string[],
  total?: number,
): string => {
  const count = total === undefined ? '' : `,"total":${total}`;
  // R4: an array is never empty.
  const list = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`;
  return `{"resourceType":"Bundle","type":"${type}"${count},"link":${linksOf(links)}${list}}`;
};
