import type { Issue } from '../failure.ts';
import { HEADER_ISSUE_SYSTEM, HEADER_ISSUES, type HeaderIssueCode } from './faults.ts';
import { SOURCES } from './sources.ts';

/** What a rule came to for one call. */
export type Outcome = 'passed' | 'failed' | 'warning' | 'ignored' | 'not applicable';

/** One rule, held against one call. */
export interface Finding {
  /** GK, VR, TA or FIL number; undefined: the handbook gives none. */
  readonly rule?: string | undefined;
  readonly outcome: Outcome;
  /** What was found: a sentence without full stop that never holds a header's value. */
  readonly found: string;
  /** What the rule says. */
  readonly words: string;
  /** Where it stands, starting with a mark of `SOURCES`. */
  readonly source: string;
  /** The handbook's own words. */
  readonly swedish?: string | undefined;
  readonly header?: string | undefined;
  /** When it is not the outcome's own. */
  readonly code?: HeaderIssueCode | undefined;
  readonly issueCode?: Issue['code'] | undefined;
}

const SEVERITY: Readonly<Record<Outcome, Issue['severity']>> = {
  passed: 'information',
  failed: 'error',
  warning: 'warning',
  ignored: 'information',
  'not applicable': 'information',
};

const CODE: Readonly<Record<Outcome, HeaderIssueCode>> = {
  passed: 'header-ok',
  failed: 'header-malformed',
  warning: 'header-lenient',
  ignored: 'header-ignored',
  'not applicable': 'rule-not-applicable',
};

const isHeaderIssue = (code: string): code is HeaderIssueCode => Object.hasOwn(HEADER_ISSUES, code);

/** The code of `header-issue` that an issue carries, if it carries one. */
export const codeOf = (issue: Issue): HeaderIssueCode | undefined => {
  const code = issue.details?.code;
  return code !== undefined && isHeaderIssue(code) ? code : undefined;
};

/** `S 1, table 4` with the title of S 1. */
const cited = (source: string): string => {
  const [, title] = Object.entries(SOURCES).find(([mark]) => new RegExp(`^${mark}\\b`).test(source)) ?? [];
  return title === undefined ? source : `${source} (${title})`;
};

const withStop = (sentence: string): string => (/[.:!?]$/.test(sentence) ? sentence : `${sentence}.`);

/** The finding as an issue of the report. */
export const findingIssue = (finding: Finding): Issue => {
  const { outcome, header, swedish } = finding;
  const code = finding.code ?? CODE[outcome];
  const quote = swedish === undefined ? '' : `: "${swedish}"`;
  return {
    severity: SEVERITY[outcome],
    code: outcome === 'failed' ? (finding.issueCode ?? HEADER_ISSUES[code].code) : 'informational',
    details: { system: HEADER_ISSUE_SYSTEM, code },
    diagnostics:
      `${finding.rule ?? 'Rule without number'}, ${outcome}: ${withStop(finding.found)} ` +
      `${withStop(finding.words)} Source: ${cited(finding.source)}${quote}`,
    ...(header === undefined ? {} : { location: [`http.${header}`] }),
  };
};
