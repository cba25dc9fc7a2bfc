import type { Failure, Issue } from '../failure.ts';
import { echoHeaders } from '../headers/echo.ts';
import type { HeaderSettings } from '../headers/settings.ts';
import type { HeaderLimits } from '../headers/sizes.ts';
import type { Render, Rendering } from '../http/answer.ts';
import { type Format, negotiate, negotiateNative } from '../http/media-type.ts';
import type { Result } from '../result.ts';
import type { Caller } from '../security/caller.ts';
import type { CallerKeys } from '../security/caller-key.ts';
import type { Presentation } from '../security/token/binding.ts';
import type { Server } from './server.ts';

/** What the stages before an interaction need. */
export interface Stages {
  readonly headerRules: 'enforce' | 'report';
  readonly headers: HeaderSettings;
  /** Counts and logs what `report` let through. */
  readonly countFindings: (issues: readonly Issue[]) => void;
  readonly formats: readonly Format[];
  readonly toXml: Render;
  /** Verifies a bearer token and says who calls. */
  readonly authenticate: (
    authorization: string | null,
    presentation?: Presentation,
  ) => Promise<Result<Caller, Failure>>;
  /** SHA-256 of the certificate that a request's client showed in TLS; absent where nobody can tell. */
  readonly shownCertificate?: (request: Request) => string | undefined;
  readonly headerLimits: HeaderLimits;
  readonly callerKeys: CallerKeys;
  /** `https://host`, for a request that came in at this URL. */
  readonly baseOf: (url: string) => string;
}

export interface Facade {
  readonly server: Server;
  readonly stages: Stages;
}

/** The query of a URL, with its question mark; '' when there is none. */
export const searchOf = (url: string): string => {
  const at = url.indexOf('?');
  if (at < 0) return '';
  const end = url.indexOf('#', at);
  return end < 0 ? url.slice(at) : url.slice(at, end);
};

/** How the answer will be written, decided before anything can go wrong. Failure: 406, itself in JSON. */
export const renderingOf = (
  stages: Pick<Stages, 'headers' | 'formats' | 'toXml'>,
  request: Request,
  search: string,
  natives: readonly string[] = [],
): { readonly how: Rendering; readonly refused?: Failure } => {
  const echo: Record<string, string> = { ...echoHeaders(request.headers, stages.headers) };
  const parameters = search === '' ? undefined : new URLSearchParams(search);
  const withoutBody = request.method === 'HEAD';
  const how = { format: 'json', pretty: parameters?.get('_pretty') === 'true', echo, withoutBody } as const;
  const [accept, asked] = [request.headers.get('accept'), parameters?.get('_format') ?? null];
  if (natives.length > 0) {
    const native = negotiateNative(accept, asked, natives, stages.formats);
    if (native !== undefined) return { how: { ...how, native, toXml: stages.toXml } };
  }
  const format = negotiate(accept, asked, stages.formats);
  return format.ok
    ? { how: { ...how, format: format.value, toXml: stages.toXml } }
    : { how: { ...how, toXml: stages.toXml }, refused: format.failure };
};
