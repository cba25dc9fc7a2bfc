import type { Issue } from '../failure.ts';
import { parsePrefer } from '../http/prefer.ts';
import type { CallerKind } from '../security/caller.ts';
import { type Resolved, resolve } from './conditions.ts';
import { type HeaderFault, headerIssue } from './faults.ts';
import type { Pattern } from './pattern.ts';
import type { ResourceKind } from './provenance-rules.ts';
import { type Call, type Draft, prepareCall, READERS, type ReadName } from './readers.ts';
import type { HeaderSettings } from './settings.ts';
import {
  HEADER_NAMES,
  HEADER_TABLE,
  type HeaderCell,
  type HeaderName,
  RULED_PATTERNS,
  type RuledPattern,
  WRONG_NAMES,
} from './table.ts';
import { isUuid } from './tokens.ts';
import type { HeaderSource, HeaderValues } from './values.ts';

export interface HeaderCheck {
  readonly pattern: Pattern;
  readonly headers: HeaderSource;
  /** Undefined: no ticket was shown (pattern 2.1). */
  readonly kind?: CallerKind | undefined;
  readonly settings: HeaderSettings;
  /** False in the exceptions: `PATIENT_REF_EXCEPTIONS`. */
  readonly patientRefExpected: boolean;
  /** What is written, for the rules that differ by it; this server's own resources unless given. */
  readonly resourceKind?: ResourceKind | undefined;
}

export interface CheckedHeaders {
  readonly values: HeaderValues;
  /** Errors refuse the call with 400 (`failureOf`); warnings go with a successful answer. */
  readonly issues: readonly Issue[];
}

/** The order of section 16, steps 5 to 9; X-ProxyRef is after what it hangs on. */
const ORDER: readonly ReadName[] = [
  'X-Request-ID',
  'X-User-Agent',
  'X-Context-ID',
  'X-Call-Type',
  'X-Purpose',
  'X-Access',
  'X-Org-Info',
  'X-Provenance',
  'X-PatientRef',
  'X-ProxyRef',
  'Prefer',
];

/** What a pattern reads, in order, and what it ignores outright. */
interface PatternPlan {
  readonly read: readonly { readonly name: ReadName; readonly cell: HeaderCell }[];
  readonly ignored: readonly HeaderName[];
}

const planOf = (pattern: RuledPattern): PatternPlan => {
  const cells = HEADER_TABLE[pattern];
  return {
    read: ORDER.map((name) => ({ name, cell: cells[name] })).filter(
      ({ cell }) => cell.condition !== 'ignored',
    ),
    ignored: HEADER_NAMES.filter((name) => cells[name].condition === 'ignored'),
  };
};

const PLANS = Object.fromEntries(RULED_PATTERNS.map((pattern) => [pattern, planOf(pattern)])) as Readonly<
  Record<RuledPattern, PatternPlan>
>;

/** A header without content is a header that was not sent. */
const sentValue = (headers: HeaderSource, name: string): string | null => {
  const raw = headers.get(name);
  return raw === null || raw.trim() === '' ? null : raw;
};

const missing = (name: HeaderName, headers: HeaderSource): HeaderFault => {
  const sent = WRONG_NAMES[name]?.find((wrong) => sentValue(headers, wrong) !== null);
  return {
    kind: 'header-missing',
    text: `${name} is mandatory`,
    ...(sent === undefined ? {} : { detail: `${sent} was sent, but the name is ${name}` }),
  };
};

/** "Anges ej": the duty is the sender's, so it only refuses when the settings say so. */
const unwanted = (call: Call, name: HeaderName): void => {
  const reject = call.settings.pharmacyOrgInfo === 'reject';
  call.note(reject ? 'error' : 'warning', name, {
    kind: 'org-info-not-allowed',
    text: `${name} must not be sent by a pharmacy${reject ? '' : ' and is ignored'}`,
    detail: 'the pharmacy is known from the ticket',
  });
};

