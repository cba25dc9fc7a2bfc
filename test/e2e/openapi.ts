import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

interface ToldOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly $ref?: string; readonly name?: string }[];
  readonly security: readonly object[];
}

type Paths = Readonly<Record<string, Readonly<Record<string, ToldOperation>>>>;

const pathsOf = async (server: Client): Promise<Paths> => {
  const { json } = await server.get('/openapi.json', { as: null });
  return (json as { readonly paths: Paths }).paths;
};

const statementOf = async (server: Client) =>
  resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement').rest?.[0];

const headersOf = ({ parameters }: ToldOperation): readonly string[] =>
  parameters.flatMap(({ $ref }) => ($ref === undefined ? [] : [$ref.split('/').at(-1) ?? '']));

/** A path of which it is known that the pattern holds. */
const MODELS: Readonly<Record<string, readonly [path: string, method: string] | undefined>> = {
  discovery: undefined,
  '2.1': ['/fhir/Organization', 'get'],
  '2.2.1': ['/fhir/Provenance', 'get'],
  '2.2.2': ['/fhir/Consent', 'get'],
  '2.3': ['/fhir/Organization', 'post'],
};

const CONFORMANCE = [
  'CodeSystem',
  'NamingSystem',
  'OperationDefinition',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
];

export const openapi: Theme = (open) => {
  describe('/openapi.json', () => {
    const server = useServer(open);

    it('has every operation of the CapabilityStatement', async () => {
      const paths = await pathsOf(server);
      const rest = await statementOf(server);
      for (const { type, operation = [] } of rest?.resource ?? []) {
        for (const { name } of operation) {
          const places = [`/fhir/${type}/$${name}`, `/fhir/${type}/{id}/$${name}`];
          expect([name, places.some((place) => paths[place] !== undefined)]).toEqual([name, true]);
        }
      }
      for (const { name } of rest?.operation ?? []) expect(Object.keys(paths)).toContain(`/fhir/$${name}`);
    });

    it('has every operation that is mounted, at each level, with the methods it takes', async () => {
      const paths = await pathsOf(server);
      const rest = await statementOf(server);
      const definitions = await server.get('/fhir/OperationDefinition', { as: null });
      const names = new Set([
        ...(rest?.resource ?? []).flatMap(({ operation = [] }) => operation.map(({ name }) => name)),
        ...(resourceIn(definitions, 'Bundle').entry ?? []).flatMap(({ resource }) =>
          resource?.resourceType === 'OperationDefinition' ? [resource.code] : [],
        ),
      ]);
      const types = (rest?.resource ?? []).map(({ type }) => `/${type}`);
      const places = ['', ...types, ...types.map((type) => `${type}/{id}`)];
      for (const path of places.flatMap((place) => [...names].map((name) => `/fhir${place}/$${name}`))) {
        // Whatever is mounted names by 405 the methods that it takes.
        const reply = await server.call('PURGE', path.replace('{id}', 'x'), { as: 'system' });
        const allowed = (reply.headers.get('Allow') ?? '').split(', ');
        // Where nothing is mounted on a type, the path is that of an instance, which takes no POST.
        const isInstance = !path.includes('{id}') && !allowed.includes('POST');
        const taken = isInstance ? [] : allowed.filter((one) => one === 'GET' || one === 'POST');
        const told = Object.keys(paths[path] ?? {}).map((method) => method.toUpperCase());
        expect([path, told.toSorted()]).toEqual([path, taken.toSorted()]);
      }
    });

    it('tells the headers of each operation by its pattern', async () => {
      const paths = await pathsOf(server);
      const operations = Object.entries(paths).filter(([path]) => path.includes('$'));
      expect(operations.length).toBeGreaterThan(5);
      for (const [path, methods] of operations) {
        for (const operation of Object.values(methods)) {
          const pattern = / pattern (\S+)$/.exec(operation.summary)?.[1] ?? '';
          const [model = '', modelMethod = ''] = MODELS[pattern] ?? [];
          const said = paths[model]?.[modelMethod];
          const expected = said === undefined ? [] : headersOf(said);
          expect([path, Object.keys(MODELS).includes(pattern), headersOf(operation)]).toEqual([
            path,
            true,
            expected,
          ]);
        }
      }
      const patternOf = (path: string) => Object.values(paths[path] ?? {})[0]?.summary;
      expect(patternOf('/fhir/Consent/$preview')).toContain('pattern 2.2.1');
      expect(patternOf('/fhir/Consent/{id}/$validate')).toContain('pattern 2.2.1');
      expect(patternOf('/fhir/$ping')).toContain('pattern 2.1');
      expect(patternOf('/fhir/ValueSet/$expand')).toContain('pattern discovery');
      expect(paths['/fhir/$ping']?.['get']?.security).toEqual([{}, { ticket: [] }]);
      expect(paths['/fhir/Consent/$preview']?.['post']?.security).toEqual([{ ticket: [] }]);
    });

    it('has the base, the history of the server and the conformance resources, too', async () => {
      const paths = await pathsOf(server);
      const methodsAt = (path: string) => Object.keys(paths[path] ?? {}).toSorted();
      expect(methodsAt('/fhir')).toEqual(['get', 'post']);
      expect(methodsAt('/fhir/_search')).toEqual(['post']);
      expect(methodsAt('/fhir/_history')).toEqual(['get']);
      expect(methodsAt('/fhir/metadata')).toEqual(['get']);
      for (const type of CONFORMANCE) {
        expect([type, methodsAt(`/fhir/${type}`)]).toEqual([type, ['get']]);
        expect([type, methodsAt(`/fhir/${type}/_search`)]).toEqual([type, ['post']]);
        expect([type, methodsAt(`/fhir/${type}/{id}`)]).toEqual([type, ['get']]);
      }
      const names = paths['/fhir/ValueSet']?.['get']?.parameters.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['url', 'name', 'status']));
    });

    it('names each operation once', async () => {
      const ids = Object.values(await pathsOf(server)).flatMap((methods) =>
        Object.values(methods).map(({ operationId }) => operationId),
      );
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    });
  });
};
