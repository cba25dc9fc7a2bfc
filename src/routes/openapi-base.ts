import type { Pattern } from '../headers/pattern.ts';
import { CONFORMANCE_TYPES, conformanceParameters } from './conformance.ts';
import type { Offered } from './metadata.ts';

/** An operation of OpenAPI that is told in full here. */
export interface Plain {
  readonly path: string;
  readonly method: 'get' | 'post';
  /** Unique; the interaction's name first. */
  readonly id: string;
  readonly tag: string;
  readonly description: string;
  readonly pattern: Pattern;
  readonly query?: readonly { readonly code: string; readonly type: string }[];
  readonly body?: readonly string[];
}

const TYPES_ASKED = { code: '_type', type: 'token' } as const;
const FORM = ['application/x-www-form-urlencoded'] as const;

/** What concerns the server as a whole. */
export const BASE: readonly Plain[] = [
  {
    path: '/fhir/metadata',
    method: 'get',
    id: 'capabilities',
    tag: 'Server',
    description: 'The CapabilityStatement.',
    pattern: 'discovery',
  },
  {
    path: '/fhir',
    method: 'post',
    id: 'batch-or-transaction',
    tag: 'Server',
    description:
      'A Bundle of type batch or transaction. Each entry is judged by its own interaction, with the headers of the call; 2.3 is that of one that writes.',
    pattern: '2.3',
    body: ['application/fhir+json', 'application/fhir+xml'],
  },
  {
    path: '/fhir',
    method: 'get',
    id: 'search-system-base',
    tag: 'Server',
    description:
      'Search over several types, which _type names, under the strictest of their patterns; 2.2.2 is that of Consent.',
    pattern: '2.2.2',
    query: [TYPES_ASKED],
  },
  {
    path: '/fhir/_search',
    method: 'post',
    id: 'search-system-form',
    tag: 'Server',
    description: 'The same, with the parameters in a form.',
    pattern: '2.2.2',
    body: FORM,
  },
  {
    path: '/fhir/_history',
    method: 'get',
    id: 'history-system',
    tag: 'Server',
    description: 'History of all types, for role system.',
    pattern: '2.2.2',
    query: ['_since', '_at', '_count'].map((code) => ({ code, type: code === '_count' ? 'number' : 'date' })),
  },
];

/** Conformance resources, but for those that are kept in the store like any other. */
export const conformancePaths = ({
  entries,
  parametersOf,
}: Pick<Offered, 'entries' | 'parametersOf'>): readonly Plain[] =>
  CONFORMANCE_TYPES.filter((type) => !entries.some((entry) => entry.type === type)).flatMap(
    (type): readonly Plain[] => {
      const common = { tag: type, description: "The project's own.", pattern: 'discovery' } as const;
      const at = `/fhir/${type}`;
      return [
        {
          ...common,
          path: at,
          method: 'get',
          id: `search-type-${type}-type-get`,
          query: conformanceParameters(parametersOf(type)),
        },
        { ...common, path: `${at}/_search`, method: 'post', id: `search-type-${type}-form-post`, body: FORM },
        { ...common, path: `${at}/:id`, method: 'get', id: `read-${type}-instance-get` },
      ];
    },
  );
