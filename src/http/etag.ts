import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';

/** R4's weak ETag of a version: `W/"3"`. https://hl7.org/fhir/R4/http.html#versioning */
export const etagOf = (version: number): string => `W/"${version}"`;

/** If-Match or If-None-Match: any version, or the listed ones. */
export interface EntityTags {
  /** Does the header name this version? An absent resource (undefined) is never named. */
  matches(version: number | undefined): boolean;
}

/** One entity tag and the comma or the end after it; a tag may hold commas itself. */
const TAG = /[ \t]*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)/y;

/** The tags of a list; undefined when something else stands between them. Empty elements are none (RFC 9110, 5.6.1). */
const tagsIn = (text: string): ReadonlySet<string> | undefined => {
  const tags = new Set<string>();
  for (let at = 0; at < text.length; at = TAG.lastIndex) {
    const blank = /^[ \t]*,/.exec(text.slice(at));
    TAG.lastIndex = at + (blank?.[0].length ?? 0);
    if (blank !== null) continue;
    const tag = TAG.exec(text);
    if (tag === null) return undefined;
    tags.add(tag[1] ?? '');
  }
  return tags.size === 0 ? undefined : tags;
};

/**
 * Parses `*` or a list of entity tags (RFC 9110, 13.1.1). R4's tags are weak; strong and weak ones compare alike.
 * Failure: `malformed`, naming the header.
 */
export const parseEntityTags = (
  name: 'If-Match' | 'If-None-Match',
  raw: string,
): Result<EntityTags, Failure> => {
  const text = raw.trim();
  if (text === '*') return ok({ matches: (version) => version !== undefined });
  const tags = tagsIn(text);
  if (tags === undefined) {
    return fail(
      failure('malformed', 'value', `${name} must be * or a list of entity tags such as W/"1".`, {
        location: [`http.${name}`],
      }),
    );
  }
  return ok({ matches: (version) => version !== undefined && tags.has(String(version)) });
};
