import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceSearchParam,
} from '@medplum/fhirtypes';
import type { SearchParameter } from '../fhir/search/parameters.ts';
import { patternDocumentation } from '../headers/documentation.ts';
import type { Pattern } from '../headers/pattern.ts';
import { RULED_PATTERNS } from '../headers/table.ts';
import type { Format } from '../http/media-type.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';
import type { SmartConfiguration } from '../security/smart.ts';
import { CONFORMANCE_TYPES, type ConformanceType, conformanceParameters } from './conformance.ts';

/** What the CapabilityStatement is made from: the same table that routes. */
export interface Offered {
  readonly base: string;
  readonly entries: readonly ResourceEntry[];
  readonly parametersOf: (type: string) => readonly SearchParameter[];
  /** `Type:parameter`, for `_include` and for `_revinclude`. */
  readonly includesOf: (entry: ResourceEntry) => {
    readonly forward: readonly string[];
    readonly reverse: readonly string[];
  };
  readonly operations: readonly Operation[];
  /** Where clients get tokens, as far as it is known. */
  readonly smart?: SmartConfiguration;
  readonly formats: readonly Format[];
  readonly sandbox: boolean;
  readonly headerRules: 'enforce' | 'report';
  /** When the software was started, or the definitions last changed. */
  readonly date: string;
  readonly version: string;
}

/** Where R4 lets an operation be called: on the base, on a type, on one resource. */
export type OperationLevel = 'system' | 'type' | 'instance';

/** An operation as it is offered: one row feeds the CapabilityStatement, OpenAPI and the start page. */
export interface Operation {
  /** Without the `$`. */
  readonly name: string;
  /** Absent: of the server. */
  readonly type?: string;
  readonly definition: string;
  readonly documentation: string;
  readonly pattern: Pattern;
  /** The pattern when a token is shown, where it may be left out. */
  readonly withToken?: Pattern;
  /** The methods that it takes at each level; HEAD goes with GET. */
  readonly at: Readonly<Partial<Record<OperationLevel, readonly ('GET' | 'POST')[]>>>;
  /** Parameters that may stand in the URL. */
  readonly parameters?: readonly {
    readonly name: string;
    readonly documentation: string;
    readonly required?: true;
  }[];
}

/** Markdown; the same table that judges the calls. */
const HEADER_RULES = [
  "Every call follows one of the four usage patterns of the Swedish national medication list (NLL). Each resource's documentation names its pattern; writes are always 2.3. `$header-check` holds the headers of a call against them, rule by rule.",
  ...RULED_PATTERNS.map(patternDocumentation),
].join('\n\n');

/** `history-system` is the server's, not a type's. */
const ORDER: readonly Exclude<Interaction, 'history-system'>[] = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
];

const parameterOf = (parameter: SearchParameter): CapabilityStatementRestResourceSearchParam => ({
  name: parameter.code,
  type: parameter.type,
});

/** Of a type whose instances are of several kinds: what those offered here are held to. */
const profilesOfKinds = ({ kinds }: ResourceEntry): readonly string[] =>
  (kinds?.entries ?? []).flatMap(({ profile, unconfigured }) =>
    profile === undefined || unconfigured !== undefined ? [] : [profile],
  );

const resourceOf = (offered: Offered, entry: ResourceEntry): CapabilityStatementRestResource => {
  const interactions = new Set(entry.interactions);
  const parameters = offered
    .parametersOf(entry.type)
    .filter(({ code }) => entry.searchParameters.includes(code));
  const own: readonly CapabilityStatementRestResourceSearchParam[] =
    entry.type === 'Patient' && !entry.searchParameters.includes('identifier')
      ? [
          {
            name: 'identifier',
            type: 'token',
            documentation: 'system|value of one national identity number, by POST _search only.',
          },
        ]
      : [];
  const writable = interactions.has('update');
  const includes = offered.includesOf(entry);
  const profiles = profilesOfKinds(entry);
  return {
    type: entry.type as CapabilityStatementRestResource['type'],
    ...(entry.profile === undefined ? {} : { profile: entry.profile }),
    ...(profiles.length === 0 ? {} : { supportedProfile: [...profiles] }),
    documentation: `Pattern of reads: ${entry.pattern}. ${entry.documentation}`,
    interaction: ORDER.filter((one) => interactions.has(one)).map((code) => ({ code })),
    versioning: writable ? 'versioned-update' : interactions.has('vread') ? 'versioned' : 'no-version',
    readHistory: interactions.has('history-instance'),
    updateCreate: entry.updateCreate === true,
    conditionalCreate: writable,
    conditionalRead: 'full-support',
    conditionalUpdate: writable,
    conditionalDelete: interactions.has('delete') ? 'single' : 'not-supported',
    ...(includes.forward.length === 0 ? {} : { searchInclude: [...includes.forward] }),
    ...(includes.reverse.length === 0 ? {} : { searchRevInclude: [...includes.reverse] }),
    searchParam: [...own, ...parameters.map(parameterOf)],
    ...operationsOf(offered.operations.filter(({ type }) => type === entry.type)),
  };
};

