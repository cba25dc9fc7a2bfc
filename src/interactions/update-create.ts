import { type Failure, failure } from '../failure.ts';
import { parseEntityTags } from '../http/etag.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Trace } from './call.ts';
import { planCreate } from './create.ts';
import type { Server } from './server.ts';
import type { Planned, WriteCall, WriteInput } from './write.ts';

/**
 * https://hl7.org/fhir/R4/http.html#upsert: an id that is not there is made, for types of which the facade alone
 * decides what there is.
 */
export const planUnderId = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  input: WriteInput,
  id: string,
): Promise<Result<Planned, Failure>> => {
  if (call.entry.updateCreate !== true) return fail(unknownId(call));
  const refused = refuseId(server, call, trace, id) ?? refuseUnmade(call);
  if (refused !== undefined) return fail(refused);
  const planned = await planCreate(server, call, trace, { ...input, id });
  if (!planned.ok || !('order' in planned.value)) return planned;
  // The history tells how it came about.
  return ok({ order: { ...planned.value.order, interaction: 'update' } });
};

/** Nothing matches the criteria, but the body has an id: made under it, unless something else is there. */
export const planMatchless = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  input: WriteInput,
  given: unknown,
): Promise<Result<Planned, Failure>> => {
  const { type, updateCreate } = call.entry;
  if (typeof given !== 'string' || updateCreate !== true) return fail(unknownId(call));
  if ((await server.repository.read(type, given)) === undefined) {
    return planUnderId(server, call, trace, input, given);
  }
  return fail(
    failure('conflict', 'duplicate', `The criteria match no ${type}, but there is one with this id.`, {
      expression: [`${type}.id`],
    }),
  );
};

/** https://hl7.org/fhir/R4/datatypes.html#id */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** An id that a client gives is part of URLs for good. */
const refuseId = (server: Server, call: WriteCall, trace: Trace, id: string): Failure | undefined => {
  const expression = [`${call.entry.type}.id`];
  if (server.persons.holdsNumber(id)) {
    // The audit keeps the id of a call: not this one.
    trace.id = 'refused';
    return failure(
      'unprocessable',
      'security',
      'The id has the shape of a national identity number, and URLs end up in logs; choose another.',
      { expression },
    );
  }
  return ID.test(id)
    ? undefined
    : failure('malformed', 'value', 'An id has 1 to 64 letters, digits, - and dots.', { expression });
};

/** If-Match names a version, and there is none. */
export const refuseUnmade = (call: WriteCall): Failure | undefined => {
  const raw = call.request.headers.get('if-match');
  if (raw === null) return undefined;
  const tags = parseEntityTags('If-Match', raw);
  if (!tags.ok) return tags.failure;
  return failure(
    'precondition-failed',
    'conflict',
    `There is no such ${call.entry.type}, so no version of it matches If-Match.`,
    { location: ['http.If-Match'] },
  );
};

/** R4: 405 when "the resource did not exist prior to the update, and the server does not allow client defined ids". */
const unknownId = (call: WriteCall): Failure =>
  failure(
    'method-not-allowed',
    'not-supported',
    `There is no ${call.entry.type} with this id, and the server gives ids itself: create it with POST.`,
    { allow: ['GET', 'HEAD'] },
  );
