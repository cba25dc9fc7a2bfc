import type { Basic, Reference, Resource } from '@medplum/fhirtypes';
import { codeSystem, structureDefinition } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import { fail, ok } from '../result.ts';
import type { TokenRow } from '../store/types.ts';
import { focesIdSearchValue } from '../systems/fmk/mapping/normalise.ts';
import { normalisePersonNumber } from '../systems/identifiers.ts';
import { anyOrganizationSearchValue, organizationSearchValue } from '../systems/organization-findings.ts';
import type { ConnectedParts, Interaction, Kinds, ResourceEntry, ResourceKind, WriteRules } from './entry.ts';

const BASIC_KIND = codeSystem('basic-kind');

/** The kinds of Basic, by their code in CodeSystem basic-kind. */
export type BasicKind = Extract<
  ResourceKind,
  'treatment-relation' | 'foces-whitelisting' | 'efrikort-connection'
>;

/** The router and the validator only let Basics through: anything else is a bug. */
export const asBasic = (resource: Resource): Basic => {
  if (resource.resourceType !== 'Basic') throw new TypeError('a Basic was expected');
  return resource;
};

/** A write whose resources are Basics. */
export const basicWrite = (write: Parameters<WriteRules['plan']>[0]) => {
  switch (write.interaction) {
    case 'create':
      return { interaction: 'create', resource: asBasic(write.resource) } as const;
    case 'update':
      return {
        interaction: 'update',
        resource: asBasic(write.resource),
        current: asBasic(write.current),
      } as const;
    case 'delete':
      return { interaction: 'delete', current: asBasic(write.current) } as const;
  }
};

const INTERACTIONS: readonly Interaction[] = [
  'read',
  'vread',
  'create',
  'update',
  'patch',
  'delete',
  'history-instance',
  'search-type',
];

const COMMON = ['_id', '_lastUpdated', 'author', 'code', 'created', 'identifier', 'subject'] as const;

const SEARCH_VALUES: Readonly<Record<string, (value: string) => string>> = {
  // The CVR number of a whitelisting is stored under one system; a treatment relation keeps what it was given.
  'subject:identifier': organizationSearchValue,
  'organization:identifier': anyOrganizationSearchValue,
  'foces-id': focesIdSearchValue,
};

const searchValue = (name: string, value: string): string => SEARCH_VALUES[name]?.(value) ?? value;

type Described = Pick<
  ResourceEntry,
  'profile' | 'pattern' | 'patientBound' | 'searchParameters' | 'numbered' | 'documentation'
> & {
  /** The national system behind it, as people call it. */
  readonly system: string;
};

const KINDS: Readonly<Record<BasicKind, Described>> = {
  'treatment-relation': {
    system: 'BRS',
    profile: structureDefinition('TreatmentRelation'),
    pattern: '2.2.2',
    patientBound: true,
    searchParameters: [
      ...COMMON,
      'actual-relation',
      'followup-state',
      'lookup-interval',
      'organization',
      'patient',
      'practitioner',
      'sufficient-relation',
    ],
    // BRS knows a health professional by CPR number alone.
    numbered: ['practitioner:identifier', 'author:identifier'],
    documentation:
      "A question to the Danish treatment relation service (BRS) and its answer. Create asks BRS and stores question and answer; `$evaluate-treatment-relation` asks and stores nothing. An answer is a dated fact: an update may change meta, text and language only. It is evidence, not consent. An alarm about a follow-up makes a new version; silence past the time limit becomes `presumed-met`, which is this server's inference.",
  },
  'foces-whitelisting': {
    system: 'FMK',
    profile: structureDefinition('FocesWhitelisting'),
    pattern: '2.2.1',
    searchParameters: [...COMMON, 'foces-id', 'organization'],
    documentation:
      "A pharmacy's FOCES certificate in FMK's whitelist. Create and delete tell FMK first, with a level 4 ID card of the acting person (X-Dgws-IdCard, or configured); CVR, FocesId and hash cannot be changed. A search by organisation (`subject` or `organization`, best as `subject:identifier` with the CVR number) asks FMK, so that entries made elsewhere appear and entries deleted elsewhere are marked as deleted.",
  },
  'efrikort-connection': {
    system: 'eFrikort',
    profile: structureDefinition('EfrikortConnection'),
    pattern: '2.2.1',
    searchParameters: [...COMMON, 'connection-state', 'environment'],
    documentation:
      "A system's connection to the Swedish eFrikort, from draft to granted. Its state moves by operations alone (`$submit`, `$region-approve`, `$region-reject`, `$grant`, `$test-passed`, `$revoke`, `$cancel`), by role system; the history is the log.",
  },
};

const NAMES = Object.keys(KINDS) as readonly BasicKind[];

const isKind = (code: string | undefined): code is BasicKind =>
  code !== undefined && Object.hasOwn(KINDS, code);

const unknownKind = (): Failure =>
  failure(
    'unprocessable',
    'code-invalid',
    `Basic.code needs one coding of ${BASIC_KIND}: ${NAMES.join(', ')}.`,
    { expression: ['Basic.code'] },
  );

