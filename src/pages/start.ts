import type { SandboxGuide } from '../platform.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import type { Offered, Operation, OperationLevel } from '../routes/metadata.ts';
import { readingCall } from './example.ts';
import { code, escapeHtml, inline, link, list, pasted, type Row, section, table } from './markup.ts';
import { page } from './page.ts';
import { patternLink, rulesInShort } from './rules.ts';

/** What the pages are made from: the tables that route, judge and tell. */
export type Told = Offered & { readonly guide?: SandboxGuide };

/** `https://host`, without `/fhir`. */
const originOf = ({ base }: Pick<Told, 'base'>): string => base.replace(/\/fhir$/, '');

/** A type of several kinds is a row for each kind that is offered. */
const rowsOf = (entry: ResourceEntry): readonly ResourceEntry[] =>
  entry.kinds === undefined
    ? [entry]
    : entry.kinds.entries.filter(({ unconfigured }) => unconfigured === undefined);

const typeRow = (entry: ResourceEntry): Row => ({
  cells: [
    entry.kind === entry.type || entry.kind === 'extra'
      ? code(entry.type)
      : `${code(entry.type)} ${escapeHtml(entry.kind)}`,
    entry.interactions.map(escapeHtml).join(', '),
    patternLink(entry.pattern),
    inline(entry.documentation),
  ],
});

const PLACES: Readonly<Record<OperationLevel, (type: string) => string>> = {
  system: () => '',
  type: (type) => `/${type}`,
  instance: (type) => `/${type}/[id]`,
};

const placesOf = ({ name, type = '', at }: Operation): string =>
  Object.entries(at)
    .map(([level, methods]) => {
      const place = PLACES[level as OperationLevel](type);
      return `${(methods ?? []).join(', ')} ${code(`/fhir${place}/$${name}`)}`;
    })
    .join('<br/>');

const operationRow = (operation: Operation): Row => ({
  cells: [
    code(`$${operation.name}`),
    placesOf(operation),
    operation.withToken === undefined
      ? patternLink(operation.pattern)
      : `${patternLink(operation.pattern)}, with token ${patternLink(operation.withToken)}`,
    inline(operation.documentation),
  ],
});

const sandboxHints = (told: Told, { notes, example }: SandboxGuide): string =>
  section(
    'sandbox',
    'Sandbox',
    '<p>Every national system behind this server is simulated: nothing leaves it, and nothing in it is about anybody.</p>',
    list(
      notes.map(
        ({ call, body, text }) =>
          `${code(call)}${body === undefined ? '' : ` with ${code(body)}`} ${escapeHtml(text)}`,
      ),
    ),
    '<p>A Consent as a hospital system would send it; paste it into a shell:</p>',
    pasted('A call that writes', example(originOf(told))),
  );

const addresses = (told: Told): string =>
  list([
    `FHIR base: ${code(told.base)}`,
    `${link('/fhir/metadata', 'CapabilityStatement')}: what works here, in FHIR’s own words`,
    `${link('/openapi.json', 'OpenAPI')}: paths, parameters and headers for tools`,
    ...(told.smart === undefined
      ? []
      : [`${link('/.well-known/smart-configuration', 'SMART configuration')}: whose tokens are taken`]),
    `${link('/fhir/StructureDefinition', 'Profiles')}, ${link('/fhir/ValueSet', 'value sets')}, ${link('/fhir/CodeSystem', 'code systems')}, ${link('/fhir/OperationDefinition', 'operations')}`,
    `${link('/docs', 'Calls and header rules')}, rule by rule`,
  ]);

/** The start page: what this server is, what it serves, and a call to begin with. */
export const startPage = (told: Told): string =>
  page(
    'Nordic FHIR facade',
    '/',
    [
      '<h1>Nordic FHIR facade</h1>',
      `<p>A FHIR R4 server (4.0.1, JSON and XML) in front of Nordic national health services that do not speak FHIR. Version ${escapeHtml(told.version)}${told.sandbox ? ', sandbox' : ''}.</p>`,
      section('addresses', 'Where to look', addresses(told)),
      section(
        'example',
        'A first call',
        '<p>The directory of organisations is read without a token; paste this into a shell:</p>',
        pasted('A call that reads', readingCall(originOf(told))),
      ),
      ...(told.guide === undefined ? [] : [sandboxHints(told, told.guide)]),
      section(
        'types',
        'What it serves',
        table(
          'Resource types',
          ['Type', 'Interactions', 'Pattern of reads', 'What it is'],
          told.entries.flatMap(rowsOf).map(typeRow),
        ),
        '<p>Also batch and transaction, conditional interactions, history, patch, and search with chains and includes, each as far as the caller may see.</p>',
      ),
      section(
        'operations',
        'Operations',
        table(
          'Operations',
          ['Operation', 'Where', 'Pattern', 'What it does'],
          told.operations.map(operationRow),
        ),
      ),
      section('headers', 'Headers', rulesInShort()),
    ].join('\n'),
  );

/** The same for programs: where everything is. */
export const startLinks = (told: Told): object => {
  const origin = originOf(told);
  return {
    name: 'Nordic FHIR facade',
    version: told.version,
    fhirVersion: '4.0.1',
    sandbox: told.sandbox,
    links: {
      fhir: told.base,
      metadata: `${told.base}/metadata`,
      openapi: `${origin}/openapi.json`,
      docs: `${origin}/docs`,
      health: `${origin}/health`,
      ...(told.smart === undefined
        ? {}
        : { 'smart-configuration': `${told.base}/.well-known/smart-configuration` }),
      ...Object.fromEntries(
        Object.entries(told.guide?.links ?? {}).map(([name, path]) => [name, `${origin}${path}`]),
      ),
    },
  };
};
