import type { Issue } from '../failure.ts';
import type { Caller, CallerKind } from '../security/caller.ts';
import { checkHeaders } from './check.ts';
import { type CallFacts, ORG_INFO_BY_CALLER, type Resolved, resolve } from './conditions.ts';
import { rightsFindings } from './explain-rights.ts';
import { codeOf, type Finding, findingIssue, type Outcome } from './finding.ts';
import { GENERAL_RULE } from './handbook.ts';
import { actsForAnother, prepareCall } from './readers.ts';
import type { HeaderSettings } from './settings.ts';
import { HEADER_NAMES, HEADER_TABLE, type HeaderName, type RuledPattern, WRONG_NAMES } from './table.ts';
import type { HeaderSource, HeaderValues } from './values.ts';

/** The security ticket of the call, as far as it was looked at. */
export type Ticket =
  | { readonly state: 'none' }
  | { readonly state: 'refused'; readonly issues: readonly Issue[] }
  | { readonly state: 'shown'; readonly caller: Caller };

/** One call to be held against every rule of a pattern. */
export interface Explained {
  readonly pattern: RuledPattern;
  readonly headers: HeaderSource;
  readonly settings: HeaderSettings;
  readonly ticket: Ticket;
  /** Who calls: by the ticket, or as the caller says for the sake of the report; undefined: not known. */
  readonly kind: CallerKind | undefined;
  /** Findings of the steps before the header stage, if they found any. */
  readonly accept: readonly Issue[];
  readonly sizes: readonly Issue[];
  /** The types that are read under purpose and access. */
  readonly patientTypes: readonly string[];
}

const sent = (headers: HeaderSource, name: string): boolean => (headers.get(name) ?? '').trim() !== '';

const OUTCOME: Readonly<Record<Issue['severity'], Outcome>> = {
  error: 'failed',
  warning: 'warning',
  information: 'passed',
};

/** The parts of a finding that the table gives. */
type Base = Pick<Finding, 'header' | 'words' | 'source' | 'swedish' | 'rule'>;

const fromIssue = (base: Base, issue: Issue): Finding => ({
  ...base,
  outcome: OUTCOME[issue.severity],
  found: issue.diagnostics.replace(/\.$/, ''),
  code: codeOf(issue),
  issueCode: issue.code,
});

const CONDITION_WORDS: Readonly<Record<Resolved['condition'], string>> = {
  mandatory: 'mandatory',
  optional: 'optional',
  ignored: 'ignored',
  'must-not': 'not to be sent',
};

const ruleOfCaller = Object.values(ORG_INFO_BY_CALLER)
  .flatMap(({ rule }) => rule ?? [])
  .join('/');

const baseOf = (pattern: RuledPattern, name: HeaderName, rule: string | undefined): Base => {
  const cell = HEADER_TABLE[pattern][name];
  return {
    header: name,
    words: cell.words,
    source: cell.source,
    swedish: cell.swedish,
    rule: rule ?? (cell.on === 'caller' ? ruleOfCaller : undefined),
  };
};

/** A cell about which the header stage had nothing to say. */
const quiet = (call: Explained, name: HeaderName, resolved: Resolved): Finding => {
  const { pattern } = call;
  const cell = HEADER_TABLE[pattern][name];
  const base = baseOf(pattern, name, resolved.rule);
  const isSent = sent(call.headers, name);
  const state = isSent ? 'sent' : 'not sent';
  if (cell.condition === 'ignored') {
    return {
      ...base,
      outcome: 'ignored',
      found: `${name} is ignored in pattern ${pattern}; it was ${state}`,
    };
  }
  if (cell.on === 'caller' && call.kind === undefined && !isSent) {
    return {
      ...base,
      outcome: 'not applicable',
      found: `${name}: who calls is not known; show a token, or name kind=care, pharmacy, mediated or machine`,
    };
  }
  if (resolved.condition === 'ignored') {
    return {
      ...base,
      outcome: 'not applicable',
      found: `${name}: its condition does not hold; it was ${state}`,
    };
  }
  return {
    ...base,
    outcome: 'passed',
    found: `${name}, ${CONDITION_WORDS[resolved.condition]} in pattern ${pattern}, was ${state}`,
  };
};

const ticketFindings = (call: Explained): readonly Finding[] => {
  const name = 'Authorization';
  const cell = HEADER_TABLE[call.pattern][name];
  const { ticket } = call;
  if (cell.condition === 'ignored' || ticket.state === 'shown')
    return [quiet(call, name, resolvedOf(call, name))];
  const base = baseOf(call.pattern, name, cell.rule);
  if (ticket.state === 'refused') return ticket.issues.map((issue) => fromIssue(base, issue));
  return [
    {
      ...base,
      outcome: 'failed',
      code: 'ticket-missing',
      found: `${name} is mandatory in pattern ${call.pattern}`,
    },
  ];
};

