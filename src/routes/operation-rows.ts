import { CANONICAL } from '../canonical.ts';
import { TERMINOLOGY_OPERATIONS } from '../fhir/terminology/operations.ts';
import type { ResourceEntry, ResourceKind } from '../resources/entry.ts';
import type { Operation } from './metadata.ts';
import { isPreviewed, isValidated } from './operations.ts';

const definition = (name: string): string => `${CANONICAL}/OperationDefinition/${name}`;

/** Rows for the CapabilityStatement, OpenAPI and the start page: loaded when somebody reads one of these. */
const OPERATIONS: readonly Operation[] = [
  {
    name: 'from-certificate',
    type: 'Organization',
    definition: definition('from-certificate'),
    documentation:
      'What a certificate file (PEM or DER) tells: CVR, FocesId, CertHash, HSA-id. Nothing of it is stored.',
    pattern: '2.2.1',
    at: { type: ['POST'] },
  },
  {
    name: 'ping',
    definition: definition('ping'),
    documentation:
      'Without token: connectivity (pattern 2.1). With one: who the token says is calling (2.2.1).',
    pattern: '2.1',
    withToken: '2.2.1',
    at: { system: ['GET', 'POST'] },
  },
  {
    name: 'header-check',
    definition: definition('header-check'),
    documentation:
      'pattern=2.1, 2.2.1, 2.2.2 or 2.3: every header rule of the pattern, held against the headers of this very call. No token, no header rule.',
    pattern: 'discovery',
    at: { system: ['GET', 'POST'] },
    parameters: [
      { name: 'pattern', documentation: '2.1, 2.2.1, 2.2.2 or 2.3.', required: true },
      { name: 'kind', documentation: 'Kind of caller, where no token tells it.' },
    ],
  },
  ...TERMINOLOGY_OPERATIONS.map(
    ({ name, type, definition: url, documentation, onInstance }): Operation => ({
      name,
      type,
      definition: url,
      documentation,
      pattern: 'discovery',
      at: { type: ['GET', 'POST'], ...(onInstance ? { instance: ['GET', 'POST'] } : {}) },
    }),
  ),
];

/** `$validate` of a type that is written here. */
const validateRow = ({ type, write }: ResourceEntry): Operation => ({
  name: 'validate',
  type,
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  documentation: `Everything that a create (on the type), an update or a delete (on an instance) would be refused for${write?.system === undefined ? '' : ', mapping rules included'}, or how a resource fits a profile. Nothing is sent or stored.`,
  pattern: '2.2.1',
  at: { type: ['POST'], instance: ['GET', 'POST'] },
  parameters: [
    { name: 'mode', documentation: 'create, update, delete or profile.' },
    { name: 'profile', documentation: 'Canonical URL of the profile to check against.' },
    { name: 'remote', documentation: 'true, with mode=create: the check of the national system, too.' },
  ],
});

/** Offered where the kind of Basic that they belong to is. */
const OF_KIND: readonly (Operation & { readonly kind: ResourceKind })[] = [
  {
    kind: 'treatment-relation',
    name: 'evaluate-treatment-relation',
    type: 'Basic',
    definition: definition('evaluate-treatment-relation'),
    documentation: 'Asks BRS and answers the Basic with the answer in it; nothing is stored.',
    pattern: '2.2.2',
    at: { type: ['POST'] },
  },
  {
    kind: 'treatment-relation',
    name: 'poll-notifications',
    type: 'Basic',
    definition: definition('poll-notifications'),
    documentation: 'Fetches the alarms of BRS now, for role system; the server does so by itself, too.',
    pattern: '2.3',
    at: { type: ['POST'] },
  },
];

const kindOperations = (resources: ReadonlyMap<string, ResourceEntry>): readonly Operation[] => {
  const kinds = [...resources.values()].flatMap((entry) => entry.kinds?.entries ?? []);
  const offered = new Set(kinds.filter((one) => one.unconfigured === undefined).map(({ kind }) => kind));
  return OF_KIND.filter(({ kind }) => offered.has(kind)).map(({ kind: _, ...operation }) => operation);
};

/** `$preview` of a type behind a national system. */
const previewRow = ({ type }: ResourceEntry): Operation => ({
  name: 'preview',
  type,
  definition: definition('preview'),
  documentation:
    'What a create would send to the national system; ID card, token and proof replaced by placeholders. Nothing is sent.',
  pattern: '2.2.1',
  at: { type: ['POST'] },
});

/** The operations that are offered for these resource types; nothing of a system that is not configured. */
export const operationsOf = (resources: ReadonlyMap<string, ResourceEntry>): readonly Operation[] => [
  ...OPERATIONS.filter(({ type }) => type === undefined || resources.get(type)?.unconfigured === undefined),
  ...kindOperations(resources),
  ...[...resources.values()].filter(isPreviewed).map(previewRow),
  ...[...resources.values()].filter(isValidated).map(validateRow),
];
