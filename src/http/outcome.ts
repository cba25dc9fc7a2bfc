import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Issue } from '../failure.ts';

const issueOf = (issue: Issue): OperationOutcomeIssue => ({
  severity: issue.severity,
  code: issue.code,
  ...(issue.details === undefined ? {} : { details: { coding: [issue.details] } }),
  diagnostics: issue.diagnostics,
  ...(issue.location === undefined ? {} : { location: [...issue.location] }),
  ...(issue.expression === undefined ? {} : { expression: [...issue.expression] }),
});

const RANK = { error: 0, warning: 1, information: 2 } as const;

/** Errors first; `issue` is 1..*, so an empty list says that all is well. */
export const operationOutcome = (issues: readonly Issue[]): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue:
    issues.length === 0
      ? [{ severity: 'information', code: 'informational', diagnostics: 'No issues.' }]
      : [...issues].sort((a, b) => RANK[a.severity] - RANK[b.severity]).map(issueOf),
});
