import type { SearchParameter } from './fhir/search/parameters.ts';
import { ruleNumber } from './headers/documentation.ts';
import type { Pattern } from './headers/pattern.ts';
import { HEADER_NAMES, HEADER_TABLE, RULED_PATTERNS, type RuledPattern } from './headers/table.ts';
import { isWrite } from './interactions/serve.ts';
import type { Offered } from './metadata.ts';
import type { Interaction, ResourceEntry } from './resources/entry.ts';
import { type Route, routesOf } from './routes.ts';

/** OpenAPI passes over parameters of these names; Authorization is told as the security of an operation. */
const NOT_A_PARAMETER = new Set<string>(['Accept', 'Authorization']);

const FORMATS = ['application/fhir+json', 'application/fhir+xml'] as const;
const PATCHES = ['application/json-patch+json', ...FORMATS] as const;

type Told = Offered & { readonly entries: readonly ResourceEntry[] };

/** The headers of a pattern, as the table that judges the calls has them; ignored ones are left out. */
const headersOf = (pattern: RuledPattern) =>
  HEADER_NAMES.filter((name) => !NOT_A_PARAMETER.has(name)).flatMap((name) => {
    const cell = HEADER_TABLE[pattern][name];
    if (cell.condition === 'ignored' || cell.condition === 'must-not') return [];
    const rule = ruleNumber(cell);
    return [
      {
        name,
        in: 'header',
        required: cell.condition === 'mandatory',
        description: rule === '' ? cell.words : `${rule}: ${cell.words}`,
        schema: { type: 'string' },
      },
    ];
  });

const keyOf = (pattern: Pattern, name: string): string => `${pattern}.${name}`;

const headerComponents = () =>
  Object.fromEntries(
    RULED_PATTERNS.flatMap((pattern) =>
      headersOf(pattern).map((header) => [keyOf(pattern, header.name), header]),
    ),
  );

const inPath = (path: string) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

const inQuery = ({ code, type }: SearchParameter) => ({
  name: code,
  in: 'query',
  description: `Search parameter of type ${type}.`,
  schema: { type: 'string' },
});

const contentOf = (types: readonly string[]) =>
  Object.fromEntries(
    types.map((type) => [type, { schema: { type: type.endsWith('xml') ? 'string' : 'object' } }]),
  );

const bodyOf = (interaction: Interaction, path: string) => {
  if (path.endsWith('/_search')) {
    const content = { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } };
    return { requestBody: { required: true, content } };
  }
  if (!isWrite(interaction) || interaction === 'delete') return {};
  const types = interaction === 'patch' ? PATCHES : FORMATS;
  return { requestBody: { required: true, content: contentOf(types) } };
};

const STATUS: Readonly<Partial<Record<Interaction, string>>> = { create: '201', delete: '204' };

const answersOf = (interaction: Interaction) => ({
  [STATUS[interaction] ?? '200']:
    interaction === 'delete'
      ? { description: 'Done.' }
      : { description: 'Done.', content: contentOf(FORMATS) },
  default: { description: 'An OperationOutcome that names every fault.', content: contentOf(FORMATS) },
});

/** Unique: some interactions have a path of their own for one resource, or for a form. */
const operationIdOf = (entry: ResourceEntry, { path, method, interaction }: Route): string => {
  const place = path.endsWith('/:id') ? 'instance' : path.endsWith('/_search') ? 'form' : 'type';
  return [interaction, entry.type, place, method.toLowerCase()].join('-');
};

const operationOf = (told: Told, entry: ResourceEntry, { path, method, interaction }: Route) => {
  const pattern = isWrite(interaction) ? '2.3' : entry.pattern;
  const headers = pattern === 'discovery' ? [] : headersOf(pattern);
  const query =
    interaction === 'search-type' && method === 'GET'
      ? told.parametersOf(entry.type).filter(({ code }) => entry.searchParameters.includes(code))
      : [];
  return {
    operationId: operationIdOf(entry, { path, method, interaction }),
    tags: [entry.type],
    summary: `${interaction}, pattern ${pattern}`,
    parameters: [
      ...inPath(path),
      ...query.map(inQuery),
      ...headers.map(({ name }) => ({ $ref: `#/components/parameters/${keyOf(pattern, name)}` })),
    ],
    ...bodyOf(interaction, path),
    responses: answersOf(interaction),
    security: pattern === '2.1' ? [] : [{ ticket: [] }],
  };
};

/**
 * The REST interfaces as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0): the routes, search parameters and
 * header rules of the tables that serve the calls. FHIR's own resources are told by `/fhir/metadata`.
 */
export const openApi = (told: Told): object => {
  const paths: Record<string, Record<string, object>> = {};
  for (const entry of told.entries) {
    for (const route of routesOf(entry)) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(told, entry, route) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nordic FHIR facade',
      version: told.version,
      description: 'FHIR R4; what each resource means is told by /fhir/metadata.',
    },
    servers: [{ url: told.base.replace(/\/fhir$/, '') }],
    paths,
    components: {
      parameters: headerComponents(),
      securitySchemes: { ticket: { type: 'http', scheme: 'bearer' } },
    },
  };
};
