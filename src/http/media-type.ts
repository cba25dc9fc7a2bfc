import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';

/** https://hl7.org/fhir/R4/http.html#mime-type */
export type Format = 'json' | 'xml';

export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
};

const FORMAT_OF: ReadonlyMap<string, Format> = new Map([
  ['application/fhir+json', 'json'],
  ['application/json', 'json'],
  ['application/json+fhir', 'json'],
  ['text/json', 'json'],
  ['json', 'json'],
  ['application/fhir+xml', 'xml'],
  ['application/xml', 'xml'],
  ['application/xml+fhir', 'xml'],
  ['text/xml', 'xml'],
  ['xml', 'xml'],
]);

/** R4 knows `_format=html`, too: a page for people, which here is JSON. */
const HTML: ReadonlySet<string> = new Set(['html', 'text/html']);

const VERSIONS = new Set(['4.0', '4.0.1']);

interface MediaRange {
  readonly type: string;
  readonly quality: number;
  readonly fhirVersion?: string;
}

const rangeOf = (text: string): MediaRange => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  let quality = 1;
  let fhirVersion: string | undefined;
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim());
    if (name.toLowerCase() === 'q') quality = Number.isNaN(Number(value)) ? 1 : Number(value);
    if (name.toLowerCase() === 'fhirversion') fhirVersion = value.replace(/^"|"$/g, '');
  }
  return { type: type.toLowerCase(), quality, ...(fhirVersion === undefined ? {} : { fhirVersion }) };
};

const isReadable = ({ fhirVersion }: MediaRange): boolean =>
  fhirVersion === undefined || VERSIONS.has(fhirVersion);

const acceptable = (range: MediaRange): boolean => range.quality > 0 && isReadable(range);

const DETAILS = { system: codeSystem('header-issue'), code: 'media-type' };

const notAcceptable = (formats: readonly Format[], location: string): Failure =>
  failure(
    'not-acceptable',
    'not-supported',
    `This server answers ${formats.map((format) => `application/fhir+${format}`).join(' and ')}, FHIR version 4.0.`,
    { location: [location], details: DETAILS },
  );

/** How closely a range names a format; 0: not at all. */
const closeness = ({ type }: MediaRange, format: Format): number => {
  if (FORMAT_OF.get(type) === format) return 3;
  if (type === 'application/*' || type === 'text/*') return 2;
  return type === '*/*' ? 1 : 0;
};

interface Preference<T> {
  readonly choice: T;
  readonly quality: number;
  readonly close: number;
  /** Where in the header it was named. */
  readonly at: number;
}

/** RFC 9110, 12.5.1: of the ranges that match a choice, the closest decides how much it is wanted. */
const preferenceFor = <T>(
  ranges: readonly MediaRange[],
  choice: T,
  closenessTo: (range: MediaRange, choice: T) => number,
): Preference<T> | undefined => {
  let best: Preference<T> | undefined;
  for (const [at, range] of ranges.entries()) {
    const close = closenessTo(range, choice);
    if (close === 0 || !isReadable(range)) continue;
    const { quality } = range;
    if (best === undefined || close > best.close || (close === best.close && quality > best.quality)) {
      best = { choice, quality, close, at };
    }
  }
  return best !== undefined && best.quality > 0 ? best : undefined;
};

/** A browser names text/html: it is shown JSON, whatever it thinks of XML in general. */
const isBrowser = (ranges: readonly MediaRange[]): boolean => {
  const html = ranges.find(({ type }) => type === 'text/html');
  if (html === undefined) return false;
  return !ranges.some(
    (range) =>
      range.type.startsWith('application/fhir+') && acceptable(range) && range.quality > html.quality,
  );
};

const negotiateAccept = (accept: string, formats: readonly Format[]): Format | undefined => {
  const ranges = accept.split(',').map(rangeOf);
  if (isBrowser(ranges)) return 'json';
  return mostWanted(formats.map((format) => preferenceFor(ranges, format, closeness)))?.choice;
};

const mostWanted = <T>(preferences: readonly (Preference<T> | undefined)[]): Preference<T> | undefined =>
  preferences
    .filter((preference) => preference !== undefined)
    .toSorted((a, b) => b.quality - a.quality || b.close - a.close || a.at - b.at)[0];

/** A type of its own has to be named: any wildcard is answered in FHIR. */
const isNamed = ({ type }: MediaRange, native: string): number => (type === native ? 3 : 0);

/**
 * Of the media types that an answer has besides those of FHIR, the one that the call would rather have; undefined:
 * a format of FHIR, or none at all, which is for {@link negotiate} to say.
 */
export const negotiateNative = (
  accept: string | null,
  formatParameter: string | null,
  types: readonly string[],
  formats: readonly Format[],
): string | undefined => {
  if (formatParameter !== null) return types.find((type) => type === rangeOf(formatParameter).type);
  if (types.length === 0 || accept === null) return undefined;
  const ranges = accept.split(',').map(rangeOf);
  const native = types.map((type) => preferenceFor<string>(ranges, type, isNamed));
  const fhir = formats.map((format) => preferenceFor<Format>(ranges, format, closeness));
  const wanted = mostWanted<string>([...native, ...fhir])?.choice;
  return types.find((type) => type === wanted);
};

const remembered = new Map<string, Format | undefined>();

/**
 * The format of the answer: `_format` if given, else Accept, else JSON. Failure: `not-acceptable`, which is
 * itself answered in JSON.
 */
export const negotiate = (
  accept: string | null,
  formatParameter: string | null,
  formats: readonly Format[],
): Result<Format, Failure> => {
  if (formatParameter !== null) {
    // An unescaped + in a query is a space: `_format=application/fhir+json` as people type it.
    const range = rangeOf(formatParameter.replaceAll(' ', '+'));
    const format = HTML.has(range.type) ? 'json' : FORMAT_OF.get(range.type);
    if (format === undefined || !formats.includes(format) || !acceptable(range)) {
      return fail(notAcceptable(formats, 'http._format'));
    }
    return ok(format);
  }
  if (accept === null || accept === '' || accept === '*/*') return ok('json');
  let format = remembered.get(accept);
  if (format === undefined) {
    format = negotiateAccept(accept, formats);
    if (remembered.size < 200) remembered.set(accept, format);
  }
  return format === undefined ? fail(notAcceptable(formats, 'http.Accept')) : ok(format);
};

/** The format of a body by its Content-Type; absent means JSON, the default of NLL. Failure: 415. */
export const formatOfBody = (
  contentType: string | null,
  formats: readonly Format[],
): Result<Format, Failure> => {
  if (contentType === null || contentType.trim() === '') return ok('json');
  const range = rangeOf(contentType);
  const format = range.type.includes('/') ? FORMAT_OF.get(range.type) : undefined;
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase();
  const readable = charset === undefined || charset === 'utf-8' || charset === 'utf8';
  if (format === undefined || !formats.includes(format) || !acceptable(range) || !readable) {
    return fail(
      failure(
        'unsupported-media-type',
        'not-supported',
        `Send the body as ${formats.map((known) => `application/fhir+${known}`).join(' or ')}, FHIR version 4.0, in UTF-8.`,
        { location: ['http.Content-Type'], details: DETAILS },
      ),
    );
  }
  return ok(format);
};
