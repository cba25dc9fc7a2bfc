import type { Context, Hono } from 'hono';
import { type Failure, failure } from '../failure.ts';
import { respondFailure } from '../http/answer.ts';
import { parseJson, readBody } from '../http/body.ts';
import type { SandboxHooks } from '../platform.ts';
import { fail, ok, type Result } from '../result.ts';
import { normalisePersonNumber } from '../systems/identifiers.ts';
import { REGION_ANSWERS } from './efrikort.ts';
import { resetStatements } from './reset.ts';
import type { Sandbox } from './sandbox.ts';
import { seedStatements } from './seed.ts';
import { TOKEN_FAULTS, type TokenFault } from './token.ts';

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** The systems that the contract names, built or not. */
const SYSTEMS: readonly string[] = ['helsenorge', 'helseid', 'brs', 'sts', 'fmk', 'efrikort'];

/** Bytes; the sandbox's own requests are small. */
const MAX_BODY = 65_536;

const CPR = 'urn:oid:1.2.208.176.1.2';

const PLAIN = {
  format: 'json',
  pretty: true,
  toXml: (text: string) => text,
  echo: {},
  withoutBody: false,
} as const;

const malformed = (diagnostics: string): Result<never, Failure> =>
  fail(failure('malformed', 'value', diagnostics));

const bodyOf = async (context: Context): Promise<Result<object, Failure>> => {
  const text = await readBody(context.req.raw, MAX_BODY);
  return text.ok ? parseJson(text.value) : text;
};

const member = (body: object, name: string): unknown =>
  Object.entries(body).find(([known]) => known === name)?.[1];

/**
 * The sandbox routes belong to whoever sits at this machine: a loopback Host and no proxy in between.
 * Elsewhere they need the key of SANDBOX_KEY in the header X-Sandbox-Key.
 */
const mayUse = (context: Context, key: string | undefined): boolean => {
  const header = (name: string) => context.req.header(name);
  const forwarded = [...context.req.raw.headers.keys()].some(
    (name) => name === 'forwarded' || name.startsWith('x-forwarded-'),
  );
  const host = header('host') ?? new URL(context.req.url).host;
  if (LOOPBACK.test(host) && !forwarded) return true;
  return key !== undefined && header('x-sandbox-key') === key;
};

export const mountSandbox = (app: Hono, sandbox: Sandbox, hooks: SandboxHooks): void => {
  const { config } = hooks;
  app.use('/sandbox/*', async (context, next) => {
    if (mayUse(context, config.sandboxKey)) return next();
    return respondFailure(
      failure(
        'forbidden',
        'security',
        'The sandbox routes answer on loopback only; elsewhere send the key of SANDBOX_KEY as X-Sandbox-Key.',
      ),
      PLAIN,
    );
  });

  const answer = async (
    context: Context,
    work: () => Promise<Result<unknown, Failure>>,
  ): Promise<Response> => {
    const result = await work();
    return result.ok ? context.json(result.value ?? {}) : respondFailure(result.failure, PLAIN);
  };

  app.post('/sandbox/token', (context) =>
    answer(context, async () => {
      const body = await bodyOf(context);
      if (!body.ok) return body;
      const { fault: asked, ...request } = body.value as { fault?: unknown };
      const fault = asked ?? (await sandbox.faults.take('nll'));
      if (fault !== undefined && !isTokenFault(fault)) {
        return malformed(`fault must be one of: ${TOKEN_FAULTS.join(', ')}.`);
      }
      return sandbox.issue(request, fault);
    }),
  );

  app.get('/sandbox/exchanges', async (context) => {
    const system = context.req.query('system');
    if (system !== undefined && !SYSTEMS.includes(system)) {
      return respondFailure(
        failure('malformed', 'value', `system must be one of ${SYSTEMS.join(', ')}.`),
        PLAIN,
      );
    }
    return context.json(await sandbox.exchanges.list(system));
  });

  app.post('/sandbox/faults', (context) =>
    answer(context, async () => {
      const body = await bodyOf(context);
      if (!body.ok) return body;
      const [system, kind, count = 1] = ['system', 'kind', 'count'].map((name) => member(body.value, name));
      if (typeof system !== 'string' || typeof kind !== 'string') {
        return malformed('Send {"system":"…","kind":"…","count":1}.');
      }
      if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > 10_000) {
        return malformed('count must be a whole number from 1 to 10000.');
      }
      const added = await sandbox.faults.add(system, kind, count);
      if (added.ok) return ok({ system, kind, count });
      const { known } = added.failure;
      return malformed(
        known.length === 0
          ? 'The system has no simulator here; helsenorge, helseid, sts, brs, fmk, efrikort and nll (the token issuer) have.'
          : `The kind is unknown for this system. Known are: ${known.join(', ')}.`,
      );
    }),
  );

  app.post('/sandbox/clock', (context) =>
    answer(context, async () => {
      const body = await bodyOf(context);
      if (!body.ok) return body;
      const now = member(body.value, 'now');
      const instant = typeof now === 'string' ? Date.parse(now) : Number.NaN;
      if (Number.isNaN(instant)) return malformed('Send {"now":"<instant>"}, such as 2026-03-03T07:00:00Z.');
      await sandbox.clock.set(instant);
      await sandbox.denmark.runJobs();
      await hooks.runJobs();
      return ok({ now: new Date(sandbox.clock.now()).toISOString() });
    }),
  );

  app.post('/sandbox/idcard', async (context) => {
    const body = await bodyOf(context);
    if (!body.ok) return respondFailure(body.failure, PLAIN);
    const [cpr, role = 'Apoteksansat'] = ['cpr', 'role'].map((name) => member(body.value, name));
    const person = typeof cpr === 'string' ? normalisePersonNumber(CPR, cpr) : undefined;
    if (person?.ok !== true || typeof role !== 'string' || role.trim() === '') {
      const how = 'Send {"cpr":"<CPR number of a test person>","role":"Apoteksansat"}.';
      return respondFailure(failure('malformed', 'value', how), PLAIN);
    }
    const card = await sandbox.denmark.idCard(person.value.value, role.trim());
    const wantsJson = context.req.header('accept')?.includes('json') === true;
    return wantsJson ? context.json({ idcard: card }) : context.text(card);
  });

  app.get('/sandbox/mails', async (context) => context.json(await sandbox.efrikort.mails()));

  app.post('/sandbox/mails/:messageId/answer', (context) =>
    answer(context, async () => {
      const body = await bodyOf(context);
      if (!body.ok) return body;
      const given = member(body.value, 'answer');
      const words = REGION_ANSWERS.find((known) => known === given);
      if (words === undefined) return malformed(`Send {"answer":"${REGION_ANSWERS.join('|')}"}.`);
      const messageId = context.req.param('messageId');
      if (!(await sandbox.efrikort.answer(messageId, words))) {
        const why = 'The mailbox holds no request with this Message-ID that a region would answer.';
        return fail(failure('not-found', 'not-found', why));
      }
      await hooks.receiveMail();
      return ok({ messageId, answer: words });
    }),
  );

  app.post('/sandbox/reset', (context) =>
    answer(context, async () => {
      await hooks.database.batch(resetStatements(hooks.fullText));
      await sandbox.reset();
      hooks.forget();
      await hooks.database.batch(seedStatements(hooks, sandbox.clock.now()));
      return ok({ reset: true });
    }),
  );
};

const isTokenFault = (value: unknown): value is TokenFault => TOKEN_FAULTS.some((known) => known === value);
