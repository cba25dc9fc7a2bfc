import { type Failure, failure } from '../failure.ts';
import type { Definitions } from '../fhir/definitions/types.ts';
import { parseJson, readBody } from '../http/body.ts';
import { type Format, formatOfBody } from '../http/media-type.ts';
import { fail, ok, type Result } from '../result.ts';

/** What reading a body needs. */
export interface BodyReader {
  /** Bytes. */
  readonly maxBody: number;
  readonly formats: readonly Format[];
  /** XML text to the JSON text of the same resource. */
  readonly fromXml: (text: string) => Result<string, Failure>;
  /** Those of every type that a body may have. */
  readonly definitions: Definitions;
}

/** The body's text as sent, for telling a repeat from another call. Failures: 415, 413, 400. */
export const readText = async (
  reader: BodyReader,
  request: Request,
): Promise<Result<{ readonly text: string; readonly format: Format }, Failure>> => {
  const coding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (coding !== 'identity') {
    return fail(
      failure(
        'unsupported-media-type',
        'not-supported',
        'Send the body as it is: Content-Encoding is not read.',
        {
          location: ['http.Content-Encoding'],
        },
      ),
    );
  }
  const format = formatOfBody(request.headers.get('content-type'), reader.formats);
  if (!format.ok) return format;
  const text = await readBody(request, reader.maxBody);
  return text.ok ? ok({ text: text.value, format: format.value }) : text;
};

/** The resource that a body's text says. Failure: `malformed`. */
export const parseBody = (
  reader: BodyReader,
  body: { readonly text: string; readonly format: Format },
): Result<object, Failure> => {
  if (body.format === 'json') return parseJson(body.text);
  const json = reader.fromXml(body.text);
  return json.ok ? parseJson(json.value) : fail(json.failure);
};
