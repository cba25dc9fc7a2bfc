import type { Resource } from '@medplum/fhirtypes';
import type { Hono } from 'hono';
import type { Config } from './config.ts';
import type { Delivery } from './delivery/types.ts';
import type { HelsenorgePlace } from './helsenorge.ts';
import type { Background, Clock, Database, Fetch, HmacOf, Log, Sha256, Statement } from './ports.ts';
import type { Caller } from './security/caller.ts';
import type { Grants } from './security/grants.ts';
import type { TokenIssuer } from './security/token/issuer.ts';
import type { IndexRows } from './store/types.ts';
import type { Catalogue } from './systems/helsenorge/catalogue.ts';

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
  /** Several isolates may serve at the same time (Workers). */
  readonly shared: boolean;
}

/** What the sandbox puts in the place of the outside world; absent in a production bundle. */
export interface SandboxPlug {
  readonly schema: readonly Statement[];
  readonly open: (parts: {
    readonly database: Database;
    readonly catalogue: Catalogue;
    readonly realClock: Clock;
    readonly shared: boolean;
  }) => Promise<OpenSandbox>;
}

export interface OpenSandbox {
  readonly clock: { readonly now: Clock; readonly load: () => Promise<void> };
  readonly secret: string;
  readonly issuer: TokenIssuer;
  readonly openCaller: Caller;
  readonly grants: Grants;
  readonly helsenorge: HelsenorgePlace;
  /** The `/sandbox` routes. */
  readonly mount: (app: Hono, hooks: SandboxHooks) => void;
  /** Loads the seed data unless it is there. */
  readonly seed: (hooks: SandboxHooks) => Promise<void>;
}

/** What the sandbox may do to the server it stands in. */
export interface SandboxHooks {
  /** What the store holds of the server's own from the start. */
  readonly kept: readonly Resource[];
  readonly config: Config;
  readonly database: Database;
  readonly delivery: Delivery;
  readonly indexOf: (resource: Resource) => IndexRows;
  readonly runJobs: () => Promise<void>;
  /** Caches, breakers and tokens of the national systems' clients. */
  readonly forget: () => void;
}

/** A setting that stops the start, in one sentence. */
export class SettingError extends Error {}
