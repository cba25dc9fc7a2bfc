import type { Parameters } from './search-engine.ts';
import type { Server } from './server.ts';

export interface NamedPatients {
  /** The parameters with every national identity number gone. */
  readonly parameters: Parameters;
  /** The one Patient the search is about, if it names exactly one. */
  readonly patient?: string;
}

/** No resource has it: an unknown number must find nothing, and make nothing. */
const NOBODY = 'Patient/unknown';

const isPatientParameter = (name: string): boolean => /^(patient|subject)(:Patient)?$/.test(name);

/**
 * `patient:identifier=system|number` becomes `patient=Patient/<id>` by way of the index, so that no number goes
 * into SQL, links or cursors. A number in another parameter cannot match anything: none is ever indexed.
 */
export const namePatients = async (server: Server, given: Parameters): Promise<NamedPatients> => {
  const parameters: [string, string][] = [];
  const patients = new Set<string>();
  for (const [name, value] of given) {
    const resolved = await resolve(server, name, value);
    parameters.push(resolved);
    if (isPatientParameter(resolved[0])) {
      for (const one of resolved[1].split(',')) patients.add(one.replace(/^.*Patient\//, ''));
    }
  }
  const [only] = patients;
  return { parameters, ...(patients.size === 1 && only !== undefined ? { patient: only } : {}) };
};

const resolve = async (server: Server, name: string, value: string): Promise<[string, string]> => {
  if (!name.endsWith(':identifier')) return [name, value];
  const alternatives = value.split(',');
  if (!alternatives.some((one) => server.persons.isPersonSystem(one.split('|')[0] ?? '')))
    return [name, value];
  const ids = await Promise.all(alternatives.map((one) => patientOf(server, one)));
  const parameter = name.slice(0, -':identifier'.length);
  return [parameter, ids.join(',')];
};

const patientOf = async (server: Server, token: string): Promise<string> => {
  const [system = '', number = ''] = token.split('|');
  const normal = server.persons.normalise(system, number);
  if (!normal.ok) return NOBODY;
  const id = await server.patients.find(normal.value);
  return id === undefined ? NOBODY : `Patient/${id}`;
};
