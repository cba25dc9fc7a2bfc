import { type Failure, failure } from '../failure.ts';
import { readBody } from '../http/body.ts';
import { parseJsonText } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import { type BodyReader, parseBody, readText } from './body.ts';
import type { Trace } from './call.ts';
import { storedOrMatching } from './conditional.ts';
import type { Server } from './server.ts';
import { planReplace } from './update.ts';
import { missing, refuseUnlessVisible } from './visible.ts';
import { type Planned, parseStored, type WriteBody, type WriteCall, type WriteInput } from './write.ts';

const JSON_PATCH = /^application\/json-patch\+json\b/i;

/**
 * What a PATCH says: JSON Patch by its own media type, FHIRPath Patch as a Parameters resource.
 * https://hl7.org/fhir/R4/http.html#patch
 */
export const readPatch = async (
  reader: BodyReader,
  request: Request,
): Promise<Result<WriteBody, Failure>> => {
  const json = JSON_PATCH.test(request.headers.get('content-type') ?? '');
  if (!json) {
    const text = await readText(reader, request);
    if (!text.ok) return text;
    const parameters = parseBody(reader, text.value);
    if (!parameters.ok) return parameters;
    // A module of its own, with the FHIRPath engine: a Worker starts without it.
    const { applyFhirPathPatch } = await import('./rare.ts');
    return ok({
      text: text.value.text,
      body: () => parameters,
      patch: (current) => applyFhirPathPatch(current, parameters.value, reader.definitions),
    });
  }
  const text = await readBody(request, reader.maxBody);
  if (!text.ok) return text;
  const patch = parsed(text.value);
  if (!patch.ok) return patch;
  const { applyJsonPatch } = await import('./rare.ts');
  return ok({
    text: text.value,
    body: () => ok({}),
    patch: (current) => applyJsonPatch(current, patch.value),
  });
};

const parsed = (text: string): Result<unknown, Failure> => {
  try {
    return ok(parseJsonText(text));
  } catch {
    return fail(failure('malformed', 'structure', 'The JSON Patch is not valid JSON.'));
  }
};

/** A patch is an update whose body is made from the stored version: the same rules hold for what comes out. */
export const planPatch = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  input: WriteInput,
): Promise<Result<Planned, Failure>> => {
  const { type } = call.entry;
  const found = await storedOrMatching(server, call);
  if (!found.ok) return found;
  const stored = found.value;
  if (stored === undefined) return fail(missing(call));
  const hidden = await refuseUnlessVisible(server, call, stored);
  if (hidden !== undefined) return fail(hidden);
  if (stored.deleted) {
    return fail(
      failure('gone', 'deleted', `This ${type} was deleted; bring it back with PUT before patching it.`),
    );
  }
  const patched = input.patch?.(parseStored(stored));
  if (patched === undefined) throw new Error('a patch without operations');
  return patched.ok ? planReplace(server, call, trace, stored, { ...input, body: patched.value }) : patched;
};
