import type { Context, Hono } from 'hono';
import { type Failure, failure } from '../failure.ts';
import type { Ticket } from '../headers/explain.ts';
import { checkHeaderSizes } from '../headers/sizes.ts';
import { RULED_PATTERNS, type RuledPattern } from '../headers/table.ts';
import { respond, respondFailure } from '../http/answer.ts';
import { operationOutcome } from '../http/outcome.ts';
import { authenticate } from '../interactions/arrive.ts';
import { parseBody, readText } from '../interactions/body.ts';
import { type Facade, renderingOf, type Stages } from '../interactions/stages.ts';
import { fail, ok, type Result } from '../result.ts';
import type { CallerKind } from '../security/caller.ts';
import { refuseOtherMethods } from './other-methods.ts';

const CALLER_KINDS: readonly CallerKind[] = ['care', 'pharmacy', 'mediated', 'machine'];

/** What is asked for: in the URL, or in the Parameters of a POST. */
interface Asked {
  readonly pattern: RuledPattern;
  readonly kind: CallerKind | undefined;
}

type Names = Readonly<Record<string, string>>;

/** The text parameters of a Parameters resource; of any other body, none. */
const namesIn = (body: object): Names => {
  const list: unknown = 'parameter' in body ? body.parameter : undefined;
  const names: Record<string, string> = {};
  for (const one of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    if (typeof one !== 'object' || one === null || !('name' in one)) continue;
    const value: unknown = Object.entries(one).find(([name]) => /^value(String|Code)$/.test(name))?.[1];
    if (typeof one.name === 'string' && typeof value === 'string') names[one.name] = value;
  }
  return names;
};

const unknownValue = (name: string, known: readonly string[]): Failure =>
  failure('malformed', 'value', `${name} must be one of ${known.join(', ')}.`, {
    location: [`http.${name}`],
  });

/** Failure: 400 that lists the patterns, or the kinds of caller. */
const askedOf = (names: Names): Result<Asked, Failure> => {
  const pattern = RULED_PATTERNS.find((one) => one === names['pattern']);
  if (pattern === undefined) return fail(unknownValue('pattern', RULED_PATTERNS));
  const kind = CALLER_KINDS.find((one) => one === names['kind']);
  if (kind === undefined && names['kind'] !== undefined) return fail(unknownValue('kind', CALLER_KINDS));
  return ok({ pattern, kind });
};

/** The ticket is only looked at when one is shown; a refused one is a finding, not a refusal. */
const ticketOf = async (stages: Stages, request: Request): Promise<Ticket> => {
  const authorization = request.headers.get('authorization');
  if (authorization === null || authorization.trim() === '') return { state: 'none' };
  const identified = await authenticate(stages, request);
  return identified.ok
    ? { state: 'shown', caller: identified.value }
    : { state: 'refused', issues: identified.failure.issues };
};

/**
 * `$header-check`: what the rules of a pattern say of the headers of this very call, rule by rule. Discovery: it
 * asks for no token, and no header is a reason to refuse it.
 */
export const mountHeaderCheck = (app: Hono, { stages, server }: Facade): void => {
  const patientTypes = [...server.resources.values()]
    .filter(({ pattern }) => pattern === '2.2.2')
    .map(({ type }) => type);

  const parametersOf = async (request: Request, url: URL): Promise<Result<Names, Failure>> => {
    const inUrl = Object.fromEntries(url.searchParams);
    if (request.method !== 'POST' || inUrl['pattern'] !== undefined) return ok(inUrl);
    const body = await readText(server.bodies, request);
    if (!body.ok) return body;
    if (body.value.text.trim() === '') return ok(inUrl);
    const parsed = parseBody(server.bodies, body.value);
    return parsed.ok ? ok({ ...namesIn(parsed.value), ...inUrl }) : parsed;
  };

  const headerCheck = async (context: Context): Promise<Response> => {
    const request = context.req.raw;
    const url = new URL(request.url);
    const { how, refused } = renderingOf(stages, request, url.search);
    const names = await parametersOf(request, url);
    if (!names.ok) return respondFailure(names.failure, how);
    const asked = askedOf(names.value);
    if (!asked.ok) return respondFailure(asked.failure, how);
    const { pattern } = asked.value;
    const ticket: Ticket = pattern === '2.1' ? { state: 'none' } : await ticketOf(stages, request);
    // A module of its own: only who asks for the explanation waits for it.
    const { explainHeaders } = await import('../headers/explain.ts');
    const issues = explainHeaders({
      pattern,
      headers: request.headers,
      settings: stages.headers,
      ticket,
      kind: ticket.state === 'shown' ? ticket.caller.kind : asked.value.kind,
      accept: refused?.issues ?? [],
      sizes: checkHeaderSizes(request.headers, stages.headerLimits)?.issues ?? [],
      patientTypes,
    });
    // It depends on the headers of this call alone, so no cache may keep it.
    return respond({ kind: 'ok', json: JSON.stringify(operationOutcome(issues)), confidential: true }, how);
  };

  app.on(['GET', 'POST'], '/fhir/$header-check', headerCheck);
  refuseOtherMethods(app, { stages }, '/fhir/$header-check', ['GET', 'HEAD', 'POST']);
};
