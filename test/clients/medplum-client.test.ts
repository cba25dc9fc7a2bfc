import { MedplumClient, OperationOutcomeError } from '@medplum/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bare, clientSuite } from './client-suite.ts';
import { type Started, start } from './started.ts';
import { asBundle, asResource, type Connection, idOf, type TestedClient } from './tested-client.ts';

const clientFor = ({ origin, token, headers }: Connection, autoBatchTime?: number): MedplumClient =>
  new MedplumClient({
    baseUrl: `${origin}/`,
    fhirUrlPath: 'fhir/',
    ...(autoBatchTime === undefined ? {} : { autoBatchTime }),
    // What it has read it would answer from its own memory.
    cacheTime: 0,
    ...(token === undefined ? {} : { accessToken: token }),
    fetch: async (url: string, options: RequestInit = {}) => {
      const all = new Headers(options.headers);
      const path = String(url).slice(origin.length);
      for (const [name, value] of Object.entries(headers(options.method ?? 'GET', path)))
        all.set(name, value);
      return fetch(url, { ...options, headers: all });
    },
  });

const connect = (connection: Connection): TestedClient => {
  const client = clientFor(connection);
  return {
    fhirVersion: async () => {
      const statement = asResource(await client.get(client.fhirUrl('metadata')));
      return statement.resourceType === 'CapabilityStatement' ? (statement.fhirVersion ?? '') : '';
    },
    create: (resource) => client.createResource(resource),
    createUnlessThere: (resource, query) => client.createResourceIfNoneExist(resource, query),
    read: (type, id) => client.readResource(type, id),
    readReference: (_, __, reference) => client.readReference({ reference }),
    vread: (type, id, version) => client.readVersion(type, id, version),
    update: (resource, ifMatch) =>
      client.updateResource(
        { ...resource, id: idOf(resource) },
        ifMatch === undefined ? {} : { headers: { 'If-Match': ifMatch } },
      ),
    updateWhere: (resource, query) => client.upsertResource(resource, query),
    patch: (type, id, steps) => client.patchResource(type, id, [...steps]),
    delete: (type, id) => client.deleteResource(type, id),
    search: (type, parameters) => client.search(type, parameters),
    searchByPost: async (type, parameters) =>
      asBundle(
        await client.post(
          client.fhirUrl(type, '_search'),
          new URLSearchParams(parameters).toString(),
          'application/x-www-form-urlencoded',
        ),
      ),
    idsOfAllPages: async (type, parameters) => {
      const ids: string[] = [];
      for await (const page of client.searchResourcePages(type, parameters)) ids.push(...page.map(idOf));
      return ids;
    },
    history: (type, id) =>
      id === undefined ? client.get(client.fhirUrl(type, '_history')) : client.readHistory(type, id),
    batch: (bundle) => client.executeBatch(bundle),
    validate: (resource) => client.validateResource(resource),
    refusalOf: (error) => {
      if (!(error instanceof OperationOutcomeError)) throw error;
      return { text: JSON.stringify(error.outcome) };
    },
  };
};

clientSuite('MedplumClient of @medplum/core', connect);

describe('MedplumClient that gathers its reads', () => {
  let started: Started | undefined;
  beforeAll(async () => {
    started = await start({ SANDBOX_OPEN: 'on' });
  });
  afterAll(async () => {
    await started?.stop();
  });

  it('is answered a batch of reads as if it had asked one by one', async () => {
    if (started === undefined) throw new Error('the server has not been started');
    const client = clientFor(bare(started), 20);
    const names = ['Ett', 'Två', 'Tre'];
    const made = await Promise.all(
      names.map((name) => client.createResource({ resourceType: 'Organization', name })),
    );
    const read = await Promise.all(made.map(({ id }) => client.readResource('Organization', id)));
    expect(read).toEqual(made);
  });
});
