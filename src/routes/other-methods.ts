import type { Context, Hono } from 'hono';
import { failure } from '../failure.ts';
import { respondFailure } from '../http/answer.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';

/** Every method of a path that no route before has taken: 405 that names those it takes. */
export const refuseOtherMethods = (
  app: Hono,
  { stages }: Pick<Facade, 'stages'>,
  path: string,
  allow: readonly string[],
): void => {
  app.all(path, function otherMethods(context: Context) {
    const { how } = renderingOf(stages, context.req.raw, '');
    const text = `Here this server takes ${allow.join(', ')}.`;
    return respondFailure(failure('method-not-allowed', 'not-supported', text, { allow }), how);
  });
};