/** Discovery: what the build brought along, for everybody to read. */
const conformanceResource = (offered: Offered, type: ConformanceType): CapabilityStatementRestResource => ({
  type,
  documentation: "The project's own. No token, no header rule.",
  interaction: [{ code: 'read' }, { code: 'search-type' }],
  versioning: 'no-version',
  searchParam: conformanceParameters(offered.parametersOf(type)).map(parameterOf),
  ...operationsOf(offered.operations.filter((operation) => operation.type === type)),
});

const operationsOf = (operations: readonly Operation[]) =>
  operations.length === 0
    ? {}
    : {
        operation: operations.map(({ name, definition, documentation }) => ({
          name,
          definition,
          documentation,
        })),
      };

const OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/** Where SMART's clients of version 1 look for what stands in `.well-known/smart-configuration`. */
const oauthUris = (smart: SmartConfiguration | undefined) => {
  const uris = [
    ['authorize', smart?.authorization_endpoint],
    ['token', smart?.token_endpoint],
    ['register', smart?.registration_endpoint],
    ['manage', smart?.management_endpoint],
    ['introspect', smart?.introspection_endpoint],
    ['revoke', smart?.revocation_endpoint],
  ] as const;
  const extension = uris.flatMap(([url, valueUri]) => (valueUri === undefined ? [] : [{ url, valueUri }]));
  return extension.length === 0 ? {} : { extension: [{ url: OAUTH_URIS, extension }] };
};

/** https://hl7.org/fhir/R4/http.html#capabilities: what works here, and nothing else. */
export const capabilityStatement = (offered: Offered): CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: offered.date,
  kind: 'instance',
  software: { name: 'Nordic FHIR facade', version: offered.version },
  implementation: {
    description: offered.sandbox
      ? 'Sandbox: every national system behind it is simulated.'
      : 'Nordic FHIR facade',
    url: offered.base,
  },
  fhirVersion: '4.0.1',
  format: offered.formats.flatMap((format) => [`application/fhir+${format}`, format]),
  patchFormat: [
    'application/json-patch+json',
    ...offered.formats.map((format) => `application/fhir+${format}`),
  ],
  rest: [
    {
      mode: 'server',
      documentation:
        offered.headerRules === 'enforce'
          ? HEADER_RULES
          : `${HEADER_RULES} This server reports faults of these headers in X-Header-Findings instead of refusing the call.`,
      security: {
        ...oauthUris(offered.smart),
        cors: true,
        service: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                code: 'OAuth',
              },
            ],
          },
        ],
        description:
          'A token of a configured issuer: a JWT as Bearer, a DPoP-bound JWT with its proof (RFC 9449), or, of an issuer configured by its certificates, a SAML 2.0 assertion in base64 as Bearer. SMART v2 scopes, or the role alone where the issuer knows no scopes, and one acting organisation.',
      },
      resource: [
        ...offered.entries.map((entry) => resourceOf(offered, entry)),
        ...CONFORMANCE_TYPES.filter((type) => !offered.entries.some((entry) => entry.type === type)).map(
          (type) => conformanceResource(offered, type),
        ),
      ],
      interaction: [
        { code: 'transaction' },
        { code: 'batch' },
        {
          code: 'search-system',
          documentation:
            'GET of the base and POST _search, always with _type: by the parameters that the types have in common, under the strictest of their header patterns.',
        },
        { code: 'history-system' },
      ],
      ...operationsOf(offered.operations.filter(({ type }) => type === undefined)),
    },
  ],
});