/** The codes of our system that a body names; it has not been validated. */
const codesOf = (body: object): readonly string[] => {
  const code: unknown = 'code' in body ? body.code : undefined;
  const coding: unknown = typeof code === 'object' && code !== null && 'coding' in code ? code.coding : [];
  return (Array.isArray(coding) ? coding : []).flatMap((one: unknown) =>
    typeof one === 'object' &&
    one !== null &&
    'system' in one &&
    one.system === BASIC_KIND &&
    'code' in one &&
    typeof one.code === 'string'
      ? [one.code]
      : [],
  );
};

/** The kind that one value of the parameter `code` asks for; undefined: none. */
const askedKind = (value: string): BasicKind | undefined => {
  const at = value.indexOf('|');
  const [system, code] = at < 0 ? [BASIC_KIND, value] : [value.slice(0, at), value.slice(at + 1)];
  return system === BASIC_KIND && isKind(code) ? code : undefined;
};

const PROFESSIONAL = structureDefinition('health-professional-cpr');

const numberRows = (param: string, reference: Reference | undefined): readonly TokenRow[] => {
  const { system, value } = reference?.identifier ?? {};
  const read = system === undefined || value === undefined ? undefined : normalisePersonNumber(system, value);
  return read?.ok === true ? [{ param, system: read.value.system, code: read.value.value }] : [];
};

/** Further search values of a Basic: the health professional of a treatment relation and its author, by number. */
export const professionalRows = (resource: Resource): readonly TokenRow[] => {
  if (resource.resourceType !== 'Basic' || !codesOf(resource).includes('treatment-relation')) return [];
  const professional = resource.extension?.find(({ url }) => url === PROFESSIONAL)?.valueReference;
  return [
    ...numberRows('practitioner:identifier', professional),
    ...numberRows('author:identifier', resource.author),
  ];
};

const kindsOf = (entries: ReadonlyMap<BasicKind, ResourceEntry>): Kinds => ({
  entries: [...entries.values()],
  parameter: 'code',
  of: (resource) => {
    const [code, ...more] = new Set(codesOf(resource));
    const entry = more.length === 0 && isKind(code) ? entries.get(code) : undefined;
    return entry === undefined ? fail(unknownKind()) : ok(entry);
  },
  named: (parameters) => {
    const values = parameters.filter(([name]) => name === 'code').flatMap(([, value]) => value.split(','));
    const [only, other] = new Set(values.map(askedKind));
    return other === undefined && only !== undefined ? entries.get(only) : undefined;
  },
});

/** A kind cannot become another one: what is stored of it belongs to another system. */
const keepingKind = (kind: BasicKind, rules: WriteRules): WriteRules => ({
  ...rules,
  plan: (write, given) => {
    const codes = write.resource === undefined ? [kind] : codesOf(write.resource);
    if (codes.length === 1 && codes[0] === kind) return rules.plan(write, given);
    const why = `This Basic is a ${kind}, and stays one: give that code of ${BASIC_KIND} alone.`;
    return fail(failure('unprocessable', 'business-rule', why, { expression: ['Basic.code'] }));
  },
});

const kindEntry = (kind: BasicKind, parts: ConnectedParts | undefined): ResourceEntry => {
  const { system, ...described } = KINDS[kind];
  const { write, ...previews } = parts ?? {};
  return {
    type: 'Basic',
    kind,
    interactions: INTERACTIONS,
    confidential: true,
    searchValue,
    ...described,
    narrowedBy: [['code', `${BASIC_KIND}|${kind}`]],
    ...previews,
    ...(write === undefined ? { unconfigured: system } : { write: keepingKind(kind, write) }),
  };
};

/** Basic: its code decides which national system it belongs to, and so its rules. */
export const basicEntry = (
  connected: Readonly<Partial<Record<BasicKind, ConnectedParts>>>,
): ResourceEntry => {
  const entries = new Map(NAMES.map((kind) => [kind, kindEntry(kind, connected[kind])]));
  const offered = [...entries.values()].filter(({ unconfigured }) => unconfigured === undefined);
  const searchParameters = new Set(offered.flatMap((entry) => entry.searchParameters));
  return {
    type: 'Basic',
    // Of what concerns every kind alike only the history of the type is left, and that is a system's.
    kind: 'foces-whitelisting',
    interactions: [...INTERACTIONS, 'history-type'],
    pattern: '2.2.2',
    confidential: true,
    searchParameters: [...searchParameters].sort(),
    searchValue,
    documentation: [
      `The code of ${BASIC_KIND} decides. A search that names no code follows the strictest pattern. An id of a kind that the caller may not reach is answered as one that is not there.`,
      ...offered.map(
        ({ kind, pattern, documentation }) => `**${kind}** (reads: ${pattern}): ${documentation}`,
      ),
    ].join('\n\n'),
    kinds: kindsOf(entries),
    ...(offered.length === 0 ? { unconfigured: NAMES.map((kind) => KINDS[kind].system).join(', ') } : {}),
  };
};
