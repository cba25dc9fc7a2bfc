import type { Parameters } from './search-engine.ts';
import type { Server } from './server.ts';
import { holdsPersonNumber } from './url-guard.ts';

export interface NamedPatients {
  /** The parameters with every national identity number gone that addresses a patient. */
  readonly parameters: Parameters;
  /** The one Patient the search is about, if it names exactly one. */
  readonly patient?: string;
}

/** No resource has it: an unknown number must find nothing, and make nothing. */
const NOBODY = 'unknown';

const PATIENT = /^(patient|subject)(?::(?:Patient|identifier)|(?::Patient)?\.identifier)?$/;

/**
 * `patient:identifier=system|number` becomes `patient=Patient/<id>` by way of the index, so that no number goes
 * into SQL, links or cursors. A number in any other parameter cannot match anything, because none is
 * indexed: it becomes an id that nothing has. But for those by which a professional is found who has no other number.
 */
export const namePatients = async (
  server: Server,
  type: string,
  given: Parameters,
  /** Parameters in which a person's number is indexed, e.g. `practitioner:identifier`. */
  numbered: readonly string[] = [],
): Promise<NamedPatients> => {
  const parameters: [string, string][] = [];
  const patients = new Set<string>();
  for (const [name, value] of given) {
    const [resolved, ids] = numbered.includes(name)
      ? ([[name, normalised(server, value)], []] as const)
      : await resolve(server, type, name, value);
    parameters.push([...resolved]);
    for (const id of ids) patients.add(id);
  }
  const [only] = patients;
  return { parameters, ...(patients.size === 1 && only !== undefined ? { patient: only } : {}) };
};

type Resolved = readonly [parameter: [string, string], patients: readonly string[]];

/** Each number in the form that is stored; what is no number stays as it is. */
const normalised = (server: Server, value: string): string =>
  value
    .split(',')
    .map((token) => {
      const [system = '', number = ''] = token.trim().split('|');
      const normal = server.persons.normalise(system, number);
      return normal.ok ? `${normal.value.system}|${normal.value.value}` : token;
    })
    .join(',');

const resolve = async (server: Server, type: string, name: string, value: string): Promise<Resolved> => {
  const element = PATIENT.exec(name)?.[1];
  const numbers = holdsPersonNumber(server.persons, type, name, value);
  if (!numbers)
    return [[name, value], element === undefined || name.endsWith('identifier') ? [] : idsOf(value)];
  const isPatient = type === 'Patient' && name === 'identifier';
  if (element === undefined && !isPatient) return [['_id', NOBODY], []];
  const ids = await Promise.all(value.split(',').map((one) => patientOf(server, one.trim())));
  return element === undefined
    ? [['_id', ids.join(',')], ids]
    : [[element, ids.map((id) => `Patient/${id}`).join(',')], ids];
};

/** Ids of the Patients that references name; `subject` may be about something else, such as an Organization. */
const idsOf = (value: string): readonly string[] =>
  value
    .split(',')
    .filter((one) => !/(?:^|\/)(?!Patient\/)[A-Z][A-Za-z]+\/[^/]+(?:\/_history\/[^/]+)?$/.test(one))
    .map((one) => one.replace(/^.*Patient\//, '').replace(/\/_history\/.*$/, ''));

const patientOf = async (server: Server, token: string): Promise<string> => {
  const [system = '', number = ''] = token.split('|');
  const normal = server.persons.normalise(system, number);
  if (!normal.ok) return NOBODY;
  return (await server.patients.find(normal.value)) ?? NOBODY;
};
