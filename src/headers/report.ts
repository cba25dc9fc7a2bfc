import type { Issue } from '../failure.ts';
import { operationOutcome } from '../http/outcome.ts';
import type { Log } from '../ports.ts';

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

/**
 * Counts the faults that `report` lets through, by header and code, and logs those of a call in one line at
 * `info` with how often each has been seen since the start. Both are of closed lists, so the count is bounded;
 * no value of a header is in it.
 */
export const createFindingsCount = (log: Log): ((issues: readonly Issue[]) => void) => {
  const counts = new Map<string, number>();
  return (issues) => {
    const seen: Record<string, number> = {};
    for (const { severity, location, details } of issues) {
      if (severity !== 'error') continue;
      const key = `${location?.[0] ?? 'headers'} ${details?.code ?? 'other'}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      seen[key] = count;
    }
    if (Object.keys(seen).length > 0) log('info', 'header faults were let through', seen);
  };
};
