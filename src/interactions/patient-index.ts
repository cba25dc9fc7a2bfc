import { failure } from '../failure.ts';
import { checkPatientRef } from '../headers/patient-match.ts';
import { fail, ok } from '../result.ts';
import { searchset } from './bundle.ts';
import type { Handler } from './call.ts';
import { search } from './search.ts';
import type { Server } from './server.ts';

const malformed = (diagnostics: string) =>
  failure('malformed', 'value', diagnostics, { location: ['http.identifier'] });

/**
 * `POST /fhir/Patient/_search` with `identifier=system|value`: the Patient with that national identity number,
 * made on first use. Private persons may ask for their own number, or those of whom they act for: that needs no
 * making, because their token names the Patient.
 */
export const searchPatient =
  (server: Server): Handler =>
  async (call, trace) => {
    const asked = call.parameters.filter(([name]) => name === 'identifier').map(([, value]) => value);
    const [token] = asked;
    if (token === undefined) return search(server)(call, trace);
    const known = new Set(['identifier', '_format', '_pretty', '_count', '_total']);
    const unknown = call.parameters.find(([name]) => !known.has(name));
    if (unknown !== undefined) {
      return fail(
        failure('malformed', 'not-supported', 'A Patient is found by identifier alone, or by _id.', {
          location: ['http.parameter'],
        }),
      );
    }
    const bar = token.indexOf('|');
    if (asked.length > 1 || token.includes(',') || bar <= 0) {
      return fail(malformed('Search for one Patient as identifier=system|value.'));
    }
    const system = token.slice(0, bar);
    if (!server.persons.isPersonSystem(system)) {
      return fail(malformed('The system is not one of the national identity number systems of this server.'));
    }
    const number = server.persons.normalise(system, token.slice(bar + 1));
    if (!number.ok) return fail(malformed(number.failure));
    const within = call.authority?.patients;
    const found = await server.patients.find(number.value);
    if (within !== undefined && (found === undefined || !within.includes(found))) {
      return fail(failure('forbidden', 'forbidden', 'The token does not reach the person with this number.'));
    }
    const id = found ?? (await server.patients.findOrMake(number.value));
    const caller = call.authority?.caller;
    const mismatch =
      caller === undefined ? undefined : checkPatientRef({ values: call.values, patient: id, caller }, call);
    if (mismatch !== undefined) return fail(mismatch);
    trace.patient = id;
    const version = await server.repository.read('Patient', id);
    if (version === undefined) return fail(failure('internal', 'exception', 'The patient index is broken.'));
    const self = `${call.base}/Patient?_id=${id}`;
    return ok({
      kind: 'ok',
      json: searchset(call.base, [version], [{ relation: 'self', url: self }], { total: 1 }),
      confidential: true,
    });
  };
