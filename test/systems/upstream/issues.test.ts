import { describe, expect, it } from 'vitest';
import codes from '../../../profiles/code-systems/upstream-issue.json' with { type: 'json' };
import { codeSystem } from '../../../src/canonical.ts';
import { UPSTREAM_ISSUES, upstreamFailure } from '../../../src/systems/upstream/issues.ts';

describe('the issues of the way to a national system', () => {
  it('are the codes of the published CodeSystem, word for word', () => {
    const table = Object.entries(UPSTREAM_ISSUES).map(([code, { display }]) => ({ code, display }));
    expect(codes.concept).toEqual(table);
    expect(codes.url).toBe(codeSystem('upstream-issue'));
  });

  it('make a failure with its kind, issue code and coding', () => {
    expect(upstreamFailure('circuit-open', 'Text.', 7)).toEqual({
      kind: 'unavailable',
      retryAfter: 7,
      issues: [
        {
          severity: 'error',
          code: 'transient',
          diagnostics: 'Text.',
          details: {
            system: codeSystem('upstream-issue'),
            code: 'circuit-open',
            display: UPSTREAM_ISSUES['circuit-open'].display,
          },
        },
      ],
    });
  });
});
