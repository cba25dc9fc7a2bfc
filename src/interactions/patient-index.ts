import { type Failure, failure } from '../failure.ts';
import { checkPatientRef } from '../headers/patient-match.ts';
import type { Answer } from '../http/answer.ts';
import { fail, ok, type Result } from '../result.ts';
import type { SystemValue } from '../security/caller.ts';
import type { StoredVersion } from '../store/types.ts';
import { searchset } from './bundle.ts';
import type { Call, Handler } from './call.ts';
import { search } from './search.ts';
import type { Server } from './server.ts';

const malformed = (diagnostics: string) =>
  failure('malformed', 'value', diagnostics, { location: ['http.identifier'] });

/** What may stand beside the number that a Patient is found by. */
const BESIDE = new Set(['identifier', '_format', '_pretty', '_count', '_total']);

/**
 * The number that a search asks for; undefined: it is a search like that of any other type. A full Patient store is
 * searched so, but for one number alone.
 */
const numberAsked = (
  { persons }: Server,
  { parameters, entry }: Call,
): Result<SystemValue | undefined, Failure> => {
  const asked = parameters.filter(([name]) => name === 'identifier').map(([, value]) => value);
  const [token] = asked;
  if (token === undefined) return ok(undefined);
  const [system = '', number] = token.split('|');
  const isAlone = parameters.every(([name]) => BESIDE.has(name));
  const isOne = asked.length === 1 && !token.includes(',') && number !== undefined && system !== '';
  const isPerson = persons.isPersonSystem(system);
  if (entry.write !== undefined && !(isAlone && isOne && isPerson)) return ok(undefined);
  if (!isAlone) {
    return fail(
      failure('malformed', 'not-supported', 'A Patient is found by identifier alone, or by _id.', {
        location: ['http.parameter'],
      }),
    );
  }
  if (!isOne) return fail(malformed('Search for one Patient as identifier=system|value.'));
  if (!isPerson) {
    return fail(malformed('The system is not one of the national identity number systems of this server.'));
  }
  const normal = persons.normalise(system, token.slice(system.length + 1));
  return normal.ok ? normal : fail(malformed(normal.failure));
};

/**
 * `POST /fhir/Patient/_search` with `identifier=system|value`: the Patient with that national identity number,
 * made on first use unless the server is a full Patient store. Private persons may ask for their own number, or those of whom they act for: that needs no
 * making, because their token names the Patient.
 */
export const searchPatient =
  (server: Server): Handler =>
  async (call, trace) => {
    const number = numberAsked(server, call);
    if (!number.ok) return number;
    if (number.value === undefined) return search(server)(call, trace);
    const within = call.authority?.patients;
    const found = await server.patients.find(number.value);
    if (within !== undefined && (found === undefined || !within.includes(found))) {
      return fail(failure('forbidden', 'forbidden', 'The token does not reach the person with this number.'));
    }
    const isStore = call.entry.write !== undefined;
    // In a full Patient store clients create the Patients, and a search makes nothing.
    const id = found ?? (isStore ? undefined : await server.patients.findOrMake(number.value));
    const caller = call.authority?.caller;
    const mismatch =
      caller === undefined ? undefined : checkPatientRef({ values: call.values, patient: id, caller }, call);
    if (mismatch !== undefined) return fail(mismatch);
    const version = id === undefined ? undefined : await server.repository.read('Patient', id);
    if (version !== undefined) trace.patient = version.id;
    else if (isStore) trace.empty = true;
    else return fail(failure('internal', 'exception', 'The patient index is broken.'));
    return ok(foundAnswer(call, version));
  };

/** A number must not stand in a link, also where it finds nobody. */
const foundAnswer = ({ base }: Call, version: StoredVersion | undefined): Answer => {
  const versions = version === undefined ? [] : [version];
  const self = `${base}/Patient${version === undefined ? '' : `?_id=${version.id}`}`;
  const links = [{ relation: 'self', url: self } as const];
  return {
    kind: 'ok',
    json: searchset(base, versions, links, { total: versions.length }),
    confidential: true,
  };
};
