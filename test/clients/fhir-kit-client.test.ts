import type { Resource } from '@medplum/fhirtypes';
import { CapabilityTool, Client } from 'fhir-kit-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samtykke } from '../e2e/fixtures.ts';
import { bare, clientSuite } from './client-suite.ts';
import { type Started, start } from './started.ts';
import { asBundle, asResource, type Connection, idOf, type TestedClient } from './tested-client.ts';

const kit = ({ origin, token, headers }: Connection): Client =>
  new Client({
    baseUrl: `${origin}/fhir`,
    ...(token === undefined ? {} : { bearerToken: token }),
    requestSigner: (url, options) => {
      const all = new Headers(options.headers);
      const path = url.slice(origin.length);
      for (const [name, value] of Object.entries(headers(options.method ?? 'GET', path)))
        all.set(name, value);
      options.headers = all;
    },
  });

/** The client's own body type wants an index signature. */
const bodyOf = (resource: Resource) => ({ ...resource });

const linked = (value: unknown) => {
  const bundle = asBundle(value);
  const link = (bundle.link ?? []).map(({ relation, url }) => ({ relation: relation ?? '', url: url ?? '' }));
  return { ...bundle, link };
};

const connect = (connection: Connection): TestedClient => {
  const client = kit(connection);
  return {
    fhirVersion: async () => String((await client.capabilityStatement())['fhirVersion']),
    create: async (resource) =>
      asResource(await client.create({ resourceType: resource.resourceType, body: bodyOf(resource) })),
    createUnlessThere: async (resource, query) =>
      asResource(
        await client.create({
          resourceType: resource.resourceType,
          body: bodyOf(resource),
          options: { headers: { 'If-None-Exist': query } },
        }),
      ),
    read: async (resourceType, id) => asResource(await client.read({ resourceType, id })),
    readReference: async (holder, _, reference) =>
      asResource(await client.resolve({ reference, context: bodyOf(holder) })),
    vread: async (resourceType, id, version) => asResource(await client.vread({ resourceType, id, version })),
    update: async (resource, ifMatch) =>
      asResource(
        await client.update({
          resourceType: resource.resourceType,
          id: idOf(resource),
          body: bodyOf(resource),
          ...(ifMatch === undefined ? {} : { options: { headers: { 'If-Match': ifMatch } } }),
        }),
      ),
    updateWhere: async (resource, query) =>
      asResource(
        await client.update({
          resourceType: resource.resourceType,
          searchParams: Object.fromEntries(new URLSearchParams(query)),
          body: bodyOf(resource),
        }),
      ),
    patch: async (resourceType, id, steps) =>
      asResource(await client.patch({ resourceType, id, jsonPatch: [...steps] })),
    delete: (resourceType, id) => client.delete({ resourceType, id }),
    search: async (resourceType, searchParams) =>
      asBundle(await client.search({ resourceType, searchParams })),
    searchByPost: async (resourceType, searchParams) =>
      asBundle(await client.search({ resourceType, searchParams, options: { postSearch: true } })),
    idsOfAllPages: async (resourceType, searchParams) => {
      const ids: string[] = [];
      let page: unknown = await client.search({ resourceType, searchParams });
      while (page !== undefined) {
        ids.push(...(asBundle(page).entry ?? []).map(({ resource }) => idOf(resource)));
        page = await client.nextPage({ bundle: linked(page) });
      }
      return ids;
    },
    history: async (resourceType, id) =>
      asBundle(await client.history({ resourceType, ...(id === undefined ? {} : { id }) })),
    batch: async (bundle) =>
      asBundle(
        await (bundle.type === 'batch'
          ? client.batch({ body: bodyOf(bundle) })
          : client.transaction({ body: bodyOf(bundle) })),
      ),
    validate: async (resource) =>
      asResource(
        await client.operation({
          name: 'validate',
          resourceType: resource.resourceType,
          input: bodyOf(resource),
        }),
      ),
    refusalOf: (error) => {
      if (!(error instanceof Error) || !('response' in error)) throw error;
      const response = error.response as { readonly status: number; readonly data: unknown };
      return { status: response.status, text: JSON.stringify(response.data) };
    },
  };
};

clientSuite('fhir-kit-client', connect);

describe('fhir-kit-client, beyond the suite', () => {
  let started: Started | undefined;
  const open = (): Client => {
    if (started === undefined) throw new Error('the server has not been started');
    return kit(bare(started));
  };
  beforeAll(async () => {
    started = await start({ SANDBOX_OPEN: 'on' });
  });
  afterAll(async () => {
    await started?.stop();
  });

  it('finds in the CapabilityStatement what it may do', async () => {
    const tool = new CapabilityTool(await open().capabilityStatement());
    expect(tool.serverCan('transaction')).toBe(true);
    expect(tool.resourceCan('Consent', 'create')).toBe(true);
    expect(tool.resourceCan('Patient', 'create')).toBe(false);
    expect(tool.resourceSearch('Consent', 'patient')).toBe(true);
    expect(tool.resourceSearch('Consent', 'nonsense')).toBe(false);
  });

  it('sees in X-Header-Findings which headers the rules would ask for', async () => {
    const created = await open().create({ resourceType: 'Consent', body: bodyOf(samtykke()) });
    const findings = Client.httpFor(created).response?.headers.get('X-Header-Findings');
    expect(atob(findings ?? '')).toContain('http.X-Provenance');
  });
});
