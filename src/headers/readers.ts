import { parsePrefer } from '../http/prefer.ts';
import type { CallerKind } from '../security/caller.ts';
import { ACCESSES, accessKeys, type PurposeKey } from './codes.ts';
import type { CallFacts } from './conditions.ts';
import type { HeaderFault, Parsed } from './faults.ts';
import { type Prepared, prepare } from './memo.ts';
import { missingMembers, parseOrgInfo } from './org-info.ts';
import { checkProvenanceFor, parseProvenance } from './provenance.ts';
import type { ResourceKind } from './provenance-rules.ts';
import type { HeaderSettings } from './settings.ts';
import type { HeaderName } from './table.ts';
import { parseCallType, parseCode, parsePersonRef, parseUuid } from './tokens.ts';
import { parseUserAgent } from './user-agent.ts';
import type { HeaderSource, HeaderValues } from './values.ts';

/** The headers that this stage reads; Accept and Authorization belong to the steps before it. */
export type ReadName = Exclude<HeaderName, 'Accept' | 'Authorization'>;

export type Draft = { -readonly [K in keyof HeaderValues]: HeaderValues[K] };

/** One call on its way through the header stage. */
export interface Call extends CallFacts {
  readonly headers: HeaderSource;
  readonly settings: HeaderSettings;
  readonly prepared: Prepared;
  readonly kind: CallerKind | undefined;
  readonly resourceKind: ResourceKind | undefined;
  /** Pattern 2.3. */
  readonly writing: boolean;
  readonly draft: Draft;
  /** What the purpose sent may mean. */
  purposes: readonly PurposeKey[];
  /** Known once purpose and access are read. */
  proxied: boolean;
  readonly note: (severity: 'error' | 'warning', header: string, fault: HeaderFault, rule?: string) => void;
}

/** Reads one header that is there and that counts. */
export type Reader = (raw: string, call: Call, rule: string | undefined) => void;

/** The value, or undefined with its faults noted. */
const take = <V>(call: Call, name: ReadName, rule: string | undefined, read: Parsed<V>): V | undefined => {
  if (!read.ok) {
    for (const fault of read.failure) call.note('error', name, fault, rule);
    return undefined;
  }
  for (const fault of read.value.warnings) call.note('warning', name, fault, rule);
  return read.value.value;
};

const reader =
  <V>(
    name: ReadName,
    parse: (raw: string, call: Call) => Parsed<V>,
    keep: (value: V, call: Call) => void,
  ): Reader =>
  (raw, call, rule) => {
    const value = take(call, name, rule, parse(raw, call));
    if (value !== undefined) keep(value, call);
  };

const readOrgInfo: Reader = (raw, call, rule) => {
  const value = take(call, 'X-Org-Info', rule, call.prepared.orgInfo(raw));
  if (value === undefined) return;
  for (const fault of missingMembers(value, call.kind, call.settings)) {
    call.note('error', 'X-Org-Info', fault, rule);
  }
  call.draft.orgInfo = value;
};

const readProvenance: Reader = (raw, call, rule) => {
  const value = take(call, 'X-Provenance', rule, call.prepared.provenance(raw));
  if (value === undefined) return;
  const faults = checkProvenanceFor(value, call.resourceKind);
  for (const fault of faults) call.note('error', 'X-Provenance', fault, rule);
  if (faults.length === 0) call.draft.provenance = value;
};

/** TA 10 creates prescriptions; that is the one place for DELAYED. */
const readCallType: Reader = (raw, call, rule) => {
  const value = take(call, 'X-Call-Type', rule, parseCallType(raw));
  if (value === undefined) return;
  if (value === 'NORMAL' || (call.writing && call.resourceKind === 'prescription')) {
    call.draft.callType = value;
    return;
  }
  call.note(
    'error',
    'X-Call-Type',
    {
      kind: 'call-type-not-allowed',
      text: 'X-Call-Type DELAYED is for the reserve routine when creating a prescription (TA 10) only',
    },
    rule,
  );
};

/** In pattern 2.3 only: elsewhere `return` is ignored. */
const readPrefer: Reader = (raw, call, rule) => {
  const prefer = parsePrefer(raw);
  if (prefer.unknownReturn !== undefined) {
    call.note(
      call.settings.strictPrefer ? 'error' : 'warning',
      'Prefer',
      {
        kind: 'header-value',
        text: 'Prefer: return must be minimal, representation or OperationOutcome',
      },
      rule,
    );
  }
  call.draft.prefer = prefer;
};

/** True when purpose and access say that the caller acts for another person: then X-ProxyRef is mandatory. */
export const actsForAnother = (
  codes: Prepared['codes'],
  access: string,
  purposes: readonly PurposeKey[],
): boolean =>
  purposes.includes('own-data') &&
  accessKeys(codes, access, purposes).some((key) => ACCESSES[key].roles !== undefined);

/** How each header is read. */
export const READERS: Readonly<Record<ReadName, Reader>> = {
  'X-Request-ID': reader(
    'X-Request-ID',
    (raw) => parseUuid('X-Request-ID', raw),
    (value, call) => {
      call.draft.requestId = value;
    },
  ),
  'X-Context-ID': reader(
    'X-Context-ID',
    (raw) => parseUuid('X-Context-ID', raw),
    (value, call) => {
      call.draft.contextId = value;
    },
  ),
  'X-User-Agent': reader(
    'X-User-Agent',
    (raw, call) => call.prepared.userAgent(raw),
    (value, call) => {
      call.draft.userAgent = value;
    },
  ),
  'X-Call-Type': readCallType,
  'X-Purpose': reader(
    'X-Purpose',
    (raw, call) => parseCode('X-Purpose', raw, call.prepared.codes.purpose),
    (value, call) => {
      call.draft.purpose = value;
      call.purposes = call.prepared.codes.purpose.get(value) ?? [];
    },
  ),
  'X-Access': reader(
    'X-Access',
    (raw, call) => parseCode('X-Access', raw, call.prepared.codes.access),
    (value, call) => {
      call.draft.access = value;
      call.proxied = actsForAnother(call.prepared.codes, value, call.purposes);
      // Under `report` the purpose may be missing: then nothing is said of whom the call is for.
      if (call.purposes.length > 0) call.draft.actsFor = call.proxied ? 'another' : 'own';
    },
  ),
  'X-Org-Info': readOrgInfo,
  'X-Provenance': readProvenance,
  'X-PatientRef': reader(
    'X-PatientRef',
    (raw) => parsePersonRef('X-PatientRef', raw),
    (value, call) => {
      call.draft.patientRef = value;
    },
  ),
  'X-ProxyRef': reader(
    'X-ProxyRef',
    (raw) => parsePersonRef('X-ProxyRef', raw),
    (value, call) => {
      call.draft.proxyRef = value;
    },
  ),
  Prefer: readPrefer,
};

const PARSERS = { userAgent: parseUserAgent, orgInfo: parseOrgInfo, provenance: parseProvenance } as const;

/** What the settings give for reading, kept with them. */
export const prepareCall = (settings: HeaderSettings): Prepared => prepare(settings, PARSERS);
