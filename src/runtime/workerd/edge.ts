import { waitUntil } from 'cloudflare:workers';
import { type App, createApp } from '../../app.ts';
import { type Environment, parseConfig } from '../../config.ts';
import { type SandboxPlug, SettingError } from '../../platform.ts';
import type { Log, Sha256 } from '../../ports.ts';
import { type D1Binding, openD1 } from './d1.ts';
import { withByteStrings } from './headers.ts';
import { certificateOfConnection } from './shown-certificate.ts';

/**
 * Vars and secrets by the names of the README's configuration table, the binding `DB`, and where eFrikort's own
 * services are called the mTLS certificate `EFRIKORT_MTLS`.
 */
export interface Bindings {
  readonly DB: D1Binding;
  readonly [name: string]: unknown;
}

const textsOf = (bindings: Bindings): Environment =>
  Object.fromEntries(
    Object.entries(bindings).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

const log: Log = (level, message, fields = {}) => {
  console.log(JSON.stringify({ level, message, ...fields }));
};

const encoder = new TextEncoder();

const sha256: Sha256 = async (text) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
  return btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
};

/** An mTLS certificate as Workers bind it. */
const isFetcher = (
  binding: unknown,
): binding is { readonly fetch: (request: Request) => Promise<Response> } =>
  typeof binding === 'object' &&
  binding !== null &&
  'fetch' in binding &&
  typeof binding.fetch === 'function';

const start = (bindings: Bindings, plug: SandboxPlug | undefined): Promise<App> => {
  // There is no HOST at the edge: a sandbox is on only when the configuration says so.
  const config = parseConfig({ SANDBOX: 'off', ...textsOf(bindings), HOST: undefined });
  if (!config.ok) throw new SettingError(config.failure);
  if (config.value.tokenClientCertificateHeader !== undefined) {
    throw new SettingError(
      'TOKEN_CLIENT_CERTIFICATE_HEADER is for Node alone: a Worker has the certificate from the edge itself.',
    );
  }
  const { EFRIKORT_MTLS: mtls } = bindings;
  return createApp(
    config.value,
    {
      database: openD1(bindings.DB),
      clock: Date.now,
      fetch: (request) => fetch(request),
      background: (work) => waitUntil(work.catch(() => undefined)),
      sha256,
      log,
      shownCertificate: certificateOfConnection,
      shared: true,
      ...(isFetcher(mtls) ? { efrikortBinding: (request) => mtls.fetch(request) } : {}),
    },
    plug,
  );
};

/** A Worker that serves the facade; a wrong setting answers every call with its sentence. */
export const createWorker = (plug?: SandboxPlug) => {
  let app: Promise<App> | undefined;
  const started = (bindings: Bindings): Promise<App> => {
    app ??= start(bindings, plug).catch((error: unknown) => {
      // The next call tries again: the database may only have been away.
      app = undefined;
      throw error;
    });
    // A promise dies with the call that made it, unless it is handed to the platform.
    waitUntil(app.catch(() => undefined));
    return app;
  };
  return {
    async fetch(request: Request, bindings: Bindings): Promise<Response> {
      try {
        return await (await started(bindings)).fetch(withByteStrings(request));
      } catch (error) {
        if (error instanceof SettingError) {
          log('error', error.message);
          return new Response(`${error.message}\n`, { status: 503 });
        }
        throw error;
      }
    },
    async scheduled(_event: unknown, bindings: Bindings): Promise<void> {
      await (await started(bindings)).runJobs();
    },
  };
};
