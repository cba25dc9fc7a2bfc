import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';

/** R4's weak ETag of a version: `W/"3"`. https://hl7.org/fhir/R4/http.html#versioning */
export const etagOf = (version: number): string => `W/"${version}"`;

/** If-Match or If-None-Match: any version, or the listed ones. */
export interface EntityTags {
  /** Does the header name this version? An absent resource (undefined) is never named. */
  matches(version: number | undefined): boolean;
}

const TAG = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

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
  const tags = new Set<string>();
  for (const part of text.split(',')) {
    const tag = TAG.exec(part.trim());
    if (tag === null) {
      return fail(
        failure('malformed', 'value', `${name} must be * or a list of entity tags such as W/"1".`, {
          location: [`http.${name}`],
        }),
      );
    }
    tags.add(tag[1] ?? '');
  }
  return ok({ matches: (version) => version !== undefined && tags.has(String(version)) });
};