const factsOf = (call: Explained, values: HeaderValues): CallFacts => {
  const { codes } = prepareCall(call.settings);
  const { purpose, access } = values;
  const proxied =
    purpose !== undefined &&
    access !== undefined &&
    actsForAnother(codes, access, codes.purpose.get(purpose) ?? []);
  return { kind: call.kind, patientRefExpected: true, proxied };
};

const resolvedOf = (call: Explained, name: HeaderName, values?: HeaderValues): Resolved =>
  resolve(HEADER_TABLE[call.pattern][name], factsOf(call, values ?? { callType: 'NORMAL' }));

const headerFindings = (
  call: Explained,
  name: HeaderName,
  values: HeaderValues,
  issues: readonly Issue[],
): readonly Finding[] => {
  if (name === 'Authorization') return ticketFindings(call);
  const own = issues.filter(({ location }) => location?.[0] === `http.${name}`);
  const found = name === 'Accept' ? call.accept : own;
  const resolved = resolvedOf(call, name, values);
  if (found.length === 0) return [quiet(call, name, resolved)];
  const base = baseOf(call.pattern, name, resolved.rule);
  const findings = found.map((issue) => fromIssue(base, issue));
  return name === 'Accept' ? findings.map((one) => ({ ...one, code: 'media-type' as const })) : findings;
};

/** "Endast uppgifter som är obligatoriska eller relevanta": what was sent although it is ignored. */
const generalFinding = (call: Explained): Finding => {
  const idle = HEADER_NAMES.filter(
    (name) => HEADER_TABLE[call.pattern][name].condition === 'ignored' && sent(call.headers, name),
  );
  return {
    outcome: idle.length === 0 ? 'passed' : 'warning',
    code: idle.length === 0 ? undefined : 'header-ignored',
    found:
      idle.length === 0
        ? `Nothing was sent that pattern ${call.pattern} ignores`
        : `Pattern ${call.pattern} ignores ${idle.join(', ')}; leave out what is not needed`,
    words: GENERAL_RULE.words,
    swedish: GENERAL_RULE.swedish,
    source: 'S 1, section 2',
  };
};

const NAMES_WORDS = 'A header under another name than its own is not read';

/** Names seen in the field that are not NLL's. The old name of X-Context-ID is the header stage's to judge. */
const nameFindings = (call: Explained, issues: readonly Issue[]): readonly Finding[] => [
  ...HEADER_NAMES.flatMap((name) =>
    (WRONG_NAMES[name] ?? [])
      .filter((wrong) => wrong !== 'X-Correlation-ID' && sent(call.headers, wrong))
      .map(
        (wrong): Finding => ({
          outcome: 'warning',
          header: wrong,
          found: `${wrong} is no header of NLL; its name is ${name}`,
          words: NAMES_WORDS,
          source: 'ours',
        }),
      ),
  ),
  ...issues
    .filter(({ location }) => location?.[0] === 'http.X-Correlation-ID')
    .map((issue) =>
      fromIssue(
        {
          header: 'X-Correlation-ID',
          rule: 'GK2',
          words: 'Since 2022-11-10 the name is X-Context-ID',
          source: 'S 1, Versionshistorik 1.2',
        },
        issue,
      ),
    ),
];

const sizeFinding = (call: Explained): Finding => {
  const [issue] = call.sizes;
  const base = { words: 'One header and all of them together have a greatest size', source: 'ours' };
  return issue === undefined
    ? { ...base, outcome: 'passed', found: 'The headers are small enough' }
    : fromIssue(base, issue);
};

/**
 * Every rule of a pattern held against the headers of one call, each as one issue or, when it is broken in more
 * than one way, as several: error where the call would be refused, warning where it would be warned, information
 * for what is kept, ignored or not applicable. No issue holds a header's value.
 */
export const explainHeaders = (call: Explained): readonly Issue[] => {
  const { values, issues: all } = checkHeaders({
    pattern: call.pattern,
    headers: call.headers,
    kind: call.kind,
    settings: call.settings,
    patientRefExpected: true,
  });
  // The report has a line of its own for each ignored header, whatever the setting.
  const issues = all.filter((issue) => codeOf(issue) !== 'header-ignored');
  return [
    ...HEADER_NAMES.flatMap((name) => headerFindings(call, name, values, issues)),
    generalFinding(call),
    ...nameFindings(call, issues),
    sizeFinding(call),
    ...rightsFindings(call, values),
  ].map(findingIssue);
};
