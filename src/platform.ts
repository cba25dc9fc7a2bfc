import type { Resource } from '@medplum/fhirtypes';
import type { Hono } from 'hono';
import type { Config, Environment } from './config.ts';
import type { DanishPlace } from './connect/denmark.ts';
import type { EfrikortPlace } from './connect/efrikort.ts';
import type { HelsenorgePlace } from './connect/helsenorge.ts';
import type { Delivery } from './delivery/types.ts';
import type { SmtpServer } from './mail/smtp-url.ts';
import type { MailTransport } from './mail/transport.ts';
import type { Background, Clock, Database, Fetch, HmacOf, Log, Sha256, Statement } from './ports.ts';
import type { Result } from './result.ts';
import type { Caller } from './security/caller.ts';
import type { Grants } from './security/grants.ts';
import type { TokenIssuer } from './security/token/issuer.ts';
import type { IndexRows } from './store/types.ts';
import type { ClientFetchPorts } from './systems/efrikort/client-fetch.ts';
import type { Catalogue } from './systems/helsenorge/catalogue.ts';
import type { UpstreamFetch } from './systems/upstream/fetch.ts';

/** What a platform gives. */
export interface Platform {
  readonly database: Database;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly background: Background;
  readonly sha256: Sha256;
  /** WebCrypto's when absent. */
  readonly hmacOf?: HmacOf;
  readonly log: Log;
  /**
   * Base64url of the SHA-256 of the DER of the certificate with which the client of this request proved itself in
   * TLS; undefined when there was none. Absent: tokens that are bound to one are refused.
   */
  readonly shownCertificate?: (request: Request) => string | undefined;
  /** Several isolates may serve at the same time (Workers). */
  readonly shared: boolean;
  /** Mail over SMTP, where the platform can (Node). */
  readonly openSmtp?: (server: SmtpServer, parts: { readonly clock: Clock }) => Promise<MailTransport>;
  /** Calls that present a client certificate whose key is in the settings, where the platform can (Node). */
  readonly presenting?: NonNullable<ClientFetchPorts['presenting']>;
  /** Calls that present the client certificate of a binding, which holds its key (Workers: EFRIKORT_MTLS). */
  readonly efrikortBinding?: UpstreamFetch;
}

/** What the sandbox puts in the place of the outside world; absent in a production bundle. */
export interface SandboxPlug {
  readonly schema: readonly Statement[];
  readonly open: (parts: {
    readonly database: Database;
    readonly catalogue: Catalogue;
    readonly realClock: Clock;
    readonly shared: boolean;
    /** Settings of the Danish systems that hold in a sandbox as well. */
    readonly danish: Environment;
    /** Settings of eFrikort that hold in a sandbox as well. */
    readonly efrikort: Environment;
  }) => Promise<OpenSandbox>;
}

export interface OpenSandbox {
  readonly clock: { readonly now: Clock; readonly load: () => Promise<void> };
  readonly secret: string;
  readonly issuer: TokenIssuer;
  readonly openCaller: Caller;
  readonly grants: Grants;
  readonly helsenorge: HelsenorgePlace;
  readonly denmark: DanishPlace;
  readonly efrikort: EfrikortPlace;
  /** For the start page, loaded when somebody looks at it. */
  readonly guide: () => Promise<SandboxGuide>;
  /** The `/sandbox` routes. */
  readonly mount: (app: Hono, hooks: SandboxHooks) => void;
  /** Loads the seed data unless it is there. */
  readonly seed: (hooks: SandboxHooks) => Promise<void>;
}

/** What a person is told of the sandbox. */
export interface SandboxGuide {
  /** Shell lines to paste; @param base `https://host` */
  readonly example: (base: string) => string;
  /** Paths by name, for programs. */
  readonly links: Readonly<Record<string, string>>;
  readonly notes: readonly { readonly call: string; readonly body?: string; readonly text: string }[];
}

/** What the sandbox may do to the server it stands in. */
export interface SandboxHooks {
  /** What the store holds of the server's own from the start. */
  readonly kept: readonly Resource[];
  /** Types are served that are searched by their words. */
  readonly fullText: boolean;
  readonly config: Config;
  readonly database: Database;
  readonly delivery: Delivery;
  readonly indexOf: (resource: Resource) => IndexRows;
  readonly runJobs: () => Promise<void>;
  /** Fetches the answers that the regions have sent. */
  readonly receiveMail: () => Promise<void>;
  /** Caches, breakers and tokens of the national systems' clients. */
  readonly forget: () => void;
}

/** A setting that stops the start, in one sentence. */
export class SettingError extends Error {}

/** The value, or the end of the start with the sentence that says why. */
export const orStop = <T>(parsed: Result<T, string>): T => {
  if (parsed.ok) return parsed.value;
  throw new SettingError(parsed.failure);
};
