import type { Bundle, OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';

/** An answer, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body when it is JSON. */
  readonly json?: object;
}

const parsed = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
};

export const replyOf = async (response: Response): Promise<Reply> => {
  const text = await response.text();
  const json = parsed(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    ...(json === undefined ? {} : { json }),
  };
};

type TypeName = Resource['resourceType'];

/** The body as a resource of this type; throws, with the answer, when it is another. */
export const resourceIn = <T extends TypeName>(
  reply: Reply,
  type: T,
): Extract<Resource, { resourceType: T }> => {
  const { json } = reply;
  if (json !== undefined && 'resourceType' in json && json.resourceType === type) {
    // The server's own answers are what the suite is about; the type is checked, the rest is asserted.
    return json as Extract<Resource, { resourceType: T }>;
  }
  throw new Error(`expected a ${type}, got ${reply.status} ${reply.text.slice(0, 500)}`);
};

/** One issue, flat: what a test says about it. */
export interface ShownIssue {
  readonly severity: OperationOutcomeIssue['severity'];
  readonly code: OperationOutcomeIssue['code'];
  readonly expression?: readonly string[];
  readonly location?: readonly string[];
  readonly detail?: string;
  readonly diagnostics: string;
}

export const issuesOf = (reply: Reply): readonly ShownIssue[] =>
  resourceIn(reply, 'OperationOutcome').issue.map((issue) => {
    const detail = issue.details?.coding?.[0]?.code;
    return {
      severity: issue.severity,
      code: issue.code,
      diagnostics: issue.diagnostics ?? '',
      ...(issue.expression === undefined ? {} : { expression: issue.expression }),
      ...(issue.location === undefined ? {} : { location: issue.location }),
      ...(detail === undefined ? {} : { detail }),
    };
  });

/** Ids of a searchset's matches, in order. */
export const idsIn = (reply: Reply): readonly string[] =>
  (resourceIn(reply, 'Bundle').entry ?? [])
    .filter(({ search }) => search?.mode !== 'outcome')
    .map(({ resource }) => resource?.id ?? '');

export const linkIn = (bundle: Bundle, relation: string): string | undefined =>
  bundle.link?.find((link) => link.relation === relation)?.url;

/** Path and query of an absolute URL of the server. */
export const pathOf = (url: string): string => {
  const { pathname, search } = new URL(url);
  return pathname + search;
};

/** `Consent/<id>` of what a write made or changed. */
export const idIn = (reply: Reply): string => {
  const { json } = reply;
  const id: unknown = json !== undefined && 'id' in json ? json.id : undefined;
  if (typeof id === 'string') return id;
  throw new Error(`the answer has no id: ${reply.status} ${reply.text.slice(0, 500)}`);
};

export const etagIn = (reply: Reply): string => reply.headers.get('ETag') ?? '';