const checkOne = (call: Call, name: ReadName, resolved: Resolved): void => {
  if (resolved.condition === 'ignored') return;
  const raw = sentValue(call.headers, name);
  if (raw === null) {
    if (resolved.condition === 'mandatory')
      call.note('error', name, missing(name, call.headers), resolved.rule);
    return;
  }
  if (resolved.condition === 'must-not') unwanted(call, name);
  else READERS[name](raw, call, resolved.rule);
};

/** Before 2022-11-10 X-Context-ID had another name; proxies use that one for ids that are no UUIDs, too. */
const readOldName = (call: Call, pattern: Pattern): void => {
  const raw = call.headers.get('X-Correlation-ID')?.trim();
  if (raw === undefined || !isUuid(raw) || sentValue(call.headers, 'X-Context-ID') !== null) return;
  const taken = call.settings.oldContextName;
  if (taken) call.draft.contextId = raw;
  if (pattern === 'discovery') return;
  const text = taken
    ? 'X-Correlation-ID is read as X-Context-ID, its name since 2022-11-10'
    : 'X-Correlation-ID is not read; its name since 2022-11-10 is X-Context-ID';
  call.note('warning', 'X-Correlation-ID', { kind: 'header-lenient', text }, 'GK2');
};

const reportIgnored = (call: Call, pattern: RuledPattern): void => {
  for (const name of PLANS[pattern].ignored) {
    const raw = sentValue(call.headers, name);
    if (raw === null) continue;
    // FHIR's own `handling` counts on every search, so a Prefer without `return` is not ignored.
    if (name === 'Prefer' && !/return/i.test(raw)) continue;
    call.note('warning', name, {
      kind: 'header-ignored',
      text: `${name} is ignored on ${pattern === '2.3' ? 'writes' : 'reads'}`,
    });
  }
};

const callOf = (check: HeaderCheck, draft: Draft, issues: Issue[]): Call => ({
  headers: check.headers,
  settings: check.settings,
  prepared: prepareCall(check.settings),
  kind: check.kind,
  resourceKind: check.resourceKind,
  writing: check.pattern === '2.3',
  draft,
  patientRefExpected: check.patientRefExpected,
  purposes: [],
  proxied: false,
  note: (severity, header, fault, rule) => {
    issues.push(headerIssue(severity, header, fault, check.pattern, rule));
  },
});

/** Where no rule applies, usable ids still go into the log, and `handling` is FHIR's, not NLL's. */
const readDiscovery = (call: Call): void => {
  const request = call.headers.get('X-Request-ID')?.trim();
  if (request !== undefined && isUuid(request)) call.draft.requestId = request;
  const context = call.headers.get('X-Context-ID')?.trim();
  if (context !== undefined && isUuid(context)) call.draft.contextId = context;
};

/**
 * Reads and judges the headers of one call by its pattern: every fault at once, each with its place and rule.
 * A header that the pattern ignores is not even looked at. Steps 5 to 9 of section 16; ticket, media type,
 * sizes, matrix and patient match are other steps' work.
 */
export const checkHeaders = (check: HeaderCheck): CheckedHeaders => {
  const issues: Issue[] = [];
  const draft: Draft = { callType: 'NORMAL' };
  const call = callOf(check, draft, issues);
  if (check.pattern === 'discovery') {
    readDiscovery(call);
  } else {
    for (const { name, cell } of PLANS[check.pattern].read) {
      checkOne(call, name, resolve(cell, call));
    }
  }
  readOldName(call, check.pattern);
  if (check.pattern !== '2.3') {
    const { handling } = parsePrefer(check.headers.get('Prefer'));
    if (handling !== undefined) draft.prefer = { handling };
  }
  if (check.settings.reportIgnored && check.pattern !== 'discovery') reportIgnored(call, check.pattern);
  return { values: draft, issues };
};
