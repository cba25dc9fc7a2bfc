import { FNR } from './fixtures.ts';
import { headersFor, type Pattern, type Role } from './headers.ts';
import { expectSound } from './invariants.ts';
import { type Reply, replyOf, resourceIn } from './reply.ts';

/** The body of `POST /sandbox/token`. */
export interface TokenRequest {
  readonly role: Role;
  readonly scope?: string;
  readonly patient?: string;
  readonly represents?: readonly string[];
  readonly organization?: string | null;
  readonly fault?: string;
}

export type Who = Role | TokenRequest;

export interface CallOptions {
  /** Who calls; null: no token. `prescriber` unless said. */
  readonly as?: Who | null;
  /** X-PatientRef. */
  readonly patient?: string | undefined;
  /** The usage pattern, where the path alone does not tell it. */
  readonly pattern?: Pattern;
  /** Added to, or put in the place of, those of the pattern; null takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** An object is sent as JSON, a text and bytes as they are, URLSearchParams as a form. */
  readonly body?: unknown;
}

/** One call to a national service, as `/sandbox/exchanges` shows it. */
export interface Exchange {
  readonly system: string;
  readonly requestId: string;
  readonly at: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly response?: { readonly status: number; readonly body: string };
}

export interface Client {
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Reply>;
  readonly get: (path: string, options?: CallOptions) => Promise<Reply>;
  readonly post: (path: string, body: unknown, options?: CallOptions) => Promise<Reply>;
  readonly put: (path: string, body: unknown, options?: CallOptions) => Promise<Reply>;
  readonly delete: (path: string, options?: CallOptions) => Promise<Reply>;
  /** POST _search of a type, with its parameters as a form. */
  readonly search: (type: string, parameters: Parameters, options?: CallOptions) => Promise<Reply>;
  readonly token: (who: Who) => Promise<string>;
  /** Newest first. */
  readonly exchanges: (system?: string) => Promise<readonly Exchange[]>;
  /** Bodies of what one PVK service was sent, oldest first. */
  readonly sent: (service: string) => Promise<readonly unknown[]>;
  /** Logical id of the Patient with this fødselsnummer, made on first use. */
  readonly patient: (number: string, system?: string) => Promise<string>;
  readonly fault: (system: string, kind: string, count?: number) => Promise<void>;
  /** Moves the clock of facade and simulators by so many milliseconds. */
  readonly advance: (milliseconds: number) => Promise<void>;
  readonly reset: () => Promise<void>;
}

export type Parameters = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

export const ORIGIN = 'http://127.0.0.1:8787';

const roleOf = (who: Who): Role => (typeof who === 'string' ? who : who.role);

const formOf = (parameters: Parameters): URLSearchParams => {
  const entries = isList(parameters) ? parameters : Object.entries(parameters);
  return new URLSearchParams(entries.map(([name, value]): [string, string] => [name, value]));
};

const isList = (value: Parameters): value is readonly (readonly [string, string])[] => Array.isArray(value);

const bodyOf = (body: unknown): { readonly text?: string | Uint8Array; readonly type?: string } => {
  if (body === undefined) return {};
  if (body instanceof Uint8Array) return { text: body, type: 'application/fhir+json' };
  if (body instanceof URLSearchParams) {
    return { text: body.toString(), type: 'application/x-www-form-urlencoded' };
  }
  return { text: typeof body === 'string' ? body : JSON.stringify(body), type: 'application/fhir+json' };
};

const assembled = (options: CallOptions, given: Readonly<Record<string, string>>): Headers => {
  const headers = new Headers(given);
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return headers;
};

/** A well-behaved client: the token of a role, and every header its pattern asks for, unless told otherwise. */
export const createClient = (fetch: (request: Request) => Promise<Response>): Client => {
  const tokens = new Map<string, string>();
  let moved = 0;

  const raw = async (
    method: string,
    path: string,
    headers: Headers,
    text?: string | Uint8Array,
  ): Promise<Reply> => {
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers,
      // As bytes: a text would be sent with a Content-Type of its own when the test takes it away.
      ...(text === undefined
        ? {}
        : { body: typeof text === 'string' ? new TextEncoder().encode(text) : new Uint8Array(text) }),
    });
    const reply = await replyOf(await fetch(request));
    expectSound({ method, path, headers, text: typeof text === 'string' ? text : '' }, reply);
    return reply;
  };

  const sandbox = async (path: string, body: object): Promise<Reply> => {
    const reply = await raw('POST', path, new Headers(), JSON.stringify(body));
    if (reply.status !== 200) throw new Error(`POST ${path} answered ${reply.status}: ${reply.text}`);
    return reply;
  };

  const token = async (who: Who): Promise<string> => {
    const request = typeof who === 'string' ? { role: who } : who;
    const key = JSON.stringify(request);
    const kept = tokens.get(key);
    if (kept !== undefined) return kept;
    const { json } = await sandbox('/sandbox/token', request);
    const issued = Object.entries(json ?? {}).find(([name]) => name === 'access_token')?.[1];
    if (typeof issued !== 'string') throw new Error('the sandbox issued no token');
    tokens.set(key, issued);
    return issued;
  };

  const call: Client['call'] = async (method, path, options = {}) => {
    const { as = 'prescriber', patient, pattern, body } = options;
    const holder = as === null || typeof as === 'string' ? undefined : as.patient;
    const { text, type } = bodyOf(body);
    const headers = assembled(options, {
      ...headersFor({ method, path, role: as === null ? 'system' : roleOf(as), patient, holder, pattern }),
      ...(as === null ? {} : { Authorization: `Bearer ${await token(as)}` }),
      ...(type === undefined ? {} : { 'Content-Type': type }),
    });
    return raw(method, path, headers, text);
  };

  const search: Client['search'] = (type, parameters, options = {}) =>
    call('POST', `/fhir/${type}/_search`, { ...options, body: formOf(parameters) });

  const exchanges: Client['exchanges'] = async (system) => {
    const query = system === undefined ? '' : `?system=${system}`;
    const { json } = await raw('GET', `/sandbox/exchanges${query}`, new Headers());
    if (!Array.isArray(json)) throw new Error('the exchanges are no list');
    return json as readonly Exchange[];
  };

  return {
    call,
    search,
    token,
    exchanges,
    get: (path, options) => call('GET', path, options),
    post: (path, body, options) => call('POST', path, { ...options, body }),
    put: (path, body, options) => call('PUT', path, { ...options, body }),
    delete: (path, options) => call('DELETE', path, options),
    async sent(service) {
      const all = await exchanges('helsenorge');
      const of = all.filter(({ request }) => request.url.includes(service)).toReversed();
      return of.map(({ request }): unknown =>
        request.body === '' ? new URL(request.url).search : JSON.parse(request.body),
      );
    },
    async patient(number, system = FNR) {
      const reply = await search('Patient', { identifier: `${system}|${number}` });
      const [entry] = resourceIn(reply, 'Bundle').entry ?? [];
      const id = entry?.resource?.id;
      if (id === undefined) throw new Error(`no Patient was answered: ${reply.status}`);
      return id;
    },
    async fault(system, kind, count = 1) {
      await sandbox('/sandbox/faults', { system, kind, count });
    },
    async advance(milliseconds) {
      moved += milliseconds;
      await sandbox('/sandbox/clock', { now: new Date(Date.now() + moved).toISOString() });
      tokens.clear();
    },
    async reset() {
      await sandbox('/sandbox/reset', {});
      if (moved !== 0) tokens.clear();
      moved = 0;
    },
  };
};
