import type { Parameters } from './search-engine.ts';
import type { Server } from './server.ts';
import { holdsPersonNumber } from './url-guard.ts';

export interface NamedPatients {
  /** The parameters with every national identity number gone. */
  readonly parameters: Parameters;
  /** The one Patient the search is about, if it names exactly one. */
  readonly patient?: string;
}

/** No resource has it: an unknown number must find nothing, and make nothing. */
const NOBODY = 'unknown';

const PATIENT = /^(patient|subject)(?::(?:Patient|identifier)|(?::Patient)?\.identifier)?$/;

/**
 * `patient:identifier=system|number` becomes `patient=Patient/<id>` by way of the index, so that no number goes
 * into SQL, links or cursors. A number in any other parameter cannot match anything, because none is ever
 * indexed: it becomes an id that nothing has.
 */
export const namePatients = async (
  server: Server,
  type: string,
  given: Parameters,
): Promise<NamedPatients> => {
  const parameters: [string, string][] = [];
  const patients = new Set<string>();
  for (const [name, value] of given) {
    const [resolved, ids] = await resolve(server, type, name, value);
    parameters.push(resolved);
    for (const id of ids) patients.add(id);
  }
  const [only] = patients;
  return { parameters, ...(patients.size === 1 && only !== undefined ? { patient: only } : {}) };
};

type Resolved = readonly [parameter: [string, string], patients: readonly string[]];

const resolve = async (server: Server, type: string, name: string, value: string): Promise<Resolved> => {
  const element = PATIENT.exec(name)?.[1];
  const numbers = holdsPersonNumber(server.persons, type, name, value);
  if (!numbers)
    return [[name, value], element === undefined || name.endsWith('identifier') ? [] : idsOf(value)];
  if (element === undefined) return [['_id', NOBODY], []];
  const ids = await Promise.all(value.split(',').map((one) => patientOf(server, one.trim())));
  return [[element, ids.map((id) => `Patient/${id}`).join(',')], ids];
};

const idsOf = (value: string): readonly string[] =>
  value.split(',').map((one) => one.replace(/^.*Patient\//, '').replace(/\/_history\/.*$/, ''));

const patientOf = async (server: Server, token: string): Promise<string> => {
  const [system = '', number = ''] = token.split('|');
  const normal = server.persons.normalise(system, number);
  if (!normal.ok) return NOBODY;
  return (await server.patients.find(normal.value)) ?? NOBODY;
};
