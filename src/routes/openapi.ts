import type { SearchParameter } from '../fhir/search/parameters.ts';
import { ruleNumber } from '../headers/documentation.ts';
import type { Pattern } from '../headers/pattern.ts';
import { HEADER_NAMES, HEADER_TABLE, RULED_PATTERNS, type RuledPattern } from '../headers/table.ts';
import { isWrite } from '../interactions/act.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';
import type { Offered, Operation, OperationLevel } from './metadata.ts';
import { BASE, conformancePaths, type Plain } from './openapi-base.ts';
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

const inQuery = ({ code, type }: Pick<SearchParameter, 'code'> & { readonly type: string }) => ({
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

/** An OpenAPI parameter is told once, in the components, for each pattern that has it. */
const headersBy = (pattern: Pattern): readonly { readonly $ref: string }[] =>
  pattern === 'discovery'
    ? []
    : headersOf(pattern).map(({ name }) => ({ $ref: `#/components/parameters/${keyOf(pattern, name)}` }));

/** Patterns of which a call needs no token. */
const isOpen = (pattern: Pattern): boolean => pattern === '2.1' || pattern === 'discovery';

/** Unique: some interactions have a path of their own for one resource, or for a form. */
const operationIdOf = (entry: ResourceEntry, { path, method, interaction }: Route): string => {
  const place = path.endsWith('/:id') ? 'instance' : path.endsWith('/_search') ? 'form' : 'type';
  return [interaction, entry.type, place, method.toLowerCase()].join('-');
};

const operationOf = (told: Told, entry: ResourceEntry, { path, method, interaction }: Route) => {
  const pattern = isWrite(interaction) ? '2.3' : entry.pattern;
  const query =
    interaction === 'search-type' && method === 'GET'
      ? told.parametersOf(entry.type).filter(({ code }) => entry.searchParameters.includes(code))
      : [];
  return {
    operationId: operationIdOf(entry, { path, method, interaction }),
    tags: [entry.type],
    summary: `${interaction}, pattern ${pattern}`,
    parameters: [...inPath(path), ...query.map(inQuery), ...headersBy(pattern)],
    ...bodyOf(interaction, path),
    responses: answersOf(interaction),
    security: isOpen(pattern) ? [] : [{ ticket: [] }],
  };
};

/** The path of an operation at a level, as OpenAPI writes it. */
const operationPath = ({ type, name }: Operation, level: OperationLevel): string => {
  if (level === 'system') return `/fhir/$${name}`;
  return level === 'type' ? `/fhir/${type}/$${name}` : `/fhir/${type}/{id}/$${name}`;
};

const securityOf = ({ pattern, withToken }: Operation): readonly object[] => {
  if (!isOpen(pattern)) return [{ ticket: [] }];
  return withToken === undefined ? [] : [{}, { ticket: [] }];
};

const dollarOperation = (operation: Operation, level: OperationLevel, method: 'GET' | 'POST') => {
  const { name, type, documentation, pattern, parameters = [] } = operation;
  return {
    operationId: [name, ...(type === undefined ? [] : [type]), level, method.toLowerCase()].join('-'),
    tags: [type ?? 'Server'],
    summary: `$${name}, pattern ${pattern}`,
    description: documentation,
    parameters: [
      ...(level === 'instance' ? inPath('/:id') : []),
      ...parameters.map((parameter) => ({
        name: parameter.name,
        in: 'query',
        required: parameter.required === true && method === 'GET',
        description: parameter.documentation,
        schema: { type: 'string' },
      })),
      ...headersBy(pattern),
    ],
    // Where it may be called by GET, too, all that it needs can stand in the URL.
    ...(method === 'POST'
      ? {
          requestBody: {
            required: operation.at[level]?.includes('GET') !== true,
            content: contentOf(FORMATS),
          },
        }
      : {}),
    responses: answersOf('read'),
    security: securityOf(operation),
  };
};

/** Levels in the order in which R4 tells them. */
const OPERATION_LEVELS: readonly OperationLevel[] = ['system', 'type', 'instance'];

const dollarPaths = (operation: Operation) =>
  OPERATION_LEVELS.flatMap((level) =>
    (operation.at[level] ?? []).map((method) => ({
      path: operationPath(operation, level),
      method: method.toLowerCase(),
      told: dollarOperation(operation, level, method),
    })),
  );

/** An operation that no resource's table tells of. */
const plainOperation = ({ path, id, tag, description, pattern, query = [], body }: Plain) => ({
  operationId: id,
  tags: [tag],
  summary: `${id.replace(/-(?:base|form|[A-Z]).*$/, '')}, pattern ${pattern}`,
  description,
  parameters: [...inPath(path), ...query.map(inQuery), ...headersBy(pattern)],
  ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body) } }),
  responses: answersOf('read'),
  security: isOpen(pattern) ? [] : [{ ticket: [] }],
});

/**
 * The REST interfaces as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0): the routes, operations, search parameters
 * and header rules of the tables that serve the calls. FHIR's own resources are told by `/fhir/metadata`.
 */
export const openApi = (told: Told): object => {
  const paths: Record<string, Record<string, object>> = {};
  for (const entry of told.entries) {
    for (const route of routesOf(entry)) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(told, entry, route) };
    }
  }
  for (const plain of [...BASE, ...conformancePaths(told)]) {
    const path = plain.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [plain.method]: plainOperation(plain) };
  }
  for (const { path, method, told: operation } of told.operations.flatMap(dollarPaths)) {
    paths[path] = { ...paths[path], [method]: operation };
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
