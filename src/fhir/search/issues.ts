import type { Issue } from '../../failure.ts';

/** A fault of the query; always 400. Names the parameter, never its value. */
export const queryIssue = (code: Issue['code'], name: string, diagnostics: string): Issue => ({
  severity: 'error',
  code,
  diagnostics,
  location: [`http.${name}`],
  malformed: true,
});

/** A name as it may be told again: what does not look like one could be a value in the wrong place. */
export const shown = (name: string): string | undefined =>
  /^[A-Za-z_][\w.:-]{0,127}$/.test(name) && !/\d{6}/.test(name) ? name : undefined;

/** A name that is unknown; lenient handling goes on without it. */
export const unknownIssue = (name: string, type: string, valid: readonly string[], more = ''): Issue => {
  const named = shown(name);
  const which = named === undefined ? 'A search parameter' : `The search parameter ${named}`;
  return {
    severity: 'error',
    code: 'not-supported',
    diagnostics: `${which} is unknown for ${type}${more}. Known are: ${valid.join(', ')}.`,
    ...(named === undefined ? {} : { location: [`http.${named}`] }),
    malformed: true,
  };
};

export const asWarning = ({ severity: _, malformed: __, ...issue }: Issue): Issue => ({
  ...issue,
  severity: 'warning',
  diagnostics: `Ignored: ${issue.diagnostics}`,
});
