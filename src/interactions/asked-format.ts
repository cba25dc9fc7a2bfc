import type { Failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { negotiate } from '../http/media-type.ts';
import { ok, type Result } from '../result.ts';
import type { Parameters } from './search-engine.ts';
import type { Server } from './server.ts';

/**
 * `_format` and `_pretty` of a POST _search may stand in its body, which is read when the call has arrived. Undefined:
 * they do not. Failure: `not-acceptable`.
 */
export const askedFormat = (
  { bodies }: Pick<Server, 'bodies'>,
  request: Request,
  parameters: Parameters,
): Result<Answer['asked'], Failure> => {
  const [said, pretty] = ['_format', '_pretty'].map((name) => parameters.find(([one]) => one === name)?.[1]);
  if (request.method !== 'POST' || (said ?? pretty) === undefined) return ok(undefined);
  const format = negotiate(request.headers.get('accept'), said ?? null, bodies.formats);
  return format.ok ? ok({ format: format.value, pretty: pretty === 'true' }) : format;
};

export const askedSo = (answer: Answer, asked: Answer['asked']): Answer =>
  asked === undefined ? answer : { ...answer, asked };
