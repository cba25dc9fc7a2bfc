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

const acceptable = (range: MediaRange): boolean =>
  range.quality > 0 && (range.fhirVersion === undefined || VERSIONS.has(range.fhirVersion));

const DETAILS = { system: codeSystem('header-issue'), code: 'media-type' };

const notAcceptable = (formats: readonly Format[], location: string): Failure =>
  failure(
    'not-acceptable',
    'not-supported',
    `This server answers ${formats.map((format) => `application/fhir+${format}`).join(' and ')}, FHIR version 4.0.`,
    { location: [location], details: DETAILS },
  );

const negotiateAccept = (accept: string, formats: readonly Format[]): Format | undefined => {
  const ranges = accept.split(',').map(rangeOf);
  // A browser names text/html: it is shown JSON, whatever it thinks of XML.
  if (ranges.some((range) => range.type === 'text/html')) return 'json';
  let best: { format: Format; quality: number } | undefined;
  for (const range of ranges) {
    if (!acceptable(range)) continue;
    const wild = range.type === '*/*' || range.type === 'application/*';
    const format = wild ? 'json' : FORMAT_OF.get(range.type);
    if (format === undefined || !formats.includes(format)) continue;
    if (best === undefined || range.quality > best.quality) best = { format, quality: range.quality };
  }
  return best?.format;
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
    const format = range.type === 'text/html' ? 'json' : FORMAT_OF.get(range.type);
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
