/** `npm start`: the facade on Node, with embedded SQLite. */
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { createApp } from '../../app.ts';
import { type Config, parseConfig } from '../../config.ts';
import { SettingError } from '../../platform.ts';
import type { Background, Log } from '../../ports.ts';
import { exampleCall } from '../../sandbox/guide.ts';
import { createFetchWithCertificate } from './client-certificate.ts';
import { compress, takesGzip } from './compress.ts';
import { hmacOf, sha256 } from './hashes.ts';
import { withIncomingHeaders } from './headers.ts';
import { certificateInHeader } from './shown-certificate.ts';
import { openSmtp } from './smtp.ts';
import { openSqlite, type SqliteDatabase } from './sqlite.ts';
import { maxHeaderSize, refuseUnreadable } from './unreadable.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** JSON lines on standard error, so that standard output stays for people. */
const logAt =
  (least: Config['logLevel']): Log =>
  (level, message, fields = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...fields })}\n`);
  };

const stop = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

const background: Background = (work) => {
  work.catch(() => undefined);
};

const JOB_INTERVAL = 1000;

const openDatabase = (url: string): SqliteDatabase => {
  try {
    return openSqlite(url);
  } catch {
    return stop(`DATABASE_URL ${url} cannot be opened; it is sqlite:<file> or sqlite::memory:.`);
  }
};

const start = async (config: Config): Promise<void> => {
  const log = logAt(config.logLevel);
  const database = openDatabase(config.databaseUrl);
  const plug = config.sandbox ? (await import('../../sandbox/plug.ts')).SANDBOX : undefined;
  const { tokenClientCertificateHeader: certificateHeader } = config;
  const app = await createApp(
    config,
    {
      database,
      clock: Date.now,
      fetch: (request) => fetch(request),
      background,
      sha256,
      hmacOf,
      log,
      ...(certificateHeader === undefined
        ? {}
        : { shownCertificate: certificateInHeader(certificateHeader) }),
      shared: false,
      openSmtp,
      presenting: createFetchWithCertificate,
    },
    plug,
  );
  let working = false;
  const timer = setInterval(async () => {
    if (working) return;
    working = true;
    await app.runJobs().catch(() => log('error', 'the jobs failed; they are tried again'));
    working = false;
  }, JOB_INTERVAL);
  const server = serve(
    {
      fetch: (request: Request, { incoming }: HttpBindings | Http2Bindings) => {
        const answer = app.fetch(withIncomingHeaders(request, incoming));
        const { 'accept-encoding': accepted } = incoming.headers;
        return takesGzip(accepted?.toString()) ? Promise.resolve(answer).then(compress) : answer;
      },
      hostname: config.host,
      port: config.port,
      serverOptions: { maxHeaderSize: maxHeaderSize(app.headerLimits) },
    },
    (info) => {
      const base = config.baseUrl ?? `http://${config.host}:${info.port}`;
      process.stdout.write(`FHIR base: ${base}/fhir\n`);
      if (config.sandbox) process.stdout.write(`\n${exampleCall(base)}\n`);
    },
  );
  server.on('error', (error: NodeJS.ErrnoException) => {
    stop(
      error.code === 'EADDRINUSE'
        ? `PORT ${config.port} is in use; choose another one.`
        : `HOST and PORT (${config.host}:${config.port}) cannot be listened on: ${error.code ?? error.name}.`,
    );
  });
  server.on('clientError', refuseUnreadable);
  const end = (): void => {
    clearInterval(timer);
    server.close(() => {
      database.close();
      process.exit(0);
    });
    setTimeout(() => process.exit(0), 3000).unref();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
};

const config = parseConfig(process.env);
if (!config.ok) stop(config.failure);
else {
  await start(config.value).catch((error: unknown) => {
    if (error instanceof SettingError) stop(error.message);
    throw error;
  });
}
