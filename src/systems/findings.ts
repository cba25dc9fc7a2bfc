import type { Issue, IssueCode } from '../failure.ts';

/**
 * Makes the findings of one CodeSystem: `codes` says R4's issue type of each of its codes. Of a finding,
 * `expression` is the FHIRPath of the element; `diagnostics` never holds its value, nor a person's number.
 */
export const findingsOf =
  <Name extends string>(system: string, codes: Readonly<Record<Name, IssueCode>>) =>
  (name: Name, expression: string, diagnostics: string, severity: Issue['severity'] = 'error'): Issue => ({
    severity,
    code: codes[name],
    diagnostics,
    expression: [expression],
    details: { system, code: name },
  });

export const hasErrors = (issues: readonly Issue[]): boolean =>
  issues.some(({ severity }) => severity === 'error');
