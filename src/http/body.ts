import { type Failure, failure } from '../failure.ts';
import { parseJsonText } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import { ambiguity } from './json-text.ts';

const tooLarge = (limit: number): Failure =>
  failure(
    'too-large',
    'too-long',
    `The body is larger than the ${limit} bytes that this server takes (MAX_BODY).`,
  );

/** Takes a byte order mark away. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Reads a request's body as UTF-8, at most `limit` bytes: what is beyond is never held in memory.
 * Failures: `too-large`, `malformed` when it is not UTF-8.
 */
export const readBody = async (request: Request, limit: number): Promise<Result<string, Failure>> => {
  const bytes = await readBytes(request, limit);
  return bytes.ok ? decode(bytes.value) : bytes;
};

/** The bytes of a request's body, at most `limit`. Failures: `too-large`; `malformed` when it ends too early. */
export const readBytes = async (
  request: Request,
  limit: number,
): Promise<Result<Uint8Array<ArrayBuffer>, Failure>> => {
  const length = request.headers.get('content-length');
  if (Number(length ?? '0') > limit) return fail(tooLarge(limit));
  try {
    // With a declared length the platform itself stops at it, and reading at once is several times faster. The
    // stream is not even looked at: on Node that alone would make another request out of this one.
    if (length !== null) return ok(new Uint8Array(await request.arrayBuffer()));
    if (request.body === null) return ok(new Uint8Array());
    const bytes = await readChunks(request.body, limit);
    return bytes === undefined ? fail(tooLarge(limit)) : ok(bytes);
  } catch {
    return fail(failure('malformed', 'structure', 'The body ended before it was complete.'));
  }
};

const readChunks = async (
  body: ReadableStream<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
};

const decode = (bytes: Uint8Array<ArrayBuffer>): Result<string, Failure> => {
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return fail(failure('malformed', 'structure', 'The body is not valid UTF-8.'));
  }
};

/** Parses a body as one JSON object. Failure: `malformed`; the parser's message is not repeated, it may quote data. */
export const parseJson = (text: string): Result<object, Failure> => {
  if (text.trim() === '') {
    return malformed('The body is empty: a FHIR resource is expected.');
  }
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    const at = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    return malformed(`The body is not valid JSON${at === undefined ? '' : ` (at character ${at})`}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed('The body is JSON, but not an object: a FHIR resource is expected.');
  }
  const fault = ambiguity(text);
  return fault === undefined ? ok(value) : malformed(fault);
};

const malformed = (diagnostics: string): Result<never, Failure> =>
  fail(failure('malformed', 'structure', diagnostics));
