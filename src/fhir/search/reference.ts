/** A reference's literal half, as it is indexed and looked for. */
export interface LiteralReference {
  /** Null: a URL that is not one of ours; `id` is the whole URL then. */
  readonly type: string | null;
  readonly id: string;
  readonly version: string | null;
}

const RELATIVE = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;

/** `url|version`, as canonicals are written. */
const byUrl = (text: string): LiteralReference => {
  const bar = text.lastIndexOf('|');
  if (bar === -1) return { type: null, id: text, version: null };
  return { type: null, id: text.slice(0, bar), version: text.slice(bar + 1) };
};

/**
 * Reads `Consent/1`, `Consent/1/_history/2`, the same below our own base URL, and other URLs (canonicals with
 * `|version`). Undefined: none of these, e.g. `#contained` or a bare id.
 *
 * @param baseUrl our own base, without a slash at the end, e.g. `https://example.org/fhir`
 */
export const literalReference = (text: string, baseUrl: string): LiteralReference | undefined => {
  const own = baseUrl !== '' && text.startsWith(`${baseUrl}/`) ? text.slice(baseUrl.length + 1) : text;
  const parts = RELATIVE.exec(own);
  if (parts !== null) {
    const [, type = '', id = '', version] = parts;
    return { type, id, version: version ?? null };
  }
  return ABSOLUTE.test(text) ? byUrl(text) : undefined;
};
