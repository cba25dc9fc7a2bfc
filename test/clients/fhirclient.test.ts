import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Resource } from '@medplum/fhirtypes';
import smart from 'fhirclient';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reservasjon, samtykke } from '../e2e/fixtures.ts';
import { headersFor } from '../e2e/headers.ts';
import { clientSuite, connection } from './client-suite.ts';
import { type Started, start } from './started.ts';
import {
  asBundle,
  asResource,
  type Connection,
  idOf,
  patientOf,
  type TestedClient,
} from './tested-client.ts';

const clientFor = ({ origin, token }: Connection, patient?: string) => {
  const incoming = new IncomingMessage(new Socket());
  return smart(incoming, new ServerResponse(incoming)).client({
    serverUrl: `${origin}/fhir`,
    ...(token === undefined
      ? {}
      : { tokenResponse: { access_token: token, ...(patient === undefined ? {} : { patient }) } }),
  });
};

/** The types of the client's own make ask for more than R4 does: any resource is one. */
const bodyOf = (resource: Resource) => {
  const body: object = resource;
  return { ...body, resourceType: resource.resourceType };
};

const connect = (connection: Connection): TestedClient => {
  const client = clientFor(connection);
  /** The options of a call: the headers that it needs. */
  const call = (method: string, path: string, more: Readonly<Record<string, string>> = {}) => ({
    headers: { ...connection.headers(method, `/fhir/${path}`), ...more },
  });
  const get = async (path: string): Promise<unknown> => client.request({ url: path, ...call('GET', path) });
  const send = async (method: string, path: string, body: string, type: string): Promise<unknown> =>
    client.request({ url: path, method, body, ...call(method, path, { 'content-type': type }) });
  const FHIR_JSON = 'application/fhir+json';
  return {
    fhirVersion: () => client.getFhirVersion(),
    create: async (resource) =>
      asResource(await client.create(bodyOf(resource), call('POST', resource.resourceType))),
    createUnlessThere: async (resource, query) =>
      asResource(
        await client.create(
          bodyOf(resource),
          call('POST', resource.resourceType, { 'if-none-exist': query }),
        ),
      ),
    read: async (type, id) => asResource(await get(`${type}/${id}`)),
    readReference: async (holder, path, reference) => {
      const graph = structuredClone(holder);
      const found = await client.getReferences(graph, [path], call('GET', reference));
      return asResource(found[reference]);
    },
    vread: async (type, id, version) => asResource(await get(`${type}/${id}/_history/${version}`)),
    update: async (resource, ifMatch) =>
      asResource(
        await client.update(
          bodyOf(resource),
          call(
            'PUT',
            `${resource.resourceType}/${idOf(resource)}`,
            ifMatch === undefined ? {} : { 'if-match': ifMatch },
          ),
        ),
      ),
    updateWhere: async (resource, query) =>
      asResource(await send('PUT', `${resource.resourceType}?${query}`, JSON.stringify(resource), FHIR_JSON)),
    patch: async (type, id, steps) => {
      const path = `${type}/${id}`;
      return asResource(await client.patch(path, [...steps], call('PATCH', path)));
    },
    delete: (type, id) => client.delete(`${type}/${id}`, call('DELETE', `${type}/${id}`)),
    search: async (type, parameters) => asBundle(await get(`${type}?${new URLSearchParams(parameters)}`)),
    searchByPost: async (type, parameters) =>
      asBundle(
        await send(
          'POST',
          `${type}/_search`,
          new URLSearchParams(parameters).toString(),
          'application/x-www-form-urlencoded',
        ),
      ),
    idsOfAllPages: async (type, parameters) => {
      const ids: string[] = [];
      const first = `${type}?${new URLSearchParams(parameters)}`;
      for await (const resource of client.resources(first, call('GET', first)))
        ids.push(idOf(asResource(resource)));
      return ids;
    },
    history: async (type, id) =>
      asBundle(await get(id === undefined ? `${type}/_history` : `${type}/${id}/_history`)),
    batch: async (bundle) => asBundle(await send('POST', '', JSON.stringify(bundle), FHIR_JSON)),
    validate: async (resource) =>
      asResource(
        await send('POST', `${resource.resourceType}/$validate`, JSON.stringify(resource), FHIR_JSON),
      ),
    refusalOf: (error) => {
      if (!(error instanceof Error) || !('status' in error)) throw error;
      return { status: Number(error.status), text: error.message };
    },
  };
};

clientSuite('fhirclient', connect);

describe('fhirclient of a citizen', () => {
  let started: Started | undefined;
  const running = (): Started => {
    if (started === undefined) throw new Error('the server has not been started');
    return started;
  };
  beforeAll(async () => {
    started = await start();
  });
  afterAll(async () => {
    await started?.stop();
  });

  it('reads the Patient of its token, and the Consents about it, as one list', async () => {
    const care = connect(await connection(running(), 'prescriber'));
    const made = [await care.create(samtykke()), await care.create(reservasjon())];
    const patient = patientOf(made[0]).slice('Patient/'.length);
    const token = await running().token({ role: 'citizen', patient });
    const citizen: Connection = { origin: running().origin, token, headers: () => ({}) };
    const client = clientFor(citizen, patient);
    const headers = (path: string) =>
      headersFor({ method: 'GET', path: `/fhir/${path}`, role: 'citizen', patient });
    expect(await client.patient.read({ headers: headers('Patient/x') })).toMatchObject({ id: patient });
    const mine: unknown = await client.patient.request(
      { url: 'Consent', headers: headers('Consent') },
      { pageLimit: 0, flat: true },
    );
    expect(mine).toHaveLength(2);
    expect(mine).toEqual(expect.arrayContaining(made));
  });
});
