import type { Issue } from '../failure.ts';
import { operationOutcome } from '../http/outcome.ts';

/** Bytes of the response header `X-Header-Findings`. */
const FINDINGS_MAX = 4096;

const base64 = (text: string): string => {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

const outcome = (shown: readonly Issue[], left: number): string => {
  const rest: readonly Issue[] =
    left === 0
      ? []
      : [
          {
            severity: 'information',
            code: 'informational',
            diagnostics: `${left} more findings are not shown`,
          },
        ];
  return base64(JSON.stringify(operationOutcome([...shown, ...rest])));
};

/**
 * The value of `X-Header-Findings`: base64 of the UTF-8 JSON of an OperationOutcome, errors first. What does
 * not fit is left out issue by issue, and the last issue counts it. Undefined when there is nothing to say.
 */
export const headerFindings = (issues: readonly Issue[], max = FINDINGS_MAX): string | undefined => {
  if (issues.length === 0) return undefined;
  const sorted = [
    ...issues.filter((issue) => issue.severity === 'error'),
    ...issues.filter((issue) => issue.severity !== 'error'),
  ];
  for (let shown = sorted.length; shown >= 0; shown -= 1) {
    const value = outcome(sorted.slice(0, shown), sorted.length - shown);
    if (value.length <= max) return value;
  }
  return undefined;
};
