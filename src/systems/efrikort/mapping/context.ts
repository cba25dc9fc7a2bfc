import type { Issue } from '../../../failure.ts';
import { type EfrikortIssue, finding } from '../findings.ts';
import { probableText } from '../mojibake.ts';
import type { EfrikortSettings } from '../settings.ts';

export interface MappingContext {
  readonly settings: Pick<EfrikortSettings, 'certificateIssuers'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Gathers findings; reading goes on, so that all faults are told at once. */
export interface Findings {
  readonly issues: Issue[];
  readonly add: (
    name: EfrikortIssue,
    expression: string,
    diagnostics: string,
    severity?: Issue['severity'],
  ) => void;
}

export const createFindings = (): Findings => {
  const issues: Issue[] = [];
  return {
    issues,
    add: (name, expression, diagnostics, severity) =>
      issues.push(finding(name, expression, diagnostics, severity)),
  };
};

/** Also the marks that turn the direction of reading: with them a line shows another text than it holds. */
const hasControl = (text: string): boolean => /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text);

/** The longest line of the mail that a field may make, characters; the serial number has its own. */
const LONGEST = 200;

interface LineRules {
  /** Characters. */
  readonly longest?: number;
  /** Of a person: what was probably meant is not repeated. */
  readonly personal?: boolean;
}

/**
 * One line of text that goes into the mail: no control character, because a line break would start a header field
 * or forge a line of the text. False when it may not be used.
 */
export const judgeLine = (
  text: string,
  expression: string,
  findings: Findings,
  { longest = LONGEST, personal = false }: LineRules = {},
): boolean => {
  if (hasControl(text)) {
    const why = 'The text goes into a mail and must be one line, without control characters.';
    findings.add('control-character', expression, why);
    return false;
  }
  if (text.length > longest) {
    findings.add('text-too-long', expression, `At most ${longest} characters are taken.`);
    return false;
  }
  const meant = probableText(text);
  if (meant !== undefined) {
    const guess = personal ? '' : ` It was probably meant as "${meant}".`;
    const why = `The text looks like UTF-8 read in another encoding; it is taken as it stands.${guess}`;
    findings.add('mojibake', expression, why, 'warning');
  }
  return true;
};
